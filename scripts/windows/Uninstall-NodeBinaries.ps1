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

$environmentKey = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
$installed = Get-Marker -Name 'programs'
if ($installed) {
    foreach ($path in @($installed.paths)) {
        Remove-Present -Path $path
        $leaf = Split-Path -Path $path -Leaf
        $folder = Split-Path -Path $path -Parent
        foreach ($old in @(Get-ChildItem -Path $folder -Filter "$leaf.old-*" -Force -ErrorAction SilentlyContinue)) {
            Remove-Present -Path $old.FullName
        }
    }
    $present = (Get-Item -Path $environmentKey).GetValue('Path', '', 'DoNotExpandEnvironmentNames')
    $kept = @($present -split ';' | Where-Object { $_ -ne 'C:\k' }) -join ';'
    if ($kept -cne $present) {
        $null = New-ItemProperty -Path $environmentKey -Name 'Path' -Value $kept -PropertyType ExpandString -Force
    }
    Remove-Marker -Name 'programs'
}
Uninstall-Archive -Name 'cni-plugins'
Remove-Empty -Path @('C:\opt\cni\bin', 'C:\opt\cni', 'C:\opt')
