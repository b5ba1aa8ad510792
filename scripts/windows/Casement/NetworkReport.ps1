<#
.SYNOPSIS
How this host is on the network, as facts. Part of the module Casement; changes nothing.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-AdapterReport {
    <#
    .SYNOPSIS
    Every adapter with its IPv4 addresses. One that a virtual switch has taken over has neither addresses nor MTU.
    #>
    [CmdletBinding()]
    param()
    $addresses = @(Get-NetIPAddress -AddressFamily IPv4)
    $interfaces = @(Get-NetIPInterface -AddressFamily IPv4)
    foreach ($adapter in @(Get-NetAdapter)) {
        $index = $adapter.InterfaceIndex
        $found = [ordered]@{
            name = [string]$adapter.Name; index = [int]$index; status = [string]$adapter.Status
            macAddress = [string]$adapter.MacAddress; mtu = 0; metric = 0; dhcp = $false
            addresses = @($addresses | Where-Object { $_.InterfaceIndex -eq $index } |
                    ForEach-Object { "$($_.IPAddress)/$($_.PrefixLength)" })
        }
        foreach ($interface in @($interfaces | Where-Object { $_.InterfaceIndex -eq $index })) {
            $found['mtu'] = [long]$interface.NlMtu
            $found['metric'] = [int]$interface.InterfaceMetric
            $found['dhcp'] = ([string]$interface.Dhcp -eq 'Enabled')
        }
        $found
    }
}

function Get-RouteReport {
    <#
    .SYNOPSIS
    The IPv4 routes; a route's metric is what Windows compares, its own and its adapter's together.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyCollection()] [object[]] $Adapter)
    foreach ($route in @(Get-NetRoute -AddressFamily IPv4 -ErrorAction SilentlyContinue)) {
        $of = @($Adapter | Where-Object { $_.index -eq $route.InterfaceIndex }) | Select-Object -First 1
        if (-not $of) { continue }
        [ordered]@{
            destination = [string]$route.DestinationPrefix; nextHop = [string]$route.NextHop
            interface = $of.name; metric = [int]$route.RouteMetric + $of.metric
        }
    }
}

function Get-SwitchReport {
    <#
    .SYNOPSIS
    The HNS networks and the switches of Hyper-V, as far as either is there.
    #>
    [CmdletBinding()]
    param()
    $networks = @()
    if (Test-ServiceRunning -Name 'hns') {
        $networks = @(Get-HnsNetwork | ForEach-Object { [ordered]@{ name = [string]$_.Name; type = [string]$_.Type } })
    }
    $switches = @()
    if (Get-Command -Name Get-VMSwitch -ErrorAction SilentlyContinue) {
        $switches = @(Get-VMSwitch | ForEach-Object { [ordered]@{ name = [string]$_.Name; type = [string]$_.SwitchType } })
    }
    return [ordered]@{ hnsNetworks = $networks; hyperVSwitches = $switches }
}

function Get-PortAnswer {
    <#
    .SYNOPSIS
    What comes of a TCP connection: "open", "refused" (nothing listens there), "no answer", or "unknown name".
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $ComputerName,
        [Parameter(Mandatory = $true)] [int] $Port,
        [int] $TimeoutSeconds = 5
    )
    $client = New-Object -TypeName System.Net.Sockets.TcpClient
    try {
        if ($client.ConnectAsync($ComputerName, $Port).Wait($TimeoutSeconds * 1000)) { return 'open' }
        return 'no answer'
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -isnot [System.Net.Sockets.SocketException]) { throw }
        switch ([string]$cause.SocketErrorCode) {
            'ConnectionRefused' { return 'refused' }
            'HostNotFound' { return 'unknown name' }
            'NoData' { return 'unknown name' }
            default { return 'no answer' }
        }
    } finally {
        $client.Close()
    }
}

function Get-ExcludedPort {
    <#
    .SYNOPSIS
    The ranges of ports, as FIRST-LAST, that something on this host has set aside and nobody else can listen on.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [ValidateSet('tcp', 'udp')] [string] $Protocol)
    $arguments = @('interface', 'ipv4', 'show', 'excludedportrange', "protocol=$Protocol")
    foreach ($line in (Invoke-Native -FilePath 'netsh.exe' -ArgumentList $arguments -AnyCode).Output) {
        if ($line -match '^\s*(\d+)\s+(\d+)\s*\*?\s*$') { "$($Matches[1])-$($Matches[2])" }
    }
}
