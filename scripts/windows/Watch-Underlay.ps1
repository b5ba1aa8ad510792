#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Answers datagrams on the port of VXLAN, so that the way to it can be measured; run as a scheduled task.

.DESCRIPTION
A question is "casement-ask NUMBER SIZE", filled up to SIZE bytes. The answer is as large: "casement-answer NUMBER SIZE", the
time in milliseconds since 1970, the size of the largest question so far, and the MTU of the adapter; one more like it
goes to the asking machine's own VXLAN port. Routers may not cut an answer up. Ends by itself after a month.

.PARAMETER VxlanPort
UDP port of VXLAN.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.EXAMPLE
.\Watch-Underlay.ps1 -VxlanPort 4789 -ManagementIP 10.0.0.21
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [int] $VxlanPort,
    [Parameter(Mandatory = $true)] [string] $ManagementIP
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$script:largest = 0
$epoch = New-Object -TypeName DateTime -ArgumentList 1970, 1, 1, 0, 0, 0, ([System.DateTimeKind]::Utc)

function Get-LinkMtu {
    <#
    .SYNOPSIS
    MTU of the adapter that holds the management address.
    #>
    [CmdletBinding()]
    param()
    $index = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $ManagementIP })[0].InterfaceIndex
    return [int](Get-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4).NlMtu
}

function Send-Answer {
    <#
    .SYNOPSIS
    Answers one datagram; what is no question is left alone.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [object] $Client,
        [Parameter(Mandatory = $true)] [object] $Datagram,
        [Parameter(Mandatory = $true)] [int] $LinkMtu
    )
    $size = $Datagram.Buffer.Length
    $words = [System.Text.Encoding]::ASCII.GetString($Datagram.Buffer) -split ' '
    if (($words.Count -lt 3) -or ($words[0] -cne 'casement-ask') -or ($words[2] -cne [string]$size)) { return }
    if ($size -gt $script:largest) { $script:largest = $size }
    $clock = [long][Math]::Floor(([datetime]::UtcNow - $epoch).TotalMilliseconds)
    $text = "casement-answer $($words[1]) $size $clock $script:largest $LinkMtu "
    $answer = [System.Text.Encoding]::ASCII.GetBytes($text.PadRight($size, '.').Substring(0, $size))
    $null = $Client.Send($answer, $answer.Length, $Datagram.RemoteEndPoint)
    $null = $Client.Send($answer, $answer.Length, [string]$Datagram.RemoteEndPoint.Address, $VxlanPort)
}

Set-StepLog -Path 'C:\k\casement\log\Watch-Underlay.log'
$end = [datetime]::UtcNow.AddDays(30)
$client = New-Object -TypeName System.Net.Sockets.UdpClient -ArgumentList $VxlanPort
try {
    $client.DontFragment = $true
    $mtu = Get-LinkMtu
    Write-Log -Message "answering on UDP $VxlanPort"
    $next = $client.ReceiveAsync()
    while ([datetime]::UtcNow -lt $end) {
        try {
            if (-not $next.Wait(5000)) { continue }
            $datagram = $next.Result
            $next = $client.ReceiveAsync()
            Send-Answer -Client $client -Datagram $datagram -LinkMtu $mtu
        } catch {
            # Where nobody listens on the other machine's VXLAN port, Windows says so at the next receive.
            if ($_.Exception.GetBaseException() -isnot [System.Net.Sockets.SocketException]) { throw }
            if ($next.IsCompleted) { $next = $client.ReceiveAsync() }
        }
    }
} finally {
    $client.Close()
}
