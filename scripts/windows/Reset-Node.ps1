#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Takes the membership in the cluster away from this host: kubelet, pods, credentials.

.DESCRIPTION
The Node object is not its business. The service kubelet stays registered, stopped.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.EXAMPLE
.\Reset-Node.ps1 -CriEndpoint npipe:////./pipe/containerd-containerd
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $CriEndpoint
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

foreach ($name in @('kube-proxy', 'kubelet')) { Stop-NodeService -Name $name }
Remove-AllPod -CriEndpoint $CriEndpoint
if (Test-Path -LiteralPath 'C:\k\kubeadm.exe') {
    Push-Location -Path 'C:\'
    try {
        $arguments = @('reset', '--force', '--cri-socket', $CriEndpoint)
        $reset = Invoke-Native -FilePath 'C:\k\kubeadm.exe' -ArgumentList $arguments -AnyCode -Show
        if ($reset.ExitCode -ne 0) { Write-Log -Message 'kubeadm reset ended with an error; what it has left is removed now' }
    } finally {
        Pop-Location
    }
}
# What kubeadm reset leaves when it is cut off, or was never able to start. The folders themselves keep their rights.
foreach ($folder in @('C:\etc\kubernetes', 'C:\var\lib\kubelet')) {
    if (-not (Test-Path -LiteralPath $folder)) { continue }
    foreach ($item in @(Get-ChildItem -Path $folder -Force)) { Remove-Present -Path $item.FullName }
}
# kubelet and the CNI plug-ins make these by themselves.
Remove-Present -Path @(
    'C:\usr\libexec\kubernetes', 'C:\var\log\pods', 'C:\var\log\containers', 'C:\var\lib\cni\flannel', 'C:\var\lib\cni\results'
)
Remove-Empty -Path @('C:\usr\libexec', 'C:\usr', 'C:\var\log', 'C:\var\lib\cni', 'C:\var\lib', 'C:\var')
Remove-Marker -Name 'joined'
if (Test-Path -LiteralPath 'C:\etc\kubernetes\kubelet.conf') { throw 'The credential of the node is still there.' }
