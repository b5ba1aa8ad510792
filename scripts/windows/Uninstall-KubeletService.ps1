#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the service kubelet, its patch and its log, and takes it out of the order of shutting down.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Uninstall-KubeletService.ps1 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$controlKey = 'HKLM:\SYSTEM\CurrentControlSet\Control'
$ours = $null -ne (Get-Marker -Name 'service-kubelet')
Remove-NodeService -Name 'kubelet'
$before = Get-Marker -Name 'preshutdown-order'
if ($before) {
    $present = @(Get-RegistryValue -Key $controlKey -Name 'PreshutdownOrder')
    $kept = @($present | Where-Object { @($before.services) -contains $_ })
    if ($kept.Count -lt $present.Count) { $null = Set-RegistryList -Key $controlKey -Name 'PreshutdownOrder' -Value $kept }
    Remove-Marker -Name 'preshutdown-order'
}
if ($ours) {
    Remove-Present -Path @('C:\k\patches\kubeletconfiguration+merge.yaml', 'C:\etc\kubernetes', 'C:\var\lib\kubelet')
    Remove-ServiceLog -Name 'kubelet' -LogFolder $LogFolder
}
Remove-Empty -Path @('C:\k\patches', 'C:\etc\cni\net.d', 'C:\etc\cni', 'C:\etc', 'C:\var\lib', 'C:\var')
if (Get-Marker -Name 'service-kubelet') { throw 'Service kubelet is still there.' }
