<#
.SYNOPSIS
What this host remembers beyond a script and beyond a restart. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:StepName = ''
$script:ChangeUnfinished = $false

function Get-BootId {
    <#
    .SYNOPSIS
    What differs from one boot to the next: the counter that kubelet reports, which no clock can move.
    #>
    [CmdletBinding()]
    param()
    $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters'
    $values = Get-ItemProperty -Path $key -ErrorAction SilentlyContinue
    if ($values -and $values.PSObject.Properties['BootId']) { return [string]$values.BootId }
    return (Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString('o')
}

function Test-StepRunning {
    <#
    .SYNOPSIS
    Whether a step runs on this host now.
    #>
    [CmdletBinding()]
    param()
    $lock = "$script:Root\state\step.lock"
    if (-not (Test-Path -LiteralPath $lock)) { return $false }
    try {
        [System.IO.File]::Open($lock, 'OpenOrCreate', 'ReadWrite', 'None').Dispose()
        return $false
    } catch [System.IO.IOException] {
        return $true
    }
}

function Enter-Lock {
    <#
    .SYNOPSIS
    Waits until no other process is in what this name stands for; returns what keeps others out until it is disposed of.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [int] $TimeoutSeconds = 180)
    $null = New-Item -ItemType Directory -Force -Path "$script:Root\state"
    $path = "$script:Root\state\$Name.lock"
    $held = @{}
    Wait-Condition -That "no other process holds $path" -TimeoutSeconds $TimeoutSeconds -IntervalSeconds 1 -Test {
        $held['file'] = [System.IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'None')
        $true
    }
    return $held['file']
}

function Get-Marker {
    <#
    .SYNOPSIS
    What Set-Marker kept under this name, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $path = "$script:Root\state\$Name.json"
    if (-not (Test-Path -LiteralPath $path)) { return $null }
    return ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($path))
}

function Set-Marker {
    <#
    .SYNOPSIS
    Keeps a few values, never secret ones, beyond this script and beyond a restart.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [object] $Value)
    Write-TextFile -Path "$script:Root\state\$Name.json" -Text (ConvertTo-PlainJson -InputObject $Value)
}

function Remove-Marker {
    <#
    .SYNOPSIS
    Forgets what Set-Marker kept under this name.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    Remove-Present -Path "$script:Root\state\$Name.json"
}

function Set-StepName {
    <#
    .SYNOPSIS
    From now on changes are kept in mind as those of this step, until Remove-Change.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $script:StepName = $Name
    $script:ChangeUnfinished = $null -ne (Get-Marker -Name "changed-$Name")
}

function Add-Change {
    <#
    .SYNOPSIS
    Keeps in mind that the step changes something, until it has come to its end: what depends on that (a service to be
    restarted) is otherwise forgotten when the step is cut off in between.
    #>
    [CmdletBinding()]
    param()
    if (-not $script:StepName) { return }
    $marker = "changed-$script:StepName"
    if (-not (Get-Marker -Name $marker)) { Set-Marker -Name $marker -Value @{ boot = (Get-BootId) } }
}

function Remove-Change {
    <#
    .SYNOPSIS
    The step has come to its end: what depends on its changes is done.
    #>
    [CmdletBinding()]
    param()
    if ($script:StepName) { Remove-Marker -Name "changed-$script:StepName" }
}

function Test-UnfinishedChange {
    <#
    .SYNOPSIS
    Whether an earlier run of the step has changed something and did not come to its end.
    #>
    [CmdletBinding()]
    param()
    return $script:ChangeUnfinished
}
