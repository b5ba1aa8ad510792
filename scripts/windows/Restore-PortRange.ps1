#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Gives Windows back the range for its own TCP ports that Set-PortRange.ps1 found.

.EXAMPLE
.\Restore-PortRange.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$found = Get-Marker -Name 'port-range'
if ($found) {
    $null = Set-DynamicPortRange -Protocol tcp -Start $found.start -Count $found.count
    Remove-Marker -Name 'port-range'
}
