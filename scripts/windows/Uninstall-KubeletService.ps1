#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the service kubelet, its patch and its log.

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

$ours = $null -ne (Get-Marker -Name 'service-kubelet')
Remove-NodeService -Name 'kubelet'
if ($ours) {
    Remove-Present -Path @('C:\k\patches\kubeletconfiguration+merge.yaml', 'C:\etc\kubernetes', 'C:\var\lib\kubelet')
    Remove-ServiceLog -Name 'kubelet' -LogFolder $LogFolder
}
Remove-Empty -Path @('C:\k\patches', 'C:\etc\cni\net.d', 'C:\etc\cni', 'C:\etc', 'C:\var\lib', 'C:\var')
if (Get-Marker -Name 'service-kubelet') { throw 'Service kubelet is still there.' }
