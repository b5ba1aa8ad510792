<#
.SYNOPSIS
What a node built by hand, after Kubernetes' old guide for Windows, has left on this host. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:FormerPrograms = @('kube-proxy', 'kubelet', 'flanneld')
# start.ps1 made External to have a virtual switch at all, then flanneld made vxlan0, or cbr0 in mode l2bridge.
$script:FormerNetworks = @('cbr0', 'vxlan0', 'External')
$script:FormerRules = @('OverlayTraffic4789UDP', 'KubeletAllow10250')
$script:FormerVariables = @('KUBECONFIG', 'HTTP_PROXY', 'HTTPS_PROXY')
$script:FormerFolders = @(
    'C:\etc\cni', 'C:\etc\kube-flannel', 'C:\etc\kubernetes', 'C:\run\flannel', 'C:\usr\libexec\kubernetes',
    'C:\var\lib\cni', 'C:\var\lib\kubelet', 'C:\var\log\containers', 'C:\var\log\pods'
)
$script:MachineEnvironment = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'

function Test-CurrentNode {
    <#
    .SYNOPSIS
    Whether the kubelet of this host is ours: then nothing on it is a former node's.
    #>
    [CmdletBinding()]
    param()
    return $null -ne (Get-Marker -Name 'service-kubelet')
}

function Get-FormerService {
    <#
    .SYNOPSIS
    Services by which the guide's programs were kept running (nssm, sc.exe), which are none of ours.
    #>
    [CmdletBinding()]
    param()
    foreach ($name in $script:FormerPrograms) {
        if (Get-Marker -Name "service-$name") { continue }
        Get-NodeService -Name $name | Where-Object { $_ }
    }
}

function Get-FormerProcess {
    <#
    .SYNOPSIS
    The guide's programs that run from C:\k, as services or in the windows that start.ps1 had opened.
    #>
    [CmdletBinding()]
    param()
    return @(Get-Process -Name $script:FormerPrograms -ErrorAction SilentlyContinue | Where-Object { [string]$_.Path -like 'C:\k\*' })
}

function Test-FormerNetwork {
    <#
    .SYNOPSIS
    Whether the guide's programs have made networks of this name.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    return $script:FormerNetworks -contains $Name
}

function Get-FormerNetwork {
    <#
    .SYNOPSIS
    The HNS networks that the guide's programs have made; Docker's own is none of them.
    #>
    [CmdletBinding()]
    param()
    if (-not (Test-ServiceRunning -Name 'hns')) { return }
    return @(Get-HnsNetwork | Where-Object { Test-FormerNetwork -Name $_.Name })
}

function Get-FormerRule {
    <#
    .SYNOPSIS
    Names of the firewall rules that start.ps1 has made.
    #>
    [CmdletBinding()]
    param()
    return @($script:FormerRules | Where-Object { Get-NetFirewallRule -Name $_ -ErrorAction SilentlyContinue })
}

function Get-FormerVariable {
    <#
    .SYNOPSIS
    Names of the machine's environment variables that the guide has set.
    #>
    [CmdletBinding()]
    param()
    $values = Get-ItemProperty -Path $script:MachineEnvironment
    return @($script:FormerVariables | Where-Object { $values.PSObject.Properties[$_] })
}

function Get-FormerPath {
    <#
    .SYNOPSIS
    Files and folders of the guide: all in C:\k but our own, and what its programs keep elsewhere.
    #>
    [CmdletBinding()]
    param()
    foreach ($item in @(Get-ChildItem -Path 'C:\k' -Force -ErrorAction SilentlyContinue)) {
        if ($item.FullName -ne $script:Root) { $item.FullName }
    }
    $script:FormerFolders | Where-Object { Test-Path -LiteralPath $_ }
}

function Get-FormerCredential {
    <#
    .SYNOPSIS
    Kubeconfig files in C:\k: the path, the cluster's address and the user's name, never a key or a token.
    #>
    [CmdletBinding()]
    param()
    foreach ($file in @(Get-ChildItem -Path 'C:\k' -File -Force -ErrorAction SilentlyContinue)) {
        if ($file.Length -gt 200000) { continue }
        $text = [System.IO.File]::ReadAllText($file.FullName)
        if (($text -notmatch '(?m)^kind:\s*Config\s*$') -or ($text -notmatch '(?m)^users:')) { continue }
        $server = ''
        if ($text -match '(?m)^[ \t-]*server:[ \t]+(\S+)') { $server = $Matches[1] }
        $user = ''
        if ($text -match '(?m)^[ \t-]*user:[ \t]+(\S+)') { $user = $Matches[1] }
        [pscustomobject]@{ path = $file.FullName; server = $server; user = $user }
    }
}
