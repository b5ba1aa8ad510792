#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Registers kubelet as a service, and lays out what kubeadm needs to join with it.

.DESCRIPTION
The service is left to kubeadm to start: before the join kubelet has no configuration. Its command line is complete,
because kubeadm's own file of flags (kubeadm-flags.env) is not read by a Windows service. At its start kubelet puts itself
into the order in which Windows shuts services down, so that pods end before their runtime does; the order there was is
noted, to be put back.

.PARAMETER CommandLine
Command line of the service.

.PARAMETER KubeletPatch
What kubeadm lays over the KubeletConfiguration of the cluster, as YAML merge patch.

.PARAMETER RuntimeService
Service of the container runtime, which kubelet starts after.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Install-KubeletService.ps1 -CommandLine 'C:\k\kubelet.exe --windows-service' -KubeletPatch 'cgroupsPerQOS: false' -RuntimeService containerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $CommandLine,
    [Parameter(Mandatory = $true)] [string] $KubeletPatch,
    [Parameter(Mandatory = $true)] [string] $RuntimeService,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$controlKey = 'HKLM:\SYSTEM\CurrentControlSet\Control'

if (-not (Get-Marker -Name 'preshutdown-order')) {
    Set-Marker -Name 'preshutdown-order' -Value @{ services = @(Get-RegistryValue -Key $controlKey -Name 'PreshutdownOrder') }
}
Protect-Folder -Path @('C:\k', 'C:\etc\kubernetes')
Protect-Folder -Path 'C:\var\lib\kubelet' -Readable
Add-LogFolder -Path $LogFolder
$null = New-Item -ItemType Directory -Force -Path 'C:\etc\kubernetes\manifests'
$null = Set-TextFile -Path 'C:\k\patches\kubeletconfiguration+merge.yaml' -Text $KubeletPatch
$changed = Set-NodeService -Name 'kubelet' -CommandLine $CommandLine -DependsOn $RuntimeService `
    -Description 'Kubernetes node agent'
if (($changed -or (Test-UnfinishedChange)) -and (Test-ServiceRunning -Name 'kubelet')) {
    $dependent = Test-ServiceRunning -Name 'kube-proxy'
    Stop-NodeService -Name 'kubelet'
    Start-NodeService -Name 'kubelet' -LogPath (Join-Path -Path $LogFolder -ChildPath 'kubelet.log')
    if ($dependent) { Start-NodeService -Name 'kube-proxy' -LogPath (Join-Path -Path $LogFolder -ChildPath 'kube-proxy.log') }
}
ConvertTo-PlainJson -InputObject ([ordered]@{ service = 'kubelet'; commandLine = $CommandLine; changed = $changed })
