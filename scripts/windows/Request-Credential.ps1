#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes a key for this node, which never leaves it, and prints the request for a certificate, which is no secret.

.DESCRIPTION
kubeadm makes both, as a kubeconfig without certificates and a certificate request, in a folder that only administrators
can enter. A host that is a member needs no key any more, and its request stays what it was.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ApiEndpoint
HOST:PORT of the API server.

.PARAMETER Configuration
kubeadm InitConfiguration and ClusterConfiguration as YAML.

.PARAMETER JoiningRevision
Changes with everything that the join depends on, so that a join that runs again has a key again; not read here.

.EXAMPLE
.\Request-Credential.ps1 -NodeName win1 -ApiEndpoint 10.0.0.10:6443 -Configuration YAML -JoiningRevision 0
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ApiEndpoint,
    [Parameter(Mandatory = $true)] [string] $Configuration,
    [Parameter(Mandatory = $true)] [string] $JoiningRevision
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = 'C:\k\casement\credential'
$request = "$folder\kubelet.conf.csr"

function New-Key {
    <#
    .SYNOPSIS
    Lets kubeadm make a key and a request. It makes them for a whole control plane; the node's own are all that is kept.
    #>
    [CmdletBinding()]
    param()
    Write-Log -Message 'making a key'
    $making = "$folder.new"
    Remove-Present -Path @($folder, $making)
    Protect-Folder -Path $making
    $null = Save-TextFile -Path "$making\kubeadm.yaml" -Text $Configuration
    $arguments = @('certs', 'generate-csr', '--config', "$making\kubeadm.yaml")
    $arguments += @('--cert-dir', "$making\pki", '--kubeconfig-dir', $making)
    Push-Location -Path 'C:\'
    try {
        $null = Invoke-Native -FilePath 'C:\k\kubeadm.exe' -ArgumentList $arguments
    } finally {
        Pop-Location
    }
    foreach ($item in @(Get-ChildItem -Path $making -Force | Where-Object { $_.Name -notlike 'kubelet.conf*' })) {
        Remove-Present -Path $item.FullName
    }
    Move-Item -Path $making -Destination $folder -Force
}

$membership = Get-Membership -NodeName $NodeName -ApiEndpoint $ApiEndpoint
$needed = ($membership -ne 'member') -and (-not (Test-Path -LiteralPath "$folder\kubelet.conf"))
if ($needed -or (-not (Test-Path -LiteralPath $request))) { New-Key }
[System.IO.File]::ReadAllText($request).Trim()
