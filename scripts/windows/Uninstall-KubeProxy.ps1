#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes kube-proxy: service, load balancers in HNS, source address, configuration, log.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Uninstall-KubeProxy.ps1 -NetworkName vxlan0 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

# Without its template Watch-Flannel.ps1 does not bring kube-proxy back after this; if it is about to, that comes to its end first.
Remove-Present -Path 'C:\k\casement\kube-proxy.template.yaml'
$lock = Enter-Lock -Name 'kube-proxy'
try {
    $ours = $null -ne (Get-Marker -Name 'service-kube-proxy')
    Remove-NodeService -Name 'kube-proxy'
    if ($ours) {
        if (Test-ServiceRunning -Name 'hns') { Clear-HnsPolicyList }
        Remove-ServiceLog -Name 'kube-proxy' -LogFolder $LogFolder
    }
    Remove-SourceVip -NetworkName $NetworkName
    Remove-Present -Path 'C:\k\kube-proxy.yaml'
} finally {
    $lock.Dispose()
}
Remove-Present -Path 'C:\k\casement\state\kube-proxy.lock'
