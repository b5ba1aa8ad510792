#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Stops kubelet, flannel and all pods, and has the HNS network removed in the background.

.DESCRIPTION
Removing the network gives the adapter back and drops this connection. So a task of its own does it, some seconds later;
Uninstall-Flannel.ps1 proves that it is done.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.EXAMPLE
.\Stop-Flannel.ps1 -NetworkName vxlan0 -CriEndpoint npipe:////./pipe/containerd-containerd
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-flannel'
foreach ($name in @('kube-proxy', 'kubelet')) { Stop-NodeService -Name $name }
if (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue) {
    # Disabled too, so that a restart in the middle of this does not bring it back.
    $null = Disable-ScheduledTask -TaskName $task
    Stop-ScheduledTask -TaskName $task
}
Stop-Program -Name 'flanneld'
Remove-AllPod -CriEndpoint $CriEndpoint

$network = $null
if (Test-ServiceRunning -Name 'hns') { $network = Get-PodNetwork -NetworkName $NetworkName }
if ($network) { Start-NetworkRemoval -NetworkName $NetworkName -FilePath 'C:\k\casement\flannel\Remove-PodNetwork.ps1' }
