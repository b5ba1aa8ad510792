#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the Windows feature Containers if Install-ContainersFeature.ps1 installed it.

.DESCRIPTION
Windows finishes the removal at the next restart, which is left to the administrator: the output says whether one is needed.

.EXAMPLE
.\Uninstall-ContainersFeature.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$restartNeeded = $false
if (Get-Marker -Name 'containers-feature') {
    if ([string](Get-WindowsFeature -Name Containers).InstallState -eq 'Installed') {
        Write-Log -Message 'removing feature Containers'
        $result = Uninstall-WindowsFeature -Name Containers
        if (-not $result.Success) { throw "Uninstall-WindowsFeature Containers failed: $($result.ExitCode)." }
        $restartNeeded = ([string]$result.RestartNeeded -ne 'No')
    }
    Remove-Marker -Name 'containers-feature'
}
Remove-Marker -Name 'restart'
$state = [string](Get-WindowsFeature -Name Containers).InstallState
if ($restartNeeded) { Write-Log -Message 'restart this host when it suits: Windows then finishes removing feature Containers' }
ConvertTo-PlainJson -InputObject ([ordered]@{ feature = $state; restartNeeded = $restartNeeded })
