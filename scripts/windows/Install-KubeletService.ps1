#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Registers kubelet as a service, and lays out what kubeadm needs to join with it.

.DESCRIPTION
The service is left to kubeadm to start: before the join kubelet has no configuration. Its command line is complete,
because kubeadm's own file of flags (kubeadm-flags.env) is not read by a Windows service.

.PARAMETER CommandLine
Command line of the service.

.PARAMETER KubeletPatch
What kubeadm lays over the KubeletConfiguration of the cluster, as YAML merge patch.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Install-KubeletService.ps1 -CommandLine 'C:\k\kubelet.exe --windows-service' -KubeletPatch 'cgroupsPerQOS: false' -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $CommandLine,
    [Parameter(Mandatory = $true)] [string] $KubeletPatch,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

Protect-Folder -Path @('C:\k', 'C:\etc\kubernetes', 'C:\var\lib\kubelet')
Add-LogFolder -Path $LogFolder
$null = New-Item -ItemType Directory -Force -Path 'C:\etc\kubernetes\manifests'
$null = Set-TextFile -Path 'C:\k\patches\kubeletconfiguration+merge.yaml' -Text $KubeletPatch
$changed = Set-NodeService -Name 'kubelet' -CommandLine $CommandLine -DependsOn 'containerd' -Description 'Kubernetes node agent'
if ($changed -and (Test-ServiceRunning -Name 'kubelet')) {
    $dependent = Test-ServiceRunning -Name 'kube-proxy'
    Stop-NodeService -Name 'kubelet'
    Start-NodeService -Name 'kubelet' -LogPath (Join-Path -Path $LogFolder -ChildPath 'kubelet.log')
    if ($dependent) { Start-NodeService -Name 'kube-proxy' -LogPath (Join-Path -Path $LogFolder -ChildPath 'kube-proxy.log') }
}
ConvertTo-PlainJson -InputObject ([ordered]@{ service = 'kubelet'; commandLine = $CommandLine; changed = $changed })
