#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Looks whether this host can become a Windows node; changes nothing.

.DESCRIPTION
Prints one JSON object of facts and warnings. What would make the node fail later is refused now, all at once, each with
its remedy.

.PARAMETER NodeName
Name the node is to have in Kubernetes.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER InterfaceName
Name of the network adapter that holds that address.

.PARAMETER NodeCidrs
Ranges that all nodes lie in.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER ApiEndpoint
HOST:PORT of the API server.

.PARAMETER ApiMustAnswer
Whether that host is there already, so that no answer from it is a problem.

.PARAMETER ProxySet
Whether the stack file names a proxy.

.PARAMETER Adopt
Whether a node that was built by hand here is to be taken over: what it consists of is then no hindrance.

.PARAMETER ReportOnly
Whether problems are only part of the report, and no failure.

.EXAMPLE
.\Test-Host.ps1 -NodeName win1 -ManagementIP 10.0.0.21 -InterfaceName Ethernet -NodeCidrs 10.0.0.0/24 -NetworkName vxlan0 -ApiEndpoint 10.0.0.11:6443 -ApiMustAnswer $true -ProxySet $false -Adopt $false -ReportOnly $true
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [string] $InterfaceName,
    [Parameter(Mandatory = $true)] [string[]] $NodeCidrs,
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $ApiEndpoint,
    [Parameter(Mandatory = $true)] [bool] $ApiMustAnswer,
    [Parameter(Mandatory = $true)] [bool] $ProxySet,
    [Parameter(Mandatory = $true)] [bool] $Adopt,
    [Parameter(Mandatory = $true)] [bool] $ReportOnly
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Get-MissingTool {
    <#
    .SYNOPSIS
    Programs of Windows that our scripts call and that are not on the PATH.
    #>
    [CmdletBinding()]
    param()
    foreach ($tool in @('curl.exe', 'tar.exe', 'icacls.exe', 'sc.exe', 'shutdown.exe', 'netsh.exe')) {
        if (-not (Get-Command -Name $tool -ErrorAction SilentlyContinue)) { $tool }
    }
}

function Get-HostReport {
    <#
    .SYNOPSIS
    All facts about this host, in one mapping.
    #>
    [CmdletBinding()]
    param()
    $facts = Get-SystemReport
    $facts['pendingRestart'] = @(Get-PendingRestart)
    $facts['time'] = Get-TimeReport
    $facts['containerServices'] = @(Get-ContainerServiceReport)
    $facts['proxies'] = Get-ProxyReport
    $facts['adapters'] = @(Get-AdapterReport)
    $holders = @($facts['adapters'] | Where-Object { @($_.addresses -replace '/.*$', '') -contains $ManagementIP })
    $facts['adapter'] = $null
    if ($holders.Count -eq 1) { $facts['adapter'] = $holders[0] }
    $facts['routes'] = @(Get-RouteReport -Adapter $facts['adapters'])
    foreach ($pair in (Get-SwitchReport).GetEnumerator()) { $facts[$pair.Key] = $pair.Value }
    $at = $ApiEndpoint.LastIndexOf(':')
    $apiHost, $apiPort = $ApiEndpoint.Substring(0, $at), [int]$ApiEndpoint.Substring($at + 1)
    $answer = Get-PortAnswer -ComputerName $apiHost -Port $apiPort
    $facts['apiEndpoint'] = [ordered]@{ endpoint = $ApiEndpoint; answer = $answer }
    $facts['excludedPorts'] = @(Get-ExcludedPort -Protocol tcp)
    return $facts
}

# Once kubelet is ours, the host is in use: what would only hinder a first installation is then a warning.
$fresh = -not (Get-Marker -Name 'service-kubelet')
$facts = Get-HostReport
$findings = @(
    foreach ($tool in @(Get-MissingTool)) { New-Finding -Kind problem -Text "$tool is not on the PATH: repair the Windows installation" }
    Get-SystemFinding -Facts $facts -NodeName $NodeName -Fresh $fresh
    Get-SoftwareFinding -Facts $facts -NetworkName $NetworkName -Fresh $fresh -ProxySet $ProxySet -Adopt $Adopt
    Get-AdapterFinding -Facts $facts -ManagementIP $ManagementIP -InterfaceName $InterfaceName -NodeCidrs $NodeCidrs
    Get-ReachFinding -Facts $facts -ApiMustAnswer $ApiMustAnswer
)
$facts['warnings'] = @($findings | Where-Object { $_.Kind -eq 'warning' } | ForEach-Object { $_.Text })
$problems = @($findings | Where-Object { $_.Kind -eq 'problem' } | ForEach-Object { $_.Text })
$facts['problems'] = $problems
foreach ($warning in $facts['warnings']) { Write-Log -Message "warning: $warning" }
if (($problems.Count -gt 0) -and (-not $ReportOnly)) {
    Stop-Step -What "This host cannot become node ${NodeName}: $($problems -join '; ')." `
        -Cause 'the host differs from what the stack file says, or from what a Windows node needs.' `
        -Next 'put right what is named, then run the same command again.'
}
ConvertTo-PlainJson -InputObject $facts
