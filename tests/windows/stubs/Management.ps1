<#
.SYNOPSIS
What Windows tells of itself (CIM), its features, and Windows Defender. Part of the module Stubs.
.DESCRIPTION
A row of table "cim" is one instance: ClassName, and the properties that scripts read.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-CimInstance {
    <#
    .SYNOPSIS
    Stub of Get-CimInstance; Filter compares one property.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $ClassName, [string] $Filter = '')
    if ($ClassName -eq 'Win32_Service') {
        $rows = @(Get-StubRow -Table 'services' | ForEach-Object {
                # A service that was started again has another process.
                $process = $(if ($_.State -eq 'Running') { 1000 + [int]$_.Starts } else { 0 })
                [pscustomobject]@{
                    Name = $_.Name; DisplayName = $_.DisplayName; PathName = $_.PathName; State = $_.State; StartMode = $_.StartMode
                    ProcessId = $process; StartName = 'LocalSystem'; ExitCode = 0; ClassName = 'Win32_Service'
                }
            })
    } else {
        $rows = @(Get-StubRow -Table 'cim' -Property 'ClassName' -Value $ClassName)
        if ($rows.Count -eq 0) { throw "Invalid class $ClassName (the stubs have no rows of it)" }
    }
    if (-not $Filter) {
        $found = $rows
    } elseif ($Filter -match "^\s*(\w+)\s*=\s*'?([^']*)'?\s*$") {
        $property, $wanted = $Matches[1], $Matches[2]
        $found = @($rows | Where-Object { [string]$_.$property -eq $wanted })
    } else {
        throw "The stubs cannot read the filter $Filter"
    }
    foreach ($row in $found) {
        if ($row.PSObject.Properties['LastBootUpTime']) { $row.LastBootUpTime = [datetime]$row.LastBootUpTime }
        $row
    }
}

function Invoke-CimMethod {
    <#
    .SYNOPSIS
    Stub of Invoke-CimMethod for Win32_Service.Change.
    #>
    [CmdletBinding()]
    param([object] $InputObject, [string] $MethodName, [hashtable] $Arguments = @{})
    if (($InputObject.ClassName -ne 'Win32_Service') -or ($MethodName -ne 'Change')) { throw "The stubs have no method $MethodName" }
    $row = Find-StubService -Name $InputObject.Name
    foreach ($key in @($Arguments.Keys)) { $row.$key = $Arguments[$key] }
    Set-StubRow -Table 'services' -Row $row
    return [pscustomobject]@{ ReturnValue = 0 }
}

function Get-WindowsFeature {
    <#
    .SYNOPSIS
    Stub of Get-WindowsFeature.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Name)
    foreach ($one in $Name) { Get-StubRow -Table 'features' -Value $one }
}

function Set-StubFeature {
    <#
    .SYNOPSIS
    Notes what a feature will be after the next restart.
    #>
    [CmdletBinding()]
    param([string] $Name, [string] $Unless, [string] $Pending)
    $row = @(Get-StubRow -Table 'features' -Value $Name)[0]
    $changed = @($Unless, $Pending) -notcontains $row.InstallState
    if ($changed) {
        $row.InstallState = $Pending
        Set-StubRow -Table 'features' -Row $row
    }
    return [pscustomobject]@{ Success = $true; RestartNeeded = $(if ($changed) { 'Yes' } else { 'No' }); ExitCode = 'Success' }
}

function Install-WindowsFeature {
    <#
    .SYNOPSIS
    Stub of Install-WindowsFeature: installed after a restart.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    return Set-StubFeature -Name $Name -Unless 'Installed' -Pending 'InstallPending'
}

function Uninstall-WindowsFeature {
    <#
    .SYNOPSIS
    Stub of Uninstall-WindowsFeature: gone after a restart.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    return Set-StubFeature -Name $Name -Unless 'Available' -Pending 'UninstallPending'
}

function Get-MpPreference {
    <#
    .SYNOPSIS
    Stub of Get-MpPreference; where nothing is excluded the properties are null, as on Windows.
    #>
    [CmdletBinding()]
    param()
    $preference = @{ ExclusionPath = $null; ExclusionProcess = $null }
    foreach ($kind in @('ExclusionPath', 'ExclusionProcess')) {
        $values = @(Get-StubRow -Table 'defender' -Property 'Kind' -Value $kind | ForEach-Object { $_.Value })
        if ($values.Count -gt 0) { $preference[$kind] = $values }
    }
    return [pscustomobject]$preference
}

function Add-MpPreference {
    <#
    .SYNOPSIS
    Stub of Add-MpPreference.
    #>
    [CmdletBinding()]
    param([string[]] $ExclusionPath = @(), [string[]] $ExclusionProcess = @())
    $wanted = @{ ExclusionPath = $ExclusionPath; ExclusionProcess = $ExclusionProcess }
    foreach ($kind in @('ExclusionPath', 'ExclusionProcess')) {
        foreach ($one in $wanted[$kind]) { Set-StubRow -Table 'defender' -Row ([pscustomobject]@{ Name = "$kind $one"; Kind = $kind; Value = $one }) }
    }
}

function Remove-MpPreference {
    <#
    .SYNOPSIS
    Stub of Remove-MpPreference.
    #>
    [CmdletBinding()]
    param([string[]] $ExclusionPath = @(), [string[]] $ExclusionProcess = @())
    foreach ($one in $ExclusionPath) { Remove-StubRow -Table 'defender' -Name "ExclusionPath $one" }
    foreach ($one in $ExclusionProcess) { Remove-StubRow -Table 'defender' -Name "ExclusionProcess $one" }
}
