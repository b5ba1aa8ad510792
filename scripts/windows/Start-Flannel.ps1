#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Starts the task that runs flannel, and returns before flannel touches the network.

.DESCRIPTION
Making the vSwitch takes the adapter away for some seconds and with it this connection; so the supervisor waits a little
before it starts flanneld. Whether flannel is up is seen from the control plane, by what it announces. flanneld announces
itself only when it starts: where its Node says something else by now, it is started again.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER Vni
VXLAN network identifier.

.EXAMPLE
.\Start-Flannel.ps1 -NodeName win1 -ManagementIP 10.0.0.21 -Vni 4096
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [int] $Vni
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-flannel'

function Test-Announcement {
    <#
    .SYNOPSIS
    Whether the Node says of its VXLAN what flanneld on this host announced.
    #>
    [CmdletBinding()]
    param()
    $reply = Invoke-NodeKubectl -ArgumentList @('get', 'node', $NodeName, '-o', 'json')
    $node = ConvertFrom-Json -InputObject ($reply.Output -join "`n")
    $said = @{}
    foreach ($name in @('backend-type', 'backend-data', 'public-ip')) {
        $annotation = $node.metadata.annotations.PSObject.Properties["flannel.alpha.coreos.com/$name"]
        $said[$name] = [string]$(if ($annotation) { $annotation.Value })
    }
    $data = $said['backend-data'] -match ('"VNI":{0}\D.*"VtepMAC":"\w\w:' -f $Vni)
    return $data -and ($said['backend-type'] -eq 'vxlan') -and ($said['public-ip'] -eq $ManagementIP)
}

$present = Get-ScheduledTask -TaskName $task
if ([string]$present.State -eq 'Disabled') { $null = Enable-ScheduledTask -TaskName $task }
$running = [string]$present.State -eq 'Running'
if ($running -and (-not (Test-Announcement))) {
    Stop-ScheduledTask -TaskName $task
    $running = $false
    Write-Log -Message 'the Node does not say what flannel announced: starting flannel again'
}
if (-not $running) {
    Start-ScheduledTask -TaskName $task
    Write-Log -Message 'started flannel; this host drops off the network for some seconds now'
}
Wait-Condition -That "scheduled task $task runs" -Test { [string](Get-ScheduledTask -TaskName $task).State -eq 'Running' } `
    -TimeoutSeconds 30 -IntervalSeconds 1
