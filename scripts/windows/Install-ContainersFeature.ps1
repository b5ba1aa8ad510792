#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs the Windows feature Containers, and notes that a restart is needed when it is.

.DESCRIPTION
The note (marker "restart") is written before the installation, so that it is not lost to whatever cuts this script off.
Restart-Host.ps1 acts on it, Confirm-Restart.ps1 takes it away.

.EXAMPLE
.\Install-ContainersFeature.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

Add-Fact -Kind feature -Name 'Containers'
$state = [string](Get-WindowsFeature -Name Containers).InstallState
if ($state -eq 'Removed') {
    Stop-Step -What 'The files of feature Containers were removed from this Windows.' -Cause 'the image was made smaller.' `
        -Next 'install it by hand with Install-WindowsFeature Containers -Source PATH, then run again.'
}
if (($state -ne 'Installed') -and ($state -ne 'InstallPending')) {
    $boot = Get-BootId
    Set-Marker -Name 'containers-feature' -Value @{ installedInBoot = $boot }
    Set-Marker -Name 'restart' -Value @{ neededSinceBoot = $boot; reason = 'feature Containers' }
    Write-Log -Message 'installing feature Containers'
    $result = Install-WindowsFeature -Name Containers
    if (-not $result.Success) { throw "Install-WindowsFeature Containers failed: $($result.ExitCode)." }
    if ([string]$result.RestartNeeded -eq 'No') { Remove-Marker -Name 'restart' }
}

$state = [string](Get-WindowsFeature -Name Containers).InstallState
if (($state -ne 'Installed') -and ($state -ne 'InstallPending')) { throw "Feature Containers is $state after its installation." }
ConvertTo-PlainJson -InputObject ([ordered]@{ feature = $state; restartNeeded = ($null -ne (Get-Marker -Name 'restart')) })
