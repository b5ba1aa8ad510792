#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes containerd with its images, its service and the exclusions made for it.

.DESCRIPTION
Images are removed by containerd itself, since Windows layers are more than files and do not go by deleting folders.
A containerd that we have not installed is left alone.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Uninstall-Containerd.ps1 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = 'C:\Program Files\containerd'

function Remove-AllImage {
    <#
    .SYNOPSIS
    Removes every image, and waits until their layers are gone too.
    #>
    [CmdletBinding()]
    param()
    if (-not (Test-ServiceRunning -Name 'containerd')) { return }
    $list = Invoke-Native -FilePath "$folder\ctr.exe" -ArgumentList @('-n', 'k8s.io', 'images', 'ls', '-q') -AnyCode
    foreach ($image in @($list.Output | Where-Object { $_ })) {
        $arguments = @('-n', 'k8s.io', 'images', 'rm', '--sync', $image)
        $removal = Invoke-Native -FilePath "$folder\ctr.exe" -ArgumentList $arguments -AnyCode
        if ($removal.ExitCode -ne 0) { Write-Log -Message "image $image stays: $($removal.ErrorText -join ' ')" }
    }
}

if (Get-Marker -Name 'service-containerd') {
    Remove-AllImage
    Remove-NodeService -Name 'containerd'
    foreach ($imported in @(Get-ChildItem -Path 'C:\k\casement\state' -Filter 'images-*.json')) {
        Remove-Present -Path $imported.FullName
    }
}
Uninstall-Archive -Name 'crictl'
if (Get-Marker -Name 'archive-containerd') {
    Uninstall-Archive -Name 'containerd'
    Remove-Marker -Name 'registries'
    Remove-Present -Path @("$folder\config.toml", (Join-Path -Path $LogFolder -ChildPath 'containerd.log'))
    try {
        Remove-Present -Path 'C:\ProgramData\containerd'
    } catch {
        Write-Log -Message "C:\ProgramData\containerd could not be removed whole: $($_.Exception.Message)"
    }
}
# An installation that was cut off at its beginning has left them with nothing in them.
Remove-Empty -Path @($folder, 'C:\ProgramData\containerd')
Remove-DefenderExclusion
Remove-Present -Path 'C:\k\casement\download'
if (Get-Marker -Name 'service-containerd') { throw 'Service containerd is still there.' }
