#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Brings the images in that no pod starts without: archives of the site, and the pause image.

.DESCRIPTION
An archive is imported once, by its digest. The pause image is pulled if no archive held it, and its build is compared with
the build of this host, since a Windows container starts only on the build that it was made for.

.PARAMETER Runtime
Container runtime of this host: containerd or docker.

.PARAMETER ArchiveUrls
Addresses of image archives (.tar).

.PARAMETER ArchiveDigests
Their SHA-256, in the same order.

.PARAMETER PauseImage
Name and tag of the pause image.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Import-Images.ps1 -Runtime containerd -PauseImage registry.k8s.io/pause:3.10.2 -CriEndpoint npipe:////./pipe/containerd-containerd
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateSet('containerd', 'docker')] [string] $Runtime,
    [AllowEmptyCollection()] [string[]] $ArchiveUrls = @(),
    [AllowEmptyCollection()] [string[]] $ArchiveDigests = @(),
    [Parameter(Mandatory = $true)] [string] $PauseImage,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$docker = 'C:\Program Files\docker\docker.exe'

function Import-ArchiveFile {
    <#
    .SYNOPSIS
    Hands the archive to the container runtime; returns what that says.
    #>
    [CmdletBinding()]
    param([string] $Path)
    if ($Runtime -eq 'docker') { return (Invoke-Native -FilePath $docker -ArgumentList @('load', '--input', $Path)).Output }
    $arguments = @('-n', 'k8s.io', 'images', 'import', $Path)
    return (Invoke-Native -FilePath 'C:\Program Files\containerd\ctr.exe' -ArgumentList $arguments).Output
}

function Import-Archive {
    <#
    .SYNOPSIS
    Fetches one archive and imports its images, unless this very archive was imported before.
    #>
    [CmdletBinding()]
    param([string] $Url, [string] $Digest)
    $hex = $Digest -replace '^sha256:', ''
    $marker = "images-$($hex.Substring(0, 12))"
    if (Get-Marker -Name $marker) { return }
    $archive = "C:\k\casement\download\$hex.tar"
    Save-Download -Url $Url -Digest $hex -Path $archive
    Write-Log -Message "importing the images of $Url"
    $imported = Import-ArchiveFile -Path $archive
    Set-Marker -Name $marker -Value @{ url = $Url; output = @($imported) }
    Remove-Present -Path $archive
}

function Test-Image {
    <#
    .SYNOPSIS
    Whether the container runtime has the image.
    #>
    [CmdletBinding()]
    param([string] $Name)
    $found = Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('images', '-q', $Name)
    return @($found.Output | Where-Object { $_ }).Count -gt 0
}

function Get-ImageBuild {
    <#
    .SYNOPSIS
    The Windows build an image was made for, where the container runtime tells it.
    #>
    [CmdletBinding()]
    param([string] $Name)
    if ($Runtime -eq 'docker') {
        $version = (Invoke-Native -FilePath $docker -ArgumentList @('image', 'inspect', '--format', '{{.OsVersion}}', $Name)).Output -join ''
        if ($version -match '^10\.0\.(\d+)') { return $Matches[1] }
        return ''
    }
    $text = (Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('inspecti', '-o', 'json', $Name)).Output -join "`n"
    if ($text -match '"os\.version"\s*:\s*"10\.0\.(\d+)') { return $Matches[1] }
    return ''
}

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
if (-not (Test-Image -Name $PauseImage)) {
    # What was imported once may be gone: taken away to make room, or by a power cut.
    foreach ($digest in $ArchiveDigests) { Remove-Marker -Name "images-$(($digest -replace '^sha256:', '').Substring(0, 12))" }
}
for ($i = 0; $i -lt $ArchiveUrls.Count; $i++) { Import-Archive -Url $ArchiveUrls[$i] -Digest $ArchiveDigests[$i] }

$build = [string](Get-CimInstance -ClassName Win32_OperatingSystem).BuildNumber
if (-not (Test-Image -Name $PauseImage)) {
    Write-Log -Message "pulling $PauseImage"
    $pull = Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('pull', $PauseImage) -Timeout '20m' -AnyCode
    if ($pull.ExitCode -ne 0) {
        Stop-Step -What "Could not pull ${PauseImage}: $(@($pull.ErrorText | Select-Object -Last 1) -join '')." `
            -Cause "the registry is not reached from this host, or the image has no version for Windows build $build." `
            -Next 'set proxy, images.pause or imageArchives in the configuration; pause 3.10.2 is made for both builds.'
    }
}
$imageBuild = Get-ImageBuild -Name $PauseImage
if ($imageBuild -and ($imageBuild -ne $build)) {
    Stop-Step -What "$PauseImage on this host is made for Windows build $imageBuild, this host is build $build." `
        -Cause 'an image archive for another Windows was imported.' -Next "import an archive for build $build."
}
if (-not (Test-Image -Name $PauseImage)) { throw "$PauseImage is not there although it was pulled." }
ConvertTo-PlainJson -InputObject ([ordered]@{ pauseImage = $PauseImage; windowsBuild = $build; imageBuild = $imageBuild })
