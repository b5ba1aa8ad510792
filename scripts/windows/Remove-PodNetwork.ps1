#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes flannel's HNS network with all that hangs on it; run as a scheduled task by Stop-Flannel.ps1.

.DESCRIPTION
In this order: load balancers, endpoints, network. Then the host gets back what the vSwitch had taken.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.EXAMPLE
.\Remove-PodNetwork.ps1 -NetworkName vxlan0
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NetworkName
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Remove-Network {
    <#
    .SYNOPSIS
    Removes the network if it is there; true when it is gone.
    #>
    [CmdletBinding()]
    param()
    $network = Get-PodNetwork -NetworkName $NetworkName
    if (-not $network) { return $true }
    Clear-HnsPolicyList
    foreach ($endpoint in @(Get-HnsEndpoint -NetworkId $network.Id)) { Remove-HnsEndpoint -Id $endpoint.ID }
    Remove-HnsNetwork -Id $network.Id
    Write-Log -Message "removed HNS network $NetworkName"
    return $null -eq (Get-PodNetwork -NetworkName $NetworkName)
}

Set-StepLog -Path 'C:\k\casement\log\Remove-PodNetwork.log'
try {
    # The SSH session that has started this task is to end before the adapter goes.
    Start-Sleep -Seconds 5
    Wait-Condition -That "HNS network $NetworkName is gone" -Test { Remove-Network } -TimeoutSeconds 300 -IntervalSeconds 5
    Restore-HostNetwork
} catch {
    Write-Log -Message "failed: $($_.Exception.Message)"
    exit 1
}
