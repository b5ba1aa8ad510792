<#
.SYNOPSIS
What making or removing a vSwitch takes from the host, and how it gets it back. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Save-HostNetwork {
    <#
    .SYNOPSIS
    Remembers how the node's adapter is set up, as long as no vSwitch has taken it over.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $ManagementIP, [Parameter(Mandatory = $true)] [string] $InterfaceName)
    $address = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $ManagementIP }) | Select-Object -First 1
    if ((-not $address) -or ($address.InterfaceAlias -ne $InterfaceName)) { return }
    $index = $address.InterfaceIndex
    $routes = @(Get-NetRoute -AddressFamily IPv4 -InterfaceIndex $index -ErrorAction SilentlyContinue)
    $gateway = $routes | Where-Object { $_.DestinationPrefix -eq '0.0.0.0/0' } | Select-Object -First 1
    $metadata = $routes | Where-Object { $_.DestinationPrefix -eq '169.254.169.254/32' } | Select-Object -First 1
    Set-Marker -Name 'host-network' -Value @{
        managementIP = $ManagementIP
        interfaceName = $InterfaceName
        prefixLength = $address.PrefixLength
        static = ([string](Get-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4).Dhcp -eq 'Disabled')
        gateway = [string]$(if ($gateway) { $gateway.NextHop })
        metadataNextHop = [string]$(if ($metadata) { $metadata.NextHop })
        dns = @((Get-DnsClientServerAddress -InterfaceIndex $index -AddressFamily IPv4).ServerAddresses)
    }
}

function Restore-HostNetwork {
    <#
    .SYNOPSIS
    Gives back what making or removing a vSwitch has taken: a static address with gateway and DNS, the cloud's metadata route.
    .DESCRIPTION
    Windows moves the settings of the adapter to vEthernet (NAME) and back, but on some hosts loses a static address, and
    everywhere the host route to the metadata service.
    #>
    [CmdletBinding()]
    param()
    $saved = Get-Marker -Name 'host-network'
    if (-not $saved) { return }
    $find = { @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $saved.managementIP }).Count -gt 0 }
    try {
        Wait-Condition -That "an adapter holds $($saved.managementIP)" -Test $find -TimeoutSeconds 60
    } catch {
        if (-not $saved.static) { throw }
        $names = @("vEthernet ($($saved.interfaceName))", $saved.interfaceName)
        $adapter = @(Get-NetAdapter | Where-Object { ($names -contains $_.Name) -and ($_.Status -eq 'Up') }) |
            Sort-Object -Property Name -Descending | Select-Object -First 1
        if (-not $adapter) { throw }
        $address = @{ InterfaceIndex = $adapter.InterfaceIndex; IPAddress = $saved.managementIP; PrefixLength = $saved.prefixLength }
        if ($saved.gateway) { $address['DefaultGateway'] = $saved.gateway }
        $null = New-NetIPAddress @address
        if (@($saved.dns).Count -gt 0) {
            Set-DnsClientServerAddress -InterfaceIndex $adapter.InterfaceIndex -ServerAddresses $saved.dns
        }
        Write-Log -Message "restored the static address $($saved.managementIP) on $($adapter.Name)"
    }
    $metadata = '169.254.169.254/32'
    if ((-not $saved.metadataNextHop) -or (Get-NetRoute -DestinationPrefix $metadata -ErrorAction SilentlyContinue)) { return }
    $index = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $saved.managementIP })[0].InterfaceIndex
    $null = New-NetRoute -DestinationPrefix $metadata -InterfaceIndex $index -NextHop $saved.metadataNextHop -PolicyStore ActiveStore
    Write-Log -Message 'restored the route to the metadata service'
}
