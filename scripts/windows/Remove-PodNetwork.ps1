#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes HNS networks with all that hangs on them; run as a scheduled task, see Casement\NetworkRemoval.ps1.

.DESCRIPTION
In this order: load balancers, endpoints, network. Then the host gets back what the vSwitch had taken.

.PARAMETER NetworkName
Name of the HNS network; several are parted by commas.

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
    Removes the networks that are there; true when all are gone.
    #>
    [CmdletBinding()]
    param([string[]] $Name)
    $networks = @(Get-HnsNetwork | Where-Object { $Name -contains $_.Name })
    if ($networks.Count -eq 0) { return $true }
    Clear-HnsPolicyList
    foreach ($network in $networks) {
        foreach ($endpoint in @(Get-HnsEndpoint -NetworkId $network.ID)) { Remove-HnsEndpoint -Id $endpoint.ID }
        Remove-HnsNetwork -Id $network.ID
        Write-Log -Message "removed HNS network $($network.Name)"
    }
    return $false
}

Set-StepLog -Path 'C:\k\casement\log\Remove-PodNetwork.log'
try {
    # The SSH session that has started this task is to end before the adapter goes.
    Start-Sleep -Seconds 5
    $names = $NetworkName.Split(',')
    Wait-Condition -That "HNS network $NetworkName is gone" -Test { Remove-Network -Name $names } -TimeoutSeconds 300 -IntervalSeconds 2
    Restore-HostNetwork
} catch {
    Write-Log -Message "failed: $($_.Exception.Message)"
    exit 1
}
