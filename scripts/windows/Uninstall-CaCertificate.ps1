#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Takes the certificate authorities away that Install-CaCertificate.ps1 has added.

.EXAMPLE
.\Uninstall-CaCertificate.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$added = Get-Marker -Name 'ca-certificates'
if ($added) {
    foreach ($thumbprint in @($added.thumbprints)) { Remove-TrustedRoot -Thumbprint $thumbprint }
    Remove-Marker -Name 'ca-certificates'
}
