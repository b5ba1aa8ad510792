#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Takes back whatever a step has left that did not come to its end.

.DESCRIPTION
Takes back Test-Host.ps1, which changes nothing: so it is the last of all. A step that was interrupted is not known to
have been there, and its own undo is never called. Of a step that ended well, its undo has been here, and nothing is found.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Restore-Host.ps1 -NetworkName vxlan0 -CriEndpoint npipe:////./pipe/containerd-containerd -LogFolder C:\k
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

$given = @{ NetworkName = $NetworkName; CriEndpoint = $CriEndpoint; LogFolder = $LogFolder }
$undoing = @(
    'Uninstall-KubeProxy.ps1', 'Uninstall-Flannel.ps1', 'Reset-Node.ps1', 'Uninstall-KubeletService.ps1',
    'Close-Firewall.ps1', 'Stop-UnderlayAnswer.ps1', 'Uninstall-CriDockerd.ps1', 'Uninstall-NodeBinaries.ps1',
    'Uninstall-Docker.ps1', 'Uninstall-Containerd.ps1', 'Restore-ChecksumOffload.ps1', 'Restore-PortRange.ps1',
    'Uninstall-CaCertificate.ps1', 'Uninstall-ContainersFeature.ps1', 'Restore-UpdatePolicy.ps1'
)
foreach ($name in $undoing) {
    $path = Join-Path -Path $PSScriptRoot -ChildPath $name
    $declared = (Get-Command -Name $path).Parameters
    $parameters = @{}
    foreach ($key in @($given.Keys)) {
        if ($declared.ContainsKey($key)) { $parameters[$key] = $given[$key] }
    }
    $null = & $path @parameters
}
foreach ($record in @(Get-ChildItem -Path 'C:\k\casement\state' -Filter 'step-*.json')) { Remove-Present -Path $record.FullName }
Remove-Present -Path @('C:\k\casement\credential', 'C:\k\casement\credential.new')
Remove-LogFolder
Remove-Empty -Path @('C:\etc\kubernetes', 'C:\etc', 'C:\var\lib\kubelet', 'C:\var\lib\cni', 'C:\var\lib', 'C:\var', 'C:\opt')
