<#
.SYNOPSIS
Scheduled tasks that run a script of ours as SYSTEM. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:PowerShellOptions = '-NoProfile -NonInteractive -ExecutionPolicy Bypass -File'

function Set-StartupTask {
    <#
    .SYNOPSIS
    Makes a task exist that runs this script at each start of Windows, without end; returns whether that was a change.
    Nothing is on record of a Temporary one.
    .PARAMETER Script
    Path of the script and its arguments.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $Script,
        [switch] $Temporary
    )
    if (-not $Temporary) { Add-Fact -Kind task -Name $Name }
    if ((Get-TaskFact -Name $Name) -ceq "enabled powershell.exe $script:PowerShellOptions $Script") { return $false }
    if (-not $Temporary) { Add-Change }
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument "$script:PowerShellOptions $Script"
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount -RunLevel Highest
    # By default a task has a low priority, ends after three days, and when the host goes on battery.
    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([timespan]::Zero) -RestartCount 999 `
        -RestartInterval ([timespan]::FromMinutes(1)) -MultipleInstances IgnoreNew -Priority 4 `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    $null = Register-ScheduledTask -TaskName $Name -Action $action -Trigger $trigger -Principal $principal `
        -Settings $settings -Force
    return $true
}

function Start-OneTimeTask {
    <#
    .SYNOPSIS
    Runs this script once, now, in a process that outlives this connection; ten minutes at most.
    .PARAMETER Script
    Path of the script and its arguments.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $Script)
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument "$script:PowerShellOptions $Script"
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount -RunLevel Highest
    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([timespan]::FromMinutes(10)) -MultipleInstances IgnoreNew `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    $null = Register-ScheduledTask -TaskName $Name -Action $action -Principal $principal -Settings $settings -Force
    Start-ScheduledTask -TaskName $Name
}

function Get-TaskFact {
    <#
    .SYNOPSIS
    Whether the task is enabled, and what it runs, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $task = Get-ScheduledTask -TaskName $Name -ErrorAction SilentlyContinue
    if (-not $task) { return }
    $state = 'enabled'
    if ([string]$task.State -eq 'Disabled') { $state = 'disabled' }
    $action = @($task.Actions)[0]
    return "$state $($action.Execute) $($action.Arguments)"
}

function Remove-NodeTask {
    <#
    .SYNOPSIS
    Stops and removes a scheduled task of ours, if it is there.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    if (-not (Get-ScheduledTask -TaskName $Name -ErrorAction SilentlyContinue)) { return }
    Stop-ScheduledTask -TaskName $Name
    Unregister-ScheduledTask -TaskName $Name -Confirm:$false
}
