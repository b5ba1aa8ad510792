#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Turns checksum offload on again where Disable-ChecksumOffload.ps1 turned it off.

.EXAMPLE
.\Restore-ChecksumOffload.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$found = Get-Marker -Name 'checksum-offload'
if ($found) {
    Enable-NetAdapterChecksumOffload -Name $found.interfaceName
    Remove-Marker -Name 'checksum-offload'
}
