#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Gives Windows Update back the policy that it had before Set-UpdatePolicy.ps1.

.EXAMPLE
.\Restore-UpdatePolicy.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$key = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
$before = Get-Marker -Name 'update-policy'
if ($before) {
    foreach ($name in @('NoAutoUpdate', 'AUOptions')) {
        $former = $before.values.PSObject.Properties[$name]
        if ($former) {
            $null = Set-RegistryNumber -Key $key -Name $name -Value $former.Value
        } elseif ($null -ne (Get-RegistryValue -Key $key -Name $name)) {
            Remove-ItemProperty -Path $key -Name $name
        }
    }
    if ((-not $before.keyWasThere) -and (Test-Path -Path $key)) { Remove-Item -Path $key -Recurse -Force }
    Remove-Marker -Name 'update-policy'
}
