<#
.SYNOPSIS
The Host Network Service, by the call that its own PowerShell module makes too. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:HnsSource = @'
using System;
using System.Runtime.InteropServices;

namespace Casement
{
    public static class Hns
    {
        [DllImport("vmcompute.dll", CharSet = CharSet.Unicode)]
        private static extern int HNSCall(
            [MarshalAs(UnmanagedType.LPWStr)] string method,
            [MarshalAs(UnmanagedType.LPWStr)] string path,
            [MarshalAs(UnmanagedType.LPWStr)] string body,
            [MarshalAs(UnmanagedType.LPWStr)] out string response);

        public static string Call(string method, string path, string body)
        {
            string response;
            int result = HNSCall(method, path, body, out response);
            if (String.IsNullOrEmpty(response)) { Marshal.ThrowExceptionForHR(result); }
            return response;
        }
    }
}
'@

function Invoke-Hns {
    <#
    .SYNOPSIS
    One call to the Host Network Service: the one place that talks to it; returns what it answers.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [ValidateSet('GET', 'POST', 'DELETE')] [string] $Method,
        [Parameter(Mandatory = $true)] [string] $Path,
        [string] $Body = ''
    )
    if (-not ('Casement.Hns' -as [type])) { Add-Type -TypeDefinition $script:HnsSource }
    $reply = ConvertFrom-Json -InputObject ([Casement.Hns]::Call($Method, $Path, $Body))
    if (-not $reply.Success) { throw "The Host Network Service refused $Method ${Path}: $($reply.Error)" }
    if ($reply.PSObject.Properties['Output']) { return $reply.Output }
}

function Get-HnsNetwork {
    <#
    .SYNOPSIS
    The HNS networks of this host, or the one of a name.
    #>
    [CmdletBinding()]
    param([string] $Name = '')
    return @(Invoke-Hns -Method GET -Path '/networks/') | Where-Object { $_ -and ((-not $Name) -or ($_.Name -eq $Name)) }
}

function Remove-HnsNetwork {
    <#
    .SYNOPSIS
    Removes one HNS network; the adapter under it restarts, and with it every connection.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Id)
    $null = Invoke-Hns -Method DELETE -Path "/networks/$Id"
}

function Get-HnsEndpoint {
    <#
    .SYNOPSIS
    The HNS endpoints on one network.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkId)
    return @(Invoke-Hns -Method GET -Path '/endpoints/') | Where-Object { $_ -and ($_.VirtualNetwork -eq $NetworkId) }
}

function Remove-HnsEndpoint {
    <#
    .SYNOPSIS
    Removes one HNS endpoint.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Id)
    $null = Invoke-Hns -Method DELETE -Path "/endpoints/$Id"
}

function Get-HnsPolicyList {
    <#
    .SYNOPSIS
    The load balancers that kube-proxy has made in HNS.
    #>
    [CmdletBinding()]
    param()
    return @(Invoke-Hns -Method GET -Path '/policylists/') | Where-Object { $_ }
}

function Remove-HnsPolicyList {
    <#
    .SYNOPSIS
    Removes one load balancer of HNS.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Id)
    $null = Invoke-Hns -Method DELETE -Path "/policylists/$Id"
}

function Clear-HnsPolicyList {
    <#
    .SYNOPSIS
    Removes all load balancers: those of an ended kube-proxy would keep answering with its old endpoints.
    #>
    [CmdletBinding()]
    param()
    foreach ($list in @(Get-HnsPolicyList)) { Remove-HnsPolicyList -Id $list.ID }
}

function Get-PodNetwork {
    <#
    .SYNOPSIS
    The network flannel made, as Id, Type, Prefix (CIDR); nothing while there is none.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NetworkName)
    $network = @(Get-HnsNetwork -Name $NetworkName) | Select-Object -First 1
    if (-not $network) { return $null }
    return [pscustomobject]@{ Id = $network.ID; Type = $network.Type; Prefix = @($network.Subnets)[0].AddressPrefix }
}
