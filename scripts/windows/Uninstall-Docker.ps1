#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes Docker Engine with its containers, images and its service.

.DESCRIPTION
Containers and images are removed by Docker itself, since Windows layers are more than files and do not go by deleting
folders. A Docker that we have not installed is left alone.

.EXAMPLE
.\Uninstall-Docker.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = 'C:\Program Files\docker'
if (Get-Marker -Name 'service-docker') {
    if (Test-ServiceRunning -Name 'docker') {
        $arguments = @('system', 'prune', '--all', '--volumes', '--force')
        $removal = Invoke-Native -FilePath "$folder\docker.exe" -ArgumentList $arguments -AnyCode
        if ($removal.ExitCode -ne 0) { Write-Log -Message "images stay: $($removal.ErrorText -join ' ')" }
    }
    Stop-NodeService -Name 'docker'
    # dockerd takes away what it has registered beside the service: the source of its entries in the event log.
    if (Test-Path -LiteralPath "$folder\dockerd.exe") {
        $null = Invoke-Native -FilePath "$folder\dockerd.exe" -ArgumentList @('--unregister-service') -AnyCode -Show
    }
    Remove-NodeService -Name 'docker'
    foreach ($imported in @(Get-ChildItem -Path 'C:\k\casement\state' -Filter 'images-*.json')) {
        Remove-Present -Path $imported.FullName
    }
}
if (Get-Marker -Name 'archive-docker') {
    Uninstall-Archive -Name 'docker'
    try {
        Remove-Present -Path 'C:\ProgramData\docker'
    } catch {
        Write-Log -Message "C:\ProgramData\docker could not be removed whole: $($_.Exception.Message)"
    }
}
# An installation that was cut off at its beginning has left them with nothing in them.
Remove-Empty -Path @($folder, 'C:\ProgramData\docker')
Remove-DefenderExclusion
Remove-Present -Path 'C:\k\casement\download'
if (Get-Marker -Name 'service-docker') { throw 'Service docker is still there.' }
