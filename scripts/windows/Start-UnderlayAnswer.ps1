#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Lets this host answer datagrams on the port of VXLAN until the way to it is proven, and proves that it does.

.DESCRIPTION
A scheduled task runs Watch-Underlay.ps1; a firewall rule lets the nodes in. Both stay until Stop-UnderlayAnswer.ps1 takes
them away, so that a way that is closed can be opened and looked at again. On a host that runs flannel already
the port belongs to Windows, and nothing is done.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER NodeCidrs
Ranges that all nodes lie in.

.PARAMETER VxlanPort
UDP port of VXLAN.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.EXAMPLE
.\Start-UnderlayAnswer.ps1 -NetworkName vxlan0 -NodeCidrs 10.0.0.0/24 -VxlanPort 4789 -ManagementIP 10.0.0.21
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string[]] $NodeCidrs,
    [Parameter(Mandatory = $true)] [int] $VxlanPort,
    [Parameter(Mandatory = $true)] [string] $ManagementIP
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Test-Answer {
    <#
    .SYNOPSIS
    Whether a question to the port of this host itself is answered.
    #>
    [CmdletBinding()]
    param()
    $client = New-Object -TypeName System.Net.Sockets.UdpClient -ArgumentList 0
    try {
        $question = [System.Text.Encoding]::ASCII.GetBytes('casement-ask 1 64 '.PadRight(64, '.'))
        $null = $client.Send($question, $question.Length, $ManagementIP, $VxlanPort)
        $answer = $client.ReceiveAsync()
        if (-not $answer.Wait(2000)) { return $false }
        return [System.Text.Encoding]::ASCII.GetString($answer.Result.Buffer).StartsWith('casement-answer 1 64 ')
    } finally {
        $client.Close()
    }
}

$task = 'casement-underlay'
if ((Test-ServiceRunning -Name 'hns') -and (Get-PodNetwork -NetworkName $NetworkName)) {
    Write-Log -Message 'this host runs flannel already: its network is the proof'
    ConvertTo-PlainJson -InputObject ([ordered]@{ answering = $false; port = $VxlanPort })
    return
}
Set-FirewallRule -Name $task -Protocol UDP -Port $VxlanPort -From $NodeCidrs -Temporary
$script = Join-Path -Path $PSScriptRoot -ChildPath 'Watch-Underlay.ps1'
$null = Set-StartupTask -Name $task -Script "$script -VxlanPort $VxlanPort -ManagementIP $ManagementIP" -Temporary
if ([string](Get-ScheduledTask -TaskName $task).State -ne 'Running') { Start-ScheduledTask -TaskName $task }
try {
    Wait-Condition -That "this host answers on UDP $VxlanPort" -Test { Test-Answer } -TimeoutSeconds 60
} catch {
    Stop-Step -What "Nothing answers on UDP $VxlanPort of this host." `
        -Cause "another program has the port (Get-NetUDPEndpoint -LocalPort $VxlanPort), or scheduled tasks do not run." `
        -Next 'read C:\k\casement\log\Watch-Underlay.log on this host, remove that program, then run again.'
}
ConvertTo-PlainJson -InputObject ([ordered]@{ answering = $true; port = $VxlanPort })
