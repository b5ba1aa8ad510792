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

$rules = @(
    @{ Name = 'casement-kubelet'; Protocol = 'TCP'; LocalPort = 10250 },
    @{ Name = 'casement-vxlan'; Protocol = 'UDP'; LocalPort = $VxlanPort }
)
foreach ($rule in $rules) {
    $arguments = @{
        Name = $rule.Name; Protocol = $rule.Protocol; LocalPort = $rule.LocalPort; RemoteAddress = $NodeCidrs
        Direction = 'Inbound'; Action = 'Allow'; Enabled = 'True'; Profile = 'Any'
    }
    # Set as a whole each time: Windows keeps ranges in another notation than it was given, so they do not compare.
    if (Get-NetFirewallRule -Name $rule.Name -ErrorAction SilentlyContinue) {
        Set-NetFirewallRule @arguments
    } else {
        $null = New-NetFirewallRule @arguments -DisplayName $rule.Name
        Write-Log -Message "opened $($rule.Protocol) $($rule.LocalPort) to $($NodeCidrs -join ', ')"
    }
    if ([string](Get-NetFirewallRule -Name $rule.Name).Enabled -ne 'True') { throw "Firewall rule $($rule.Name) is not in force." }
}
