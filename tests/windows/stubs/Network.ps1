<#
.SYNOPSIS
Adapters, addresses, routes, name servers. Part of the module Stubs.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Select-StubRow {
    <#
    .SYNOPSIS
    The rows of a table that have these properties; an error where there is none, as the Net cmdlets have it.
    #>
    [CmdletBinding()]
    param([string] $Table, [hashtable] $Having)
    $rows = @(Get-StubRow -Table $Table)
    foreach ($property in @($Having.Keys)) {
        $wanted = [string]$Having[$property]
        if ($wanted -and ($wanted -ne '0')) { $rows = @($rows | Where-Object { [string]$_.$property -eq $wanted }) }
    }
    if ($rows.Count -eq 0) {
        Write-Error -Message "No matching MSFT objects found by CIM query in table $Table." -Category ObjectNotFound
        return
    }
    return $rows
}

function Get-NetAdapter {
    <#
    .SYNOPSIS
    Stub of Get-NetAdapter.
    #>
    [CmdletBinding()]
    param([string] $Name = '', [int] $InterfaceIndex = 0)
    Select-StubRow -Table 'adapters' -Having @{ Name = $Name; InterfaceIndex = $InterfaceIndex }
}

function Get-NetIPAddress {
    <#
    .SYNOPSIS
    Stub of Get-NetIPAddress; all addresses are IPv4.
    #>
    [CmdletBinding()]
    param([string] $AddressFamily = '', [string] $IPAddress = '', [int] $InterfaceIndex = 0)
    Select-StubRow -Table 'addresses' -Having @{ IPAddress = $IPAddress; InterfaceIndex = $InterfaceIndex }
}

function New-NetIPAddress {
    <#
    .SYNOPSIS
    Stub of New-NetIPAddress.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex, [string] $IPAddress, [int] $PrefixLength, [string] $DefaultGateway = '')
    $adapter = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    $row = [pscustomobject]@{
        Name = $IPAddress; IPAddress = $IPAddress; InterfaceAlias = $adapter.Name; InterfaceIndex = $InterfaceIndex; PrefixLength = $PrefixLength
    }
    Set-StubRow -Table 'addresses' -Row $row
    if ($DefaultGateway) { $null = New-NetRoute -DestinationPrefix '0.0.0.0/0' -InterfaceIndex $InterfaceIndex -NextHop $DefaultGateway }
    return $row
}

function Get-NetIPInterface {
    <#
    .SYNOPSIS
    Stub of Get-NetIPInterface.
    #>
    [CmdletBinding()]
    param([string] $AddressFamily = '', [int] $InterfaceIndex = 0)
    Select-StubRow -Table 'adapters' -Having @{ InterfaceIndex = $InterfaceIndex }
}

function Get-NetRoute {
    <#
    .SYNOPSIS
    Stub of Get-NetRoute.
    #>
    [CmdletBinding()]
    param([string] $AddressFamily = '', [string] $DestinationPrefix = '', [int] $InterfaceIndex = 0)
    Select-StubRow -Table 'routes' -Having @{ DestinationPrefix = $DestinationPrefix; InterfaceIndex = $InterfaceIndex }
}

function New-NetRoute {
    <#
    .SYNOPSIS
    Stub of New-NetRoute.
    #>
    [CmdletBinding()]
    param([string] $DestinationPrefix, [int] $InterfaceIndex, [string] $NextHop = '0.0.0.0', [string] $PolicyStore = '')
    $adapter = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    $row = [pscustomobject]@{
        Name = "$DestinationPrefix on $InterfaceIndex"; DestinationPrefix = $DestinationPrefix; InterfaceIndex = $InterfaceIndex
        InterfaceAlias = $adapter.Name; NextHop = $NextHop; RouteMetric = 256
    }
    Set-StubRow -Table 'routes' -Row $row
    return $row
}

function Get-DnsClientServerAddress {
    <#
    .SYNOPSIS
    Stub of Get-DnsClientServerAddress.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex = 0, [string] $AddressFamily = '')
    $adapter = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    return [pscustomobject]@{ InterfaceAlias = $adapter.Name; ServerAddresses = @($adapter.ServerAddresses) }
}

function Set-DnsClientServerAddress {
    <#
    .SYNOPSIS
    Stub of Set-DnsClientServerAddress.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex, [string[]] $ServerAddresses)
    $adapter = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    $adapter.ServerAddresses = @($ServerAddresses)
    Set-StubRow -Table 'adapters' -Row $adapter
}

function Get-DnsClient {
    <#
    .SYNOPSIS
    Stub of Get-DnsClient.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex = 0)
    Get-NetAdapter -InterfaceIndex $InterfaceIndex
}

function Set-DnsClient {
    <#
    .SYNOPSIS
    Stub of Set-DnsClient.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex, [string] $ConnectionSpecificSuffix = '')
    $adapter = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    $adapter.ConnectionSpecificSuffix = $ConnectionSpecificSuffix
    Set-StubRow -Table 'adapters' -Row $adapter
}

function Get-NetAdapterChecksumOffload {
    <#
    .SYNOPSIS
    Stub of Get-NetAdapterChecksumOffload.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $adapter = Get-NetAdapter -Name $Name
    if (-not $adapter) { return }
    $found = [ordered]@{ Name = $Name }
    foreach ($kind in @('IpIPv4Enabled', 'TcpIPv4Enabled', 'TcpIPv6Enabled', 'UdpIPv4Enabled', 'UdpIPv6Enabled')) {
        $found[$kind] = $adapter.ChecksumOffload
    }
    return [pscustomobject]$found
}

function Set-StubChecksumOffload {
    <#
    .SYNOPSIS
    Notes what an adapter computes.
    #>
    [CmdletBinding()]
    param([string] $Name, [string] $State)
    $adapter = Get-NetAdapter -Name $Name
    $adapter.ChecksumOffload = $State
    Set-StubRow -Table 'adapters' -Row $adapter
}

function Disable-NetAdapterChecksumOffload {
    <#
    .SYNOPSIS
    Stub of Disable-NetAdapterChecksumOffload.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    Set-StubChecksumOffload -Name $Name -State 'Disabled'
}

function Enable-NetAdapterChecksumOffload {
    <#
    .SYNOPSIS
    Stub of Enable-NetAdapterChecksumOffload.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    Set-StubChecksumOffload -Name $Name -State 'RxTxEnabled'
}

function Get-VMSwitch {
    <#
    .SYNOPSIS
    Stub of Get-VMSwitch: there is none.
    #>
    [CmdletBinding()]
    param()
    return
}
