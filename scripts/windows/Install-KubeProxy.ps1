#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Runs kube-proxy as a service on the network that flannel made.

.DESCRIPTION
The network must be what the cluster says: the right kind, with the pod subnet of this very node. kube-proxy's source
address is reserved among the pods'. The template of its configuration is kept, so that Watch-Flannel.ps1 can repeat all
this when the network is a new one.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER NetworkMode
Kind of HNS network, overlay.

.PARAMETER CommandLine
Command line of the service.

.PARAMETER Configuration
KubeProxyConfiguration as YAML, with @SOURCE_VIP@ where the reserved address goes.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Install-KubeProxy.ps1 -NodeName win1 -NetworkName vxlan0 -NetworkMode overlay -CommandLine 'C:\k\kube-proxy.exe --config=C:\k\kube-proxy.yaml --windows-service' -Configuration YAML -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $NetworkMode,
    [Parameter(Mandatory = $true)] [string] $CommandLine,
    [Parameter(Mandatory = $true)] [string] $Configuration,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Get-PodCidr {
    <#
    .SYNOPSIS
    The pod subnet that the cluster has given this node.
    #>
    [CmdletBinding()]
    param()
    $reply = Invoke-NodeKubectl -ArgumentList @('get', 'node', $NodeName, '-o', 'jsonpath={.spec.podCIDR}')
    return ($reply.Output -join '').Trim()
}

$wanted = Get-PodCidr
try {
    Wait-Condition -That "HNS network $NetworkName has subnet $wanted" -TimeoutSeconds 180 -IntervalSeconds 3 -Test {
        $seen = Get-PodNetwork -NetworkName $NetworkName
        ($null -ne $seen) -and ($seen.Prefix -eq $wanted)
    }
} catch {
    $seen = Get-PodNetwork -NetworkName $NetworkName
    $state = 'is not there'
    if ($seen) { $state = "has subnet $($seen.Prefix)" }
    Stop-Step -What "HNS network $NetworkName $state; the node's pod subnet is '$wanted'." `
        -Cause 'flanneld does not get on, or the cluster was made without a pod range.' `
        -Next "read $LogFolder\flanneld.log and C:\k\casement\log\Watch-Flannel.log on this host."
}
$network = Get-PodNetwork -NetworkName $NetworkName
if ($network.Type -ne $NetworkMode) {
    Stop-Step -What "HNS network $NetworkName is of type $($network.Type), not $NetworkMode." `
        -Cause 'something other than flannel made it.' `
        -Next 'remove that program from this host, restart it, and run again.'
}

$null = Set-TextFile -Path 'C:\k\casement\kube-proxy.template.yaml' -Text $Configuration
# Started by hand only, and that hand is Watch-Flannel.ps1: after a restart of Windows the network is a new one, and
# kube-proxy on none, or with the source address of the former, would program load balancers that lead nowhere.
$changed = Set-NodeService -Name 'kube-proxy' -CommandLine $CommandLine -DependsOn 'kubelet' -StartupType Manual `
    -Description 'Kubernetes service proxy'
$address = Update-KubeProxy -NetworkName $NetworkName -Subnet $network.Prefix -LogFolder $LogFolder `
    -Restart:($changed -or (Test-UnfinishedChange))
if (-not $address) { throw 'kube-proxy has no source address.' }
$facts = [ordered]@{ network = $NetworkName; subnet = $network.Prefix; sourceVip = $address; changed = $changed }
ConvertTo-PlainJson -InputObject $facts
