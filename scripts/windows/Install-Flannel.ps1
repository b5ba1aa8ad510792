#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Lays out flannel: its network configuration, the CNI network, and the task that runs it at each start of Windows.

.DESCRIPTION
flanneld.exe is no Windows service, so a scheduled task runs Watch-Flannel.ps1 as SYSTEM. It is not started here: making
the vSwitch drops this connection (see Start-Flannel.ps1). A task that runs already is restarted when anything changed. The
settings of the adapter are noted before a vSwitch takes it over.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER InterfaceName
Name of the network adapter that holds the management address.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER NetConf
Text of net-conf.json.

.PARAMETER ConfList
Text of the CNI network list.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Install-Flannel.ps1 -NodeName win1 -ManagementIP 10.0.0.21 -InterfaceName Ethernet -NetworkName vxlan0 -NetConf JSON -ConfList JSON -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [string] $InterfaceName,
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $NetConf,
    [Parameter(Mandatory = $true)] [string] $ConfList,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-flannel'
$folder = 'C:\k\casement\flannel'

Save-HostNetwork -ManagementIP $ManagementIP -InterfaceName $InterfaceName
Protect-Folder -Path @('C:\etc\kube-flannel', 'C:\etc\cni\net.d')
Add-LogFolder -Path $LogFolder
$running = $false
$present = Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue
if ($present) { $running = ([string]$present.State -eq 'Running') }

$supervisor = "$folder\Watch-Flannel.ps1 -NodeName $NodeName -ManagementIP $ManagementIP" +
    " -NetworkName $NetworkName -LogFolder $LogFolder"
$changes = @(
    (Set-TextFile -Path 'C:\etc\kube-flannel\net-conf.json' -Text $NetConf)
    (Set-TextFile -Path 'C:\etc\cni\net.d\10-flannel.conflist' -Text $ConfList)
    (Copy-Supervisor -From $PSScriptRoot -To $folder -Script @('Watch-Flannel.ps1', 'Remove-PodNetwork.ps1'))
    (Set-StartupTask -Name $task -Script $supervisor)
)
$changed = $changes -contains $true
if (($changed -or (Test-UnfinishedChange)) -and $running) {
    # The supervisor waits some seconds before it touches the network: this connection ends in peace.
    Stop-ScheduledTask -TaskName $task
    Start-ScheduledTask -TaskName $task
    Write-Log -Message 'restarted flannel with its new configuration'
}
if (-not (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue)) { throw "Scheduled task $task is not there." }
ConvertTo-PlainJson -InputObject ([ordered]@{ task = $task; changed = $changed })
