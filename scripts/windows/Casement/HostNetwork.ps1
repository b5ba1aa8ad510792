<#
.SYNOPSIS
What making or removing a vSwitch takes from the host, and how it gets it back. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Save-HostNetwork {
    <#
    .SYNOPSIS
    Remembers how the node's adapter is set up, as long as no vSwitch of ours has taken it over.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $ManagementIP, [Parameter(Mandatory = $true)] [string] $InterfaceName)
    $address = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $ManagementIP }) | Select-Object -First 1
    if (-not $address) { return }
    # On a virtual switch that others have made its settings are all there is, but none that we know already are given up.
    $virtual = ($address.InterfaceAlias -eq "vEthernet ($InterfaceName)") -and (-not (Get-Marker -Name 'host-network'))
    if (($address.InterfaceAlias -ne $InterfaceName) -and (-not $virtual)) { return }
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
        dnsSuffix = [string](Get-DnsClient -InterfaceIndex $index).ConnectionSpecificSuffix
    }
}

function Get-AddressHolder {
    <#
    .SYNOPSIS
    Index of the interface that holds this IPv4 address, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Address)
    $found = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.IPAddress -eq $Address })
    if ($found.Count -gt 0) { return [int]$found[0].InterfaceIndex }
}

function Add-StaticAddress {
    <#
    .SYNOPSIS
    Gives a lost static address to the adapter that the virtual switch has made, or to the one it has given back.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $Saved)
    $names = @("vEthernet ($($Saved.interfaceName))", $Saved.interfaceName)
    $adapter = @(Get-NetAdapter | Where-Object { ($names -contains $_.Name) -and ($_.Status -eq 'Up') }) |
        Sort-Object -Property Name -Descending | Select-Object -First 1
    if (-not $adapter) { throw "no adapter of $($names -join ' and ') is up" }
    $null = New-NetIPAddress -InterfaceIndex $adapter.InterfaceIndex -IPAddress $Saved.managementIP -PrefixLength $Saved.prefixLength
    Write-Log -Message "restored the static address $($Saved.managementIP) on $($adapter.Name)"
}

function Restore-StaticSetting {
    <#
    .SYNOPSIS
    Gives back what belongs to a static address and is missing: gateway, DNS servers, DNS suffix.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $Saved, [Parameter(Mandatory = $true)] [int] $InterfaceIndex)
    $default = @{ DestinationPrefix = '0.0.0.0/0'; InterfaceIndex = $InterfaceIndex }
    if ($Saved.gateway -and (-not (Get-NetRoute @default -AddressFamily IPv4 -ErrorAction SilentlyContinue))) {
        $null = New-NetRoute @default -NextHop $Saved.gateway
        Write-Log -Message "restored the gateway $($Saved.gateway)"
    }
    $servers = @((Get-DnsClientServerAddress -InterfaceIndex $InterfaceIndex -AddressFamily IPv4).ServerAddresses)
    if ((@($Saved.dns).Count -gt 0) -and ($servers.Count -eq 0)) {
        Set-DnsClientServerAddress -InterfaceIndex $InterfaceIndex -ServerAddresses $Saved.dns
        Write-Log -Message "restored the DNS servers $(@($Saved.dns) -join ', ')"
    }
    # What was noted before the suffix was has none.
    $noted = $Saved.PSObject.Properties['dnsSuffix']
    if ($noted -and $noted.Value -and (-not (Get-DnsClient -InterfaceIndex $InterfaceIndex).ConnectionSpecificSuffix)) {
        Set-DnsClient -InterfaceIndex $InterfaceIndex -ConnectionSpecificSuffix $noted.Value
        Write-Log -Message "restored the DNS suffix $($noted.Value)"
    }
}

function Restore-HostNetwork {
    <#
    .SYNOPSIS
    Gives back what making or removing a vSwitch has taken: a static address with all that belongs to it, the cloud's
    metadata route.
    .DESCRIPTION
    Windows moves the settings of the adapter to vEthernet (NAME) and back, but on some hosts loses a static address, and
    everywhere the host route to the metadata service.
    #>
    [CmdletBinding()]
    param()
    $saved = Get-Marker -Name 'host-network'
    if (-not $saved) { return }
    try {
        Wait-Condition -That "an adapter holds $($saved.managementIP)" -TimeoutSeconds 60 -Test {
            $null -ne (Get-AddressHolder -Address $saved.managementIP)
        }
    } catch {
        if (-not $saved.static) { throw }
        Add-StaticAddress -Saved $saved
    }
    $index = Get-AddressHolder -Address $saved.managementIP
    if ($saved.static) { Restore-StaticSetting -Saved $saved -InterfaceIndex $index }
    $metadata = '169.254.169.254/32'
    if ((-not $saved.metadataNextHop) -or (Get-NetRoute -DestinationPrefix $metadata -ErrorAction SilentlyContinue)) { return }
    $null = New-NetRoute -DestinationPrefix $metadata -InterfaceIndex $index -NextHop $saved.metadataNextHop -PolicyStore ActiveStore
    Write-Log -Message 'restored the route to the metadata service'
}

function Get-ChecksumOffloadFact {
    <#
    .SYNOPSIS
    "off" for an adapter that computes no checksums, else "on"; nothing where there is no such adapter, or none that could.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $found = Get-NetAdapterChecksumOffload -Name $Name -ErrorAction SilentlyContinue
    if (-not $found) { return }
    $kinds = @('IpIPv4Enabled', 'TcpIPv4Enabled', 'TcpIPv6Enabled', 'UdpIPv4Enabled', 'UdpIPv6Enabled')
    # A number where the cmdlet's own formatting has not made a word of it.
    $on = @($kinds | Where-Object { @('Disabled', '0') -notcontains [string]$found.$_ })
    if ($on.Count -gt 0) { return 'on' }
    return 'off'
}
