#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the programs that Install-NodeBinaries.ps1 installed, and C:\k from the PATH.

.EXAMPLE
.\Uninstall-NodeBinaries.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

Remove-Exchange
$installed = Get-Marker -Name 'programs'
if ($installed) {
    foreach ($name in @($installed.names)) { Uninstall-Archive -Name $name }
    Remove-MachinePath -Folder 'C:\k'
    Remove-Marker -Name 'programs'
}
Remove-Empty -Path @('C:\opt\cni\bin', 'C:\opt\cni', 'C:\opt')
