<#
.SYNOPSIS
What the facts about a host mean for it as a node. Part of the module Casement; looks at nothing but the facts it is given.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:Builds = @{ '20348' = 'Windows Server 2022'; '26100' = 'Windows Server 2025' }
# Update revisions between an update that broke container networking and the one that repaired it (KB5040437, KB5044281).
$script:BadRevisions = @(
    @{ build = '20348'; first = 2582; last = 2761; what = 'pods lose their network after KB5040437'; remedy = 'install KB5044281 or a later update' }
)
# kubelet, kube-proxy's health and metrics; node ports are the default range of Kubernetes.
$script:NeededPorts = @(@{ protocol = 'tcp'; first = 10249; last = 10250 }, @{ protocol = 'tcp'; first = 10256; last = 10256 })
$script:NodePorts = @{ protocol = 'tcp'; first = 30000; last = 32767 }

function New-Finding {
    <#
    .SYNOPSIS
    One thing that is wrong: a problem makes a node impossible, a warning does not. Hindrance is a problem on a fresh host only.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [ValidateSet('problem', 'warning', 'hindrance')] [string] $Kind,
        [Parameter(Mandatory = $true)] [string] $Text,
        [bool] $Fresh = $true
    )
    if ($Kind -eq 'hindrance') { $Kind = @('warning', 'problem')[[int]$Fresh] }
    return [pscustomobject]@{ Kind = $Kind; Text = $Text }
}

function Get-SystemFinding {
    <#
    .SYNOPSIS
    About edition, update revision, memory, disk, restarts and the clock.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $Facts, [Parameter(Mandatory = $true)] [string] $NodeName, [bool] $Fresh = $true)
    if ((-not $script:Builds.ContainsKey($Facts.build)) -or ($Facts.productType -eq 1)) {
        New-Finding -Kind problem -Text ("this host runs $($Facts.system), build $($Facts.build): " +
            'use Windows Server 2022 (20348) or 2025 (26100), the builds that Kubernetes and its images are made for')
    }
    foreach ($bad in $script:BadRevisions) {
        if (($bad.build -ne $Facts.build) -or ($Facts.revision -lt $bad.first) -or ($Facts.revision -gt $bad.last)) { continue }
        New-Finding -Kind warning -Text "update revision $($Facts.build).$($Facts.revision): $($bad.what); $($bad.remedy)"
    }
    if ($Facts.productType -eq 2) { New-Finding -Kind warning -Text 'this host is a domain controller: pods share its kernel' }
    if ($Facts.memoryMiB -lt 1900) {
        New-Finding -Kind problem -Text "$($Facts.memoryMiB) MiB of memory: give the host 2 GiB at least, better 4"
    }
    if ($Facts.freeDiskMiB -lt 10240) {
        New-Finding -Kind hindrance -Fresh $Fresh `
            -Text "$($Facts.freeDiskMiB) MiB free on C: make it 10 GiB at least, Windows images are large"
    }
    if ($Facts.containersFeature -eq 'Removed') {
        New-Finding -Kind problem -Text ('the files of feature Containers were removed from this Windows: ' +
            'run Install-WindowsFeature Containers -Source PATH')
    }
    if ($Facts.computerName -ne $NodeName) {
        New-Finding -Kind warning -Text "the computer is named $($Facts.computerName), its node will be named $NodeName"
    }
    if (@($Facts.pendingRestart).Count -gt 0) {
        New-Finding -Kind hindrance -Fresh $Fresh `
            -Text "a restart is pending for $(@($Facts.pendingRestart) -join ' and '): restart the host, then run again"
    }
    if (-not $Facts.time.synchronised) {
        New-Finding -Kind warning -Text 'service w32time does not run: see that something else keeps the clock right'
    }
}

function Get-SoftwareFinding {
    <#
    .SYNOPSIS
    About container software, virtual switches and proxies that are here already.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [object] $Facts,
        [Parameter(Mandatory = $true)] [string] $NetworkName,
        [bool] $Fresh = $true,
        [bool] $ProxySet = $false,
        [bool] $Adopt = $false
    )
    # A service that nobody starts is in nobody's way, such as Docker on a host that was taken over.
    $foreign = @($Facts.containerServices | Where-Object { (-not $_.ours) -and ($_.start -ne 'Disabled') } | ForEach-Object { $_.name })
    if ($Adopt -and ($foreign.Count -gt 0)) {
        New-Finding -Kind warning -Text "service $($foreign -join ', ') is on this host already, and is taken over"
    } elseif ($foreign.Count -gt 0) {
        New-Finding -Kind problem -Text ("service $($foreign -join ', ') is on this host already, and not of our making: " +
            'uninstall it, or take a clean host')
    }
    # "nat" is Windows' own, and "ICS" its internal switch; neither touches the adapter.
    $networks = @($Facts.hnsNetworks | Where-Object { (@('NAT', 'ICS') -notcontains $_.type) -and ($_.name -ne $NetworkName) })
    foreach ($network in $networks) {
        if ($Adopt -and (Test-FormerNetwork -Name $network.name)) { continue }
        New-Finding -Kind hindrance -Fresh $Fresh -Text ("HNS network '$($network.name)' ($($network.type)) is on this host already: " +
            'remove the program that made it, then the network (Get-HnsNetwork | Remove-HnsNetwork)')
    }
    foreach ($external in @($Facts.hyperVSwitches | Where-Object { $_.type -eq 'External' })) {
        if (@($networks + @(@{ name = $NetworkName })) | Where-Object { $_.name -eq $external.name }) { continue }
        New-Finding -Kind warning -Text ("Hyper-V has an external switch '$($external.name)': pods need one of their own; " +
            'remove it if it is on the adapter of the nodes')
    }
    $set = @($Facts.proxies.Keys | Where-Object { @('HTTP_PROXY', 'HTTPS_PROXY') -contains $_ })
    if (($set.Count -gt 0) -and (-not $ProxySet)) {
        New-Finding -Kind warning -Text ("the machine's environment has $($set -join ' and '), which kubelet and containerd read too: " +
            'write it as casement:proxy, so that NO_PROXY names the cluster, or remove it')
    }
}

function Get-AdapterFinding {
    <#
    .SYNOPSIS
    About the adapter that VXLAN runs over, and whether traffic to the nodes leaves by it.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [object] $Facts,
        [Parameter(Mandatory = $true)] [string] $ManagementIP,
        [Parameter(Mandatory = $true)] [string] $InterfaceName,
        [Parameter(Mandatory = $true)] [string[]] $NodeCidrs
    )
    $adapter = $Facts.adapter
    if (-not $adapter) {
        $have = @($Facts.adapters | ForEach-Object { "$(@($_.addresses) -join ', ') on $($_.name)" }) -join '; '
        New-Finding -Kind problem -Text ("not one adapter holds $ManagementIP (this host has $have): " +
            "correct managementIp or the host's address")
        return
    }
    if ($adapter.status -ne 'Up') { New-Finding -Kind problem -Text "adapter $($adapter.name) is $($adapter.status): connect it" }
    if (@($InterfaceName, "vEthernet ($InterfaceName)") -notcontains $adapter.name) {
        New-Finding -Kind problem -Text "$ManagementIP is on adapter '$($adapter.name)', not on '$InterfaceName': correct interfaceName"
    }
    if ($adapter.dhcp) {
        New-Finding -Kind warning -Text "$ManagementIP comes from DHCP: reserve it there, a node never changes its address"
    }
    $defaults = @($Facts.routes | Where-Object { $_.destination -eq '0.0.0.0/0' } | Sort-Object -Property { $_.metric })
    if ($defaults.Count -lt 2) { return }
    $text = "$($defaults.Count) default routes, through $(@($defaults | ForEach-Object { "$($_.interface) (metric $($_.metric))" }) -join ' and ')"
    $clear = ($defaults[0].interface -eq $adapter.name) -and ($defaults[0].metric -lt $defaults[1].metric)
    if ($clear -or (Test-NodeRoute -Route $Facts.routes -InterfaceName $adapter.name -NodeCidrs $NodeCidrs)) {
        New-Finding -Kind warning -Text "${text}: nodes are reached through $($adapter.name), the rest of the world perhaps is not"
    } else {
        New-Finding -Kind problem -Text ("${text}: traffic to the nodes may leave by another adapter than $($adapter.name); " +
            "remove the other's gateway, or give $($adapter.name) the lowest metric (Set-NetIPInterface -InterfaceMetric 1)")
    }
}

function Test-NodeRoute {
    <#
    .SYNOPSIS
    Whether every node range has a route of its own through this adapter, whatever the default routes are.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [object[]] $Route,
        [Parameter(Mandatory = $true)] [string] $InterfaceName,
        [Parameter(Mandatory = $true)] [string[]] $NodeCidrs
    )
    foreach ($cidr in $NodeCidrs) {
        $first, $length = $cidr -split '/'
        $way = @($Route | Where-Object {
                $bits = [int]($_.destination -split '/')[1]
                ($_.interface -eq $InterfaceName) -and ($bits -gt 0) -and ($bits -le [int]$length) -and
                (Test-AddressInSubnet -Address $first -Subnet $_.destination)
            })
        if ($way.Count -eq 0) { return $false }
    }
    return $true
}

function Get-ReachFinding {
    <#
    .SYNOPSIS
    About the API server, as seen from here, and about ports that nothing can listen on.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $Facts, [bool] $ApiMustAnswer = $true)
    $api = $Facts.apiEndpoint
    if (@('open', 'refused') -notcontains $api.answer) {
        $kind = @('warning', 'problem')[[int]$ApiMustAnswer]
        New-Finding -Kind $kind -Text ("$($api.answer) from the API server's $($api.endpoint): " +
            'let this host reach it (routes, firewalls between the two), or correct controlPlane.endpoint')
    }
    foreach ($range in @($Facts.excludedPorts)) {
        $first, $last = $range -split '-'
        foreach ($needed in $script:NeededPorts) {
            if (([int]$last -lt $needed.first) -or ([int]$first -gt $needed.last)) { continue }
            New-Finding -Kind problem -Text ("TCP ports $range are set aside, and kubelet and kube-proxy need " +
                "$($needed.first)-$($needed.last): netsh int ipv4 delete excludedportrange tcp startport=$first numberofports=$(1 + $last - $first)")
        }
        if (([int]$last -ge $script:NodePorts.first) -and ([int]$first -le $script:NodePorts.last)) {
            New-Finding -Kind warning -Text "TCP ports $range are set aside: no service can have one of them as its node port"
        }
    }
}
