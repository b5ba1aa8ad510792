<#
.SYNOPSIS
Scheduled tasks. Part of the module Stubs.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function New-ScheduledTaskAction {
    <#
    .SYNOPSIS
    Stub of New-ScheduledTaskAction.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Execute, [string] $Argument = '')
    return [pscustomobject]@{ Execute = $Execute; Arguments = $Argument }
}

function New-ScheduledTaskTrigger {
    <#
    .SYNOPSIS
    Stub of New-ScheduledTaskTrigger.
    #>
    [CmdletBinding()]
    param([switch] $AtStartup)
    return [pscustomobject]@{ AtStartup = [bool]$AtStartup }
}

function New-ScheduledTaskPrincipal {
    <#
    .SYNOPSIS
    Stub of New-ScheduledTaskPrincipal.
    #>
    [CmdletBinding()]
    param([string] $UserId, [string] $LogonType = '', [string] $RunLevel = 'Limited')
    return [pscustomobject]@{ UserId = $UserId; LogonType = $LogonType; RunLevel = $RunLevel }
}

function New-ScheduledTaskSettingsSet {
    <#
    .SYNOPSIS
    Stub of New-ScheduledTaskSettingsSet.
    #>
    [CmdletBinding()]
    param(
        [timespan] $ExecutionTimeLimit = [timespan]::FromDays(3), [int] $RestartCount = 0, [timespan] $RestartInterval = [timespan]::Zero,
        [string] $MultipleInstances = 'IgnoreNew', [int] $Priority = 7, [switch] $AllowStartIfOnBatteries, [switch] $DontStopIfGoingOnBatteries
    )
    return [pscustomobject]@{
        LimitSeconds = [int]$ExecutionTimeLimit.TotalSeconds; RestartCount = $RestartCount
        RestartSeconds = [int]$RestartInterval.TotalSeconds; MultipleInstances = $MultipleInstances; Priority = $Priority
        AllowStartIfOnBatteries = [bool]$AllowStartIfOnBatteries; DontStopIfGoingOnBatteries = [bool]$DontStopIfGoingOnBatteries
    }
}

function Get-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Get-ScheduledTask.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName)
    Select-StubRow -Table 'tasks' -Having @{ Name = $TaskName }
}

function Register-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Register-ScheduledTask; an instance that runs goes on.
    #>
    [CmdletBinding()]
    param([string] $TaskName, [object] $Action, [object] $Trigger, [object] $Principal, [object] $Settings, [switch] $Force)
    $present = @(Get-StubRow -Table 'tasks' -Value $TaskName)
    if (($present.Count -gt 0) -and (-not $Force)) {
        Write-Error -Message 'Cannot create a file when that file already exists.' -Category ResourceExists
        return
    }
    $row = [pscustomobject]@{
        Name = $TaskName; TaskName = $TaskName; State = $(if ($present.Count -gt 0) { $present[0].State } else { 'Ready' }); Actions = @($Action)
        AtStartup = ($null -ne $Trigger); UserId = $Principal.UserId; RunLevel = $Principal.RunLevel; Settings = $Settings; Starts = 0
    }
    Set-StubRow -Table 'tasks' -Row $row
    return $row
}

function Set-StubTaskState {
    <#
    .SYNOPSIS
    Changes a task's state; an error where there is no such task.
    #>
    [CmdletBinding()]
    param([string] $TaskName, [string] $State)
    $row = Get-ScheduledTask -TaskName $TaskName
    if (-not $row) { return }
    if (($State -eq 'Running') -and ($row.State -eq 'Disabled')) { throw "The task $TaskName is disabled." }
    if (($State -eq 'Running') -and ($row.State -ne 'Running')) { $row.Starts = $row.Starts + 1 }
    $row.State = $State
    Set-StubRow -Table 'tasks' -Row $row
}

function Start-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Start-ScheduledTask.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName)
    Set-StubTaskState -TaskName $TaskName -State 'Running'
}

function Stop-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Stop-ScheduledTask: one that is disabled stays so.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName)
    $row = Get-ScheduledTask -TaskName $TaskName
    if ($row -and ($row.State -eq 'Running')) { Set-StubTaskState -TaskName $TaskName -State 'Ready' }
}

function Enable-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Enable-ScheduledTask.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName)
    Set-StubTaskState -TaskName $TaskName -State 'Ready'
    return Get-ScheduledTask -TaskName $TaskName
}

function Disable-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Disable-ScheduledTask.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName)
    Set-StubTaskState -TaskName $TaskName -State 'Disabled'
    return Get-ScheduledTask -TaskName $TaskName
}

function Unregister-ScheduledTask {
    <#
    .SYNOPSIS
    Stub of Unregister-ScheduledTask, which asks unless it is told not to.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $TaskName, [switch] $Confirm)
    if ((-not $PSBoundParameters.ContainsKey('Confirm')) -or $Confirm) { throw 'Nobody is there to confirm: use -Confirm:$false.' }
    if (Get-ScheduledTask -TaskName $TaskName) { Remove-StubRow -Table 'tasks' -Name $TaskName }
}

function Complete-StubTask {
    <#
    .SYNOPSIS
    Lets a running task that removes the pod network come to its end.
    #>
    [CmdletBinding()]
    param()
    foreach ($task in @(Get-StubRow -Table 'tasks' -Property 'State' -Value 'Running')) {
        if (-not ([string]@($task.Actions)[0].Arguments).Contains('Remove-PodNetwork.ps1')) { continue }
        foreach ($table in @('hnsPolicies', 'hnsEndpoints', 'hnsNetworks')) { Save-StubTable -Table $table -Rows @() }
        Set-StubTaskState -TaskName $task.Name -State 'Ready'
    }
}
