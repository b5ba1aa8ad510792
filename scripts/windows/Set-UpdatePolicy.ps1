#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Keeps Windows from installing updates, and restarting for them, by itself.

.DESCRIPTION
Sets the local policy "Configure Automatic Updates" so that an administrator decides when a node is drained, updated and
restarted. What stood there before is kept as marker update-policy; Restore-UpdatePolicy.ps1 gives it back. A policy of the
domain goes over this one, and is not touched.

.EXAMPLE
.\Set-UpdatePolicy.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$key = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
$wanted = [ordered]@{ NoAutoUpdate = 1; AUOptions = 2 }

if (-not (Get-Marker -Name 'update-policy')) {
    $before = [ordered]@{}
    foreach ($name in $wanted.Keys) {
        $value = Get-RegistryValue -Key $key -Name $name
        if ($null -ne $value) { $before[$name] = [int]$value }
    }
    Set-Marker -Name 'update-policy' -Value @{ keyWasThere = (Test-Path -Path $key); values = $before }
}
$changed = $false
foreach ($name in $wanted.Keys) {
    if (Set-RegistryNumber -Key $key -Name $name -Value $wanted[$name]) { $changed = $true }
}
if ($changed) { Write-Log -Message 'Windows installs updates only when an administrator does' }
foreach ($name in $wanted.Keys) {
    if ((Get-RegistryValue -Key $key -Name $name) -ne $wanted[$name]) { throw "Policy $name did not take." }
}
ConvertTo-PlainJson -InputObject ([ordered]@{ automaticUpdates = $false; changed = $changed })
