#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes this host trust the site's own certificate authorities.

.DESCRIPTION
They go into the machine's store of trusted roots, which curl, containerd, Docker and kubelet read. Those that stood there
before are not ours, and stay when ours are taken away.

.PARAMETER Certificates
The certificates, each as PEM text.

.PARAMETER Thumbprints
Their SHA-1 digests in hexadecimal, in the same order: what Windows calls a certificate by.

.EXAMPLE
.\Install-CaCertificate.ps1 -Certificates (Get-Content -Raw ca.pem) -Thumbprints HEX
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Certificates,
    [Parameter(Mandatory = $true)] [string[]] $Thumbprints
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$ours = @()
$before = Get-Marker -Name 'ca-certificates'
if ($before) { $ours = @($before.thumbprints) }
$missing = @($Thumbprints | Where-Object { -not (Test-TrustedRoot -Thumbprint $_) })
# Noted before it is done: what is cut off here is still taken back.
$kept = @($ours | Where-Object { ($Thumbprints -contains $_) -and ($missing -notcontains $_) })
Set-Marker -Name 'ca-certificates' -Value @{ thumbprints = @($ours + $missing) }
for ($i = 0; $i -lt $Certificates.Count; $i++) {
    if ($missing -contains $Thumbprints[$i]) { Add-TrustedRoot -Certificate $Certificates[$i] -Thumbprint $Thumbprints[$i] }
}
foreach ($old in @($ours | Where-Object { $Thumbprints -notcontains $_ })) { Remove-TrustedRoot -Thumbprint $old }
Set-Marker -Name 'ca-certificates' -Value @{ thumbprints = @($kept + $missing) }
foreach ($thumbprint in $Thumbprints) {
    if (-not (Test-TrustedRoot -Thumbprint $thumbprint)) { throw "Certificate $thumbprint is not among the trusted roots." }
}
ConvertTo-PlainJson -InputObject ([ordered]@{ trusted = $Thumbprints; added = $missing })
