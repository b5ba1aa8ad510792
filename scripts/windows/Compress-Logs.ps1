#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Packs what Export-Logs.ps1 has gathered, also where it was cut off by its time limit; returns the path of the archive.

.EXAMPLE
.\Compress-Logs.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = Split-Path -Path $PSScriptRoot -Parent
$archive = Join-Path -Path $folder -ChildPath 'collected.tar.gz'
$null = Invoke-Native -FilePath 'tar.exe' -ArgumentList @('-czf', $archive, '-C', (Join-Path -Path $folder -ChildPath 'collected'), '.')
return $archive
