<#
.SYNOPSIS
What this host remembers beyond a script and beyond a restart. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

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
    $null = New-Item -ItemType Directory -Force -Path "$script:Root\state"
    $null = Set-TextFile -Path "$script:Root\state\$Name.json" -Text (ConvertTo-PlainJson -InputObject $Value)
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
