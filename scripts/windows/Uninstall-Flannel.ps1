#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes what Install-Flannel.ps1 laid out, once the network is gone.

.DESCRIPTION
Stop-Flannel.ps1 has the network removed in the background. It is run once more, for the case that flannel was started by
a step that did not live to be recorded; then this script waits until the network is gone.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Uninstall-Flannel.ps1 -NetworkName vxlan0 -CriEndpoint npipe:////./pipe/containerd-containerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

& (Join-Path -Path $PSScriptRoot -ChildPath 'Stop-Flannel.ps1') -NetworkName $NetworkName -CriEndpoint $CriEndpoint
Wait-NetworkRemoval -NetworkName $NetworkName
Remove-NodeTask -Name 'casement-flannel'
Remove-Present -Path @(
    'C:\etc\kube-flannel', 'C:\etc\cni\net.d\10-flannel.conflist', 'C:\run\flannel',
    "C:\var\lib\cni\networks\$NetworkName", 'C:\k\casement\flannel'
)
Remove-ServiceLog -Name 'flanneld' -LogFolder $LogFolder
Remove-Empty -Path @('C:\run', 'C:\var\lib\cni\networks', 'C:\var\lib\cni')
foreach ($name in @('host-network', 'pod-network')) { Remove-Marker -Name $name }
