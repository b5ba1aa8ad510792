#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Lets the nodes, and nobody else, reach kubelet (TCP 10250) and VXLAN (UDP) on this host.

.PARAMETER NodeCidrs
Ranges that all nodes lie in.

.PARAMETER VxlanPort
UDP port of VXLAN.

.EXAMPLE
.\Open-Firewall.ps1 -NodeCidrs 10.0.0.0/24 -VxlanPort 4789
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $NodeCidrs,
    [Parameter(Mandatory = $true)] [int] $VxlanPort
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

Set-FirewallRule -Name 'casement-kubelet' -Protocol 'TCP' -Port 10250 -From $NodeCidrs
Set-FirewallRule -Name 'casement-vxlan' -Protocol 'UDP' -Port $VxlanPort -From $NodeCidrs
