#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Joins this host to the cluster with kubeadm.

.DESCRIPTION
A host that is a member already stays as it is: its own credential reads its own Node at the endpoint given. What an
unfinished or outlived membership has left is reset first. The token is in a file only administrators can read, for as
long as kubeadm needs it.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ApiEndpoint
HOST:PORT of the API server.

.PARAMETER JoinConfiguration
kubeadm JoinConfiguration as YAML, with @TOKEN@ and @CA_CERT_HASH@ where the next two go.

.PARAMETER Token
Bootstrap token. Never printed.

.PARAMETER CaCertHash
Hash of the cluster's CA certificate, as sha256:HEX. Never printed.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Join-Cluster.ps1 -NodeName win1 -ApiEndpoint 10.0.0.10:6443 -JoinConfiguration YAML -Token TOKEN -CaCertHash HASH -CriEndpoint npipe:////./pipe/containerd-containerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ApiEndpoint,
    [Parameter(Mandatory = $true)] [string] $JoinConfiguration,
    [Parameter(Mandatory = $true)] [string] $Token,
    [Parameter(Mandatory = $true)] [string] $CaCertHash,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$kubeconfig = 'C:\etc\kubernetes\kubelet.conf'
$joinFile = 'C:\k\join.yaml'
$kubeletLog = Join-Path -Path $LogFolder -ChildPath 'kubelet.log'

function Get-Membership {
    <#
    .SYNOPSIS
    "member", "stale" (of a cluster or a Node that is no more) or "none".
    #>
    [CmdletBinding()]
    param()
    if (-not (Test-Path -LiteralPath $kubeconfig)) { return 'none' }
    $server = ''
    if ([System.IO.File]::ReadAllText($kubeconfig) -match '(?m)^\s*server:\s*(\S+)') { $server = $Matches[1] }
    if ($server -ne "https://$ApiEndpoint") {
        if (Get-Marker -Name 'joined') { return 'stale' }
        Stop-Step -What "This host has joined the cluster at $server, not the one at https://$ApiEndpoint." `
            -Cause 'it is a node of another cluster.' -Next 'take it out of that cluster (kubeadm reset), or name another host.'
    }
    $arguments = @('--kubeconfig', $kubeconfig, '--request-timeout=20s', 'get', 'node', $NodeName, '-o', 'name')
    $reply = Invoke-Native -FilePath 'C:\k\kubectl.exe' -ArgumentList $arguments -AnyCode
    if ($reply.ExitCode -eq 0) { return 'member' }
    $text = $reply.ErrorText -join ' '
    if ($text -match 'x509|certificate|Unauthorized|NotFound|Forbidden|no such file|cannot find the file') {
        Write-Log -Message "the former membership is of no use any more: $text"
        return 'stale'
    }
    Stop-Step -What "The API server at https://$ApiEndpoint does not answer: $text." `
        -Cause 'a firewall, a wrong controlPlane.endpoint, or a control plane that is down.' `
        -Next "try curl.exe -k https://$ApiEndpoint/livez on this host."
}

function Test-Remainder {
    <#
    .SYNOPSIS
    Whether an earlier join has left anything that kubeadm would stumble over.
    #>
    [CmdletBinding()]
    param()
    $left = @($kubeconfig, 'C:\etc\kubernetes\bootstrap-kubelet.conf', 'C:\etc\kubernetes\pki\ca.crt')
    $left += 'C:\var\lib\kubelet\config.yaml'
    return @($left | Where-Object { Test-Path -LiteralPath $_ }).Count -gt 0
}

function Get-JoinAdvice {
    <#
    .SYNOPSIS
    Likely cause of what kubeadm said.
    #>
    [CmdletBinding()]
    param([AllowEmptyString()] [string] $Text)
    if ($Text -match 'JWS|bootstrap-token|Unauthorized') { return 'the bootstrap token is not valid any more.' }
    if ($Text -match 'x509|public key') { return "the clocks differ, or the hash of the CA is another cluster's." }
    if ($Text -match 'preflight') { return 'a preflight check failed; windowsIgnorePreflightErrors can accept it.' }
    if ($Text -match 'connection refused|i/o timeout|deadline exceeded|no such host') {
        return 'the API server cannot be reached from this host.'
    }
    if ($Text -match 'kubelet') { return "kubelet does not become healthy; see $kubeletLog." }
    return "see the lines above and $kubeletLog."
}

function Invoke-Join {
    <#
    .SYNOPSIS
    Writes the join file, runs kubeadm with it, and removes it whatever happens.
    #>
    [CmdletBinding()]
    param()
    $text = $JoinConfiguration.Replace('@TOKEN@', $Token).Replace('@CA_CERT_HASH@', $CaCertHash)
    # kubeadm looks for kubelet on the PATH, which this session may have got before Install-NodeBinaries.ps1 changed it;
    # and it writes on the drive that it is started from.
    if (@($env:Path -split ';') -notcontains 'C:\k') { $env:Path = "C:\k;$env:Path" }
    Push-Location -Path 'C:\'
    try {
        # The file exists, closed to all but administrators, before there is anything to read in it.
        [System.IO.File]::WriteAllText($joinFile, '')
        $rights = @('*S-1-5-18:F', '*S-1-5-32-544:F')
        $null = Invoke-Native -FilePath 'icacls.exe' -ArgumentList (@($joinFile, '/inheritance:r', '/grant:r') + $rights)
        [System.IO.File]::WriteAllText($joinFile, $text)
        return Invoke-Native -FilePath 'C:\k\kubeadm.exe' -ArgumentList @('join', '--config', $joinFile) -AnyCode -Show
    } finally {
        Pop-Location
        Remove-Present -Path $joinFile
    }
}

Add-Secret -Value $Token
Add-Secret -Value $CaCertHash
Remove-Present -Path $joinFile
$membership = Get-Membership
if ($membership -ne 'member') {
    if (Test-Remainder) { & (Join-Path -Path $PSScriptRoot -ChildPath 'Reset-Node.ps1') -CriEndpoint $CriEndpoint }
    $null = New-Item -ItemType Directory -Force -Path 'C:\etc\kubernetes\manifests'
    Set-Marker -Name 'joined' -Value @{ endpoint = $ApiEndpoint }
    $join = Invoke-Join
    if ($join.ExitCode -ne 0) {
        $said = @($join.Output + $join.ErrorText)
        Stop-Step -What "kubeadm join failed: $(@($said | Select-Object -Last 3) -join ' / ')." `
            -Cause (Get-JoinAdvice -Text ($said -join ' ')) `
            -Next 'put that right and run the same command again; what is half done is reset first.'
    }
}
Start-NodeService -Name 'kubelet' -LogPath $kubeletLog
Wait-Condition -That "kubelet has its own credential $kubeconfig" -Test { Test-Path -LiteralPath $kubeconfig } -TimeoutSeconds 60
ConvertTo-PlainJson -InputObject ([ordered]@{ node = $NodeName; endpoint = $ApiEndpoint; before = $membership })
