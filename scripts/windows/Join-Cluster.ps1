#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Joins this host to the cluster with kubeadm.

.DESCRIPTION
A host that is a member already stays as it is: its own credential reads its own Node at the endpoint given. What an
unfinished or outlived membership has left is reset first. kubeadm is shown the cluster, and who this host is there, by a
kubeconfig with the key that Request-Credential.ps1 made and the certificate that was issued for it. Both go when kubelet
has a key of its own.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ApiEndpoint
HOST:PORT of the API server.

.PARAMETER JoinConfiguration
kubeadm JoinConfiguration as YAML, which names \k\casement\credential\discovery.conf.

.PARAMETER Certificate
Certificate of this node, as PEM.

.PARAMETER Authority
Certificate of the cluster's authority, as PEM.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Join-Cluster.ps1 -NodeName win1 -ApiEndpoint 10.0.0.10:6443 -JoinConfiguration YAML -Certificate PEM -Authority PEM -CriEndpoint npipe:////./pipe/containerd-containerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ApiEndpoint,
    [Parameter(Mandatory = $true)] [string] $JoinConfiguration,
    [Parameter(Mandatory = $true)] [string] $Certificate,
    [Parameter(Mandatory = $true)] [string] $Authority,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$kubeconfig = 'C:\etc\kubernetes\kubelet.conf'
$credential = 'C:\k\casement\credential'
$kubeletLog = Join-Path -Path $LogFolder -ChildPath 'kubelet.log'

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

function New-Discovery {
    <#
    .SYNOPSIS
    Writes the kubeconfig that kubeadm joins with: the one that was made with the key, and both certificates.
    #>
    [CmdletBinding()]
    param()
    if (-not (Test-Path -LiteralPath "$credential\kubelet.conf")) {
        Stop-Step -What 'The key of this host is gone.' -Cause 'somebody has removed what the step before made.' `
            -Next "make another one: pulumi up --replace '**::$NodeName-credential-requested'"
    }
    # Copied, not read: a policy may have PowerShell record what it holds.
    Copy-Item -Path "$credential\kubelet.conf" -Destination "$credential\discovery.conf" -Force
    $null = Save-TextFile -Path "$credential\certificate.pem" -Text "$Certificate`n"
    $null = Save-TextFile -Path "$credential\authority.pem" -Text "$Authority`n"
    $configure = @('config', '--kubeconfig', "$credential\discovery.conf")
    $cluster = @('set-cluster', 'kubernetes', '--certificate-authority', "$credential\authority.pem", '--embed-certs')
    $user = @('set-credentials', "system:node:$NodeName", '--client-certificate', "$credential\certificate.pem", '--embed-certs')
    foreach ($arguments in @($cluster, $user)) {
        $null = Invoke-Native -FilePath 'C:\k\kubectl.exe' -ArgumentList ($configure + $arguments)
    }
}

function Confirm-Credential {
    <#
    .SYNOPSIS
    Ends the script when the cluster refuses the certificate; kubeadm would try for minutes, and say nothing.
    #>
    [CmdletBinding()]
    param()
    $ask = @('--kubeconfig', "$credential\discovery.conf", '--request-timeout=10s', 'auth', 'whoami')
    $answer = Invoke-Native -FilePath 'C:\k\kubectl.exe' -ArgumentList $ask -AnyCode
    if (($answer.ExitCode -eq 0) -or (($answer.ErrorText -join ' ') -notmatch 'logged in to the server')) { return }
    Stop-Step -What "The cluster does not take the certificate that it has issued to $NodeName." `
        -Cause 'it has run out since, or a clock is wrong (compare w32tm /query /status here with date -u on the control plane).' `
        -Next "have another one issued: pulumi up --replace '**::$NodeName-credential-issued'"
}

function Invoke-Join {
    <#
    .SYNOPSIS
    Runs kubeadm with its configuration in a file.
    #>
    [CmdletBinding()]
    param()
    # kubeadm looks for kubelet on the PATH, which this session may have got before Install-NodeBinaries.ps1 changed it;
    # and it writes on the drive that it is started from.
    if (@($env:Path -split ';') -notcontains 'C:\k') { $env:Path = "C:\k;$env:Path" }
    $null = Save-TextFile -Path "$credential\join.yaml" -Text $JoinConfiguration
    Push-Location -Path 'C:\'
    try {
        $arguments = @('join', '--config', "$credential\join.yaml")
        return Invoke-Native -FilePath 'C:\k\kubeadm.exe' -ArgumentList $arguments -AnyCode -Show
    } finally {
        Pop-Location
    }
}

$membership = Get-Membership -NodeName $NodeName -ApiEndpoint $ApiEndpoint
if ($membership -ne 'member') {
    if (Test-Remainder) { & (Join-Path -Path $PSScriptRoot -ChildPath 'Reset-Node.ps1') -CriEndpoint $CriEndpoint }
    $null = New-Item -ItemType Directory -Force -Path 'C:\etc\kubernetes\manifests'
    # kubelet's own key comes to lie in a folder that users can read otherwise.
    Protect-Folder -Path 'C:\var\lib\kubelet\pki'
    Set-Marker -Name 'joined' -Value @{ endpoint = $ApiEndpoint }
    New-Discovery
    Confirm-Credential
    $join = Invoke-Join
    if ($join.ExitCode -ne 0) {
        $said = @($join.Output + $join.ErrorText) | Select-Object -Last 3
        throw "kubeadm join failed: $($said -join ' / '). Next: put that right and run again; what is half done is reset first."
    }
}
Start-NodeService -Name 'kubelet' -LogPath $kubeletLog
Wait-Condition -That "kubelet has its own credential $kubeconfig" -Test { Test-Path -LiteralPath $kubeconfig } -TimeoutSeconds 60
# kubelet has made a key of its own by now; what the first one stood in goes.
Remove-Present -Path @(
    "$credential\kubelet.conf", "$credential\discovery.conf", "$credential\certificate.pem", "$credential\authority.pem",
    "$credential\join.yaml", 'C:\etc\kubernetes\bootstrap-kubelet.conf'
)
ConvertTo-PlainJson -InputObject ([ordered]@{ node = $NodeName; endpoint = $ApiEndpoint; before = $membership })
