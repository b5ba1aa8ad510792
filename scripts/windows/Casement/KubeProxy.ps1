<#
.SYNOPSIS
kube-proxy and the address of the pod subnet that it sends from. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:KubeProxyTemplate = "$script:Root\kube-proxy.template.yaml"
$script:LeaseFolder = 'C:\var\lib\cni\networks'

function Test-AddressInSubnet {
    <#
    .SYNOPSIS
    Whether an IPv4 address lies in a subnet given as CIDR.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Address, [Parameter(Mandatory = $true)] [string] $Subnet)
    $network, $length = $Subnet -split '/'
    $blocks = foreach ($text in @($Address, $network)) {
        $octets = [System.Net.IPAddress]::Parse($text).GetAddressBytes()
        $number = [long]$octets[0] * 16777216 + [long]$octets[1] * 65536 + [long]$octets[2] * 256 + [long]$octets[3]
        [Math]::Floor($number / [Math]::Pow(2, 32 - [int]$length))
    }
    return $blocks[0] -eq $blocks[1]
}

function Get-SourceVipLease {
    <#
    .SYNOPSIS
    The addresses host-local holds for kube-proxy on this network (files named by address).
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName)
    $folder = Join-Path -Path $script:LeaseFolder -ChildPath $NetworkName
    if (-not (Test-Path -LiteralPath $folder)) { return }
    foreach ($file in @(Get-ChildItem -Path $folder -File)) {
        if ($file.Name -notmatch '^\d+\.\d+\.\d+\.\d+$') { continue }
        if (([System.IO.File]::ReadAllText($file.FullName) -split '\r?\n')[0].Trim() -eq 'kube-proxy') { $file.Name }
    }
}

function Remove-SourceVip {
    <#
    .SYNOPSIS
    Gives back what host-local holds for kube-proxy: one file for each address, which is all that its DEL removes too.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName)
    foreach ($address in @(Get-SourceVipLease -NetworkName $NetworkName)) {
        Remove-Present -Path "$script:LeaseFolder\$NetworkName\$address"
        Write-Log -Message "gave source address $address back"
    }
}

function New-SourceVip {
    <#
    .SYNOPSIS
    Reserves an address with the CNI plug-in that pods get theirs from, as the container "kube-proxy".
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName, [Parameter(Mandatory = $true)] [string] $Subnet)
    $ipam = @{ type = 'host-local'; ranges = @(, @(@{ subnet = $Subnet })); dataDir = '/var/lib/cni/networks' }
    $request = ConvertTo-PlainJson -InputObject @{ cniVersion = '1.0.0'; name = $NetworkName; ipam = $ipam }
    $env:CNI_COMMAND = 'ADD'
    $env:CNI_CONTAINERID = 'kube-proxy'
    $env:CNI_NETNS = 'kube-proxy'
    $env:CNI_IFNAME = 'source-vip'
    $env:CNI_PATH = 'C:\opt\cni\bin'
    # The plug-in takes dataDir on the drive it is started from.
    Push-Location -Path 'C:\'
    try {
        $reply = Invoke-Native -FilePath 'C:\opt\cni\bin\host-local.exe' -InputText $request
    } finally {
        Pop-Location
    }
    $result = ConvertFrom-Json -InputObject ($reply.Output -join '')
    return (@($result.ips)[0].address -split '/')[0]
}

function Get-SourceVip {
    <#
    .SYNOPSIS
    The address of the pod subnet that kube-proxy sends from: the one reserved before, else a newly reserved one.
    .DESCRIPTION
    It is reserved where pods get theirs, so that no pod gets the same. A reservation outside the subnet is of an earlier
    life of the node, and is given back.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName, [Parameter(Mandatory = $true)] [string] $Subnet)
    $leases = @(Get-SourceVipLease -NetworkName $NetworkName)
    if (($leases.Count -eq 1) -and (Test-AddressInSubnet -Address $leases[0] -Subnet $Subnet)) { return $leases[0] }
    Remove-SourceVip -NetworkName $NetworkName
    $address = New-SourceVip -NetworkName $NetworkName -Subnet $Subnet
    if (-not (Test-AddressInSubnet -Address $address -Subnet $Subnet)) { throw "host-local gave $address, which is not in $Subnet." }
    Write-Log -Message "reserved source address $address"
    return $address
}

function Test-SourceVip {
    <#
    .SYNOPSIS
    Whether kube-proxy, where it is set up, sends from an address of this subnet that is reserved for it alone.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName, [Parameter(Mandatory = $true)] [string] $Subnet)
    $path = 'C:\k\kube-proxy.yaml'
    if (-not (Test-Path -LiteralPath $path)) { return $true }
    if ([System.IO.File]::ReadAllText($path) -notmatch '(?m)^\s*sourceVip:\s*[''"]?(\d+\.\d+\.\d+\.\d+)\b') { return $false }
    $address = $Matches[1]
    $leases = @(Get-SourceVipLease -NetworkName $NetworkName)
    return (Test-AddressInSubnet -Address $address -Subnet $Subnet) -and ($leases.Count -eq 1) -and ($leases[0] -eq $address)
}

function Get-KubeProxyFact {
    <#
    .SYNOPSIS
    SHA-256 of the configuration whatever source address it names, which is another one with each new pod network.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path)
    if (-not (Test-Path -LiteralPath $Path)) { return }
    return Get-TextDigest -Text ([System.IO.File]::ReadAllText($Path) -replace '(?m)^(\s*sourceVip:).*', '$1')
}

function Update-KubeProxy {
    <#
    .SYNOPSIS
    Makes kube-proxy run with the pod network there is now: source address, configuration, no load balancers of an earlier run.
    .DESCRIPTION
    Does nothing where kube-proxy is not installed. Returns the source address.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $NetworkName,
        [Parameter(Mandatory = $true)] [string] $Subnet,
        [Parameter(Mandatory = $true)] [string] $LogFolder,
        [switch] $Restart
    )
    $known = (Test-Path -LiteralPath $script:KubeProxyTemplate) -and (Get-Service -Name 'kube-proxy' -ErrorAction SilentlyContinue)
    if (-not $known) { return }
    # A step and the supervisor of flannel may want it at once; two of them would reserve two addresses, and start it twice.
    $lock = Enter-Lock -Name 'kube-proxy'
    try {
        # First: where kube-proxy has been removed meanwhile, this ends here.
        $template = [System.IO.File]::ReadAllText($script:KubeProxyTemplate)
        $address = Get-SourceVip -NetworkName $NetworkName -Subnet $Subnet
        $text = $template.Replace('@SOURCE_VIP@', $address)
        Add-Fact -Kind kube-proxy -Name 'C:\k\kube-proxy.yaml'
        $changed = Save-TextFile -Path 'C:\k\kube-proxy.yaml' -Text $text
        if ($changed -or $Restart -or (-not (Test-ServiceRunning -Name 'kube-proxy'))) {
            Stop-NodeService -Name 'kube-proxy'
            Clear-HnsPolicyList
            Start-NodeService -Name 'kube-proxy' -LogPath (Join-Path -Path $LogFolder -ChildPath 'kube-proxy.log')
            Write-Log -Message "kube-proxy runs with source address $address"
        }
        return $address
    } finally {
        $lock.Dispose()
    }
}
