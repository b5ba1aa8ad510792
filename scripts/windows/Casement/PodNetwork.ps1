<#
.SYNOPSIS
flannel's network on this host, and what has to be in step with it. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Clear-StalePolicy {
    <#
    .SYNOPSIS
    Removes load balancers that have outlived their network, before flanneld makes it anew; kube-proxy would not know of them.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName)
    if (Get-PodNetwork -NetworkName $NetworkName) { return }
    $stale = @(Get-HnsPolicyList).Count
    if ($stale -eq 0) { return }
    Write-Log -Message "removing $stale load balancers of a network that is gone"
    Clear-HnsPolicyList
}

function Restore-KubeProxy {
    <#
    .SYNOPSIS
    Starts kube-proxy when it has stopped although kubelet runs, as after kubelet was restarted by hand.
    .DESCRIPTION
    Only when it was seen so for a minute, and no step of ours is under way, which may have stopped it on purpose.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $NetworkName,
        [Parameter(Mandatory = $true)] [string] $Subnet,
        [Parameter(Mandatory = $true)] [string] $LogFolder,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $State
    )
    $missing = (Get-Service -Name 'kube-proxy' -ErrorAction SilentlyContinue) -and (-not (Test-ServiceRunning -Name 'kube-proxy'))
    if ((-not $missing) -or (-not (Test-ServiceRunning -Name 'kubelet')) -or (Test-StepRunning)) {
        $State.Remove('stoppedSince')
        return
    }
    if (-not $State.Contains('stoppedSince')) { $State['stoppedSince'] = [datetime]::UtcNow }
    if (([datetime]::UtcNow - $State['stoppedSince']).TotalSeconds -lt 60) { return }
    Write-Log -Message 'kube-proxy has stopped: it is started again'
    $null = Update-KubeProxy -NetworkName $NetworkName -Subnet $Subnet -LogFolder $LogFolder
    $State.Remove('stoppedSince')
}

function Sync-PodNetwork {
    <#
    .SYNOPSIS
    Looks at the network and at the Host Network Service, and repairs what a new one of either has broken.
    .DESCRIPTION
    A network that is new, in this boot or by its id, has taken the host's settings away, and kube-proxy needs another source
    address. A Host Network Service that crashed has lost all load balancers. A source address outside the network
    is of an earlier pod range.
    .PARAMETER State
    What is remembered from one look to the next; empty at first.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $NetworkName,
        [Parameter(Mandatory = $true)] [string] $LogFolder,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $State
    )
    $hns = [int](Get-NodeService -Name 'hns').ProcessId
    $hnsIsNew = $State.Contains('hnsProcess') -and ($hns -ne 0) -and ($hns -ne $State['hnsProcess'])
    if ($hns -ne 0) { $State['hnsProcess'] = $hns }
    $network = Get-PodNetwork -NetworkName $NetworkName
    if (-not $network) {
        if (-not $State.Contains('missingSince')) { $State['missingSince'] = [datetime]::UtcNow }
        if ($hnsIsNew -or (([datetime]::UtcNow - $State['missingSince']).TotalSeconds -gt 180)) {
            Write-Log -Message "HNS network $NetworkName is missing: flanneld has to make it again"
            $State.Remove('missingSince')
            Stop-Program -Name 'flanneld'
        }
        return
    }
    $State.Remove('missingSince')
    $known = Get-Marker -Name 'pod-network'
    $boot = Get-BootId
    $same = $known -and ($known.id -eq $network.Id) -and ($known.boot -eq $boot)
    $right = Test-SourceVip -NetworkName $NetworkName -Subnet $network.Prefix
    if ($same -and $right -and (-not $hnsIsNew)) {
        Restore-KubeProxy -NetworkName $NetworkName -Subnet $network.Prefix -LogFolder $LogFolder -State $State
        return
    }
    if (-not $same) { Write-Log -Message "HNS network $NetworkName is new: $($network.Prefix)" }
    if ($hnsIsNew) { Write-Log -Message 'the Host Network Service has started anew: its load balancers are made again' }
    Restore-HostNetwork
    $null = Update-KubeProxy -NetworkName $NetworkName -Subnet $network.Prefix -LogFolder $LogFolder -Restart
    Set-Marker -Name 'pod-network' -Value @{ id = $network.Id; prefix = $network.Prefix; boot = $boot }
}
