#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Reports what a node built by hand, after Kubernetes' old guide, has left on this host; changes nothing.

.DESCRIPTION
Prints one JSON object. Its field former says whether there is anything to take over: not on a clean host, and not on
one whose kubelet is ours.

.EXAMPLE
.\Get-FormerNode.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

if (Test-CurrentNode) {
    Write-Log -Message 'the kubelet of this host is ours already: there is nothing to take over'
    ConvertTo-PlainJson -InputObject ([ordered]@{ former = $false })
    return
}
$report = [ordered]@{ former = $false }
$report['services'] = @(Get-FormerService | ForEach-Object {
        [ordered]@{ name = $_.Name; state = $_.State; commandLine = $_.PathName }
    })
$report['processes'] = @(Get-FormerProcess | ForEach-Object { $_.Path })
$report['networks'] = @(Get-FormerNetwork | ForEach-Object {
        [ordered]@{ name = $_.Name; type = $_.Type; prefix = @($_.Subnets)[0].AddressPrefix }
    })
$report['firewallRules'] = @(Get-FormerRule)
$report['environment'] = @(Get-FormerVariable)
$report['files'] = @(Get-FormerPath)
$report['credentials'] = @(Get-FormerCredential)
$found = $report.services.Count + $report.processes.Count + $report.networks.Count + $report.files.Count
$report['former'] = ($found -gt 0)
$report['docker'] = ''
$docker = Get-NodeService -Name 'docker'
if ($docker) { $report['docker'] = "$($docker.State), $($docker.StartMode)" }
foreach ($credential in $report.credentials) {
    Write-Log -Message "warning: $($credential.path) is a kubeconfig of $($credential.user) at $($credential.server)"
}
ConvertTo-PlainJson -InputObject $report
