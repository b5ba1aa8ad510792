#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Brings the images in that no pod starts without: archives of the site, and the pause image.

.DESCRIPTION
An archive is imported once, by its digest. The pause image is pulled if no archive held it, and its build is compared with
the build of this host, since a Windows container starts only on the build that it was made for.

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
.\Import-Images.ps1 -PauseImage registry.k8s.io/pause:3.10.2 -CriEndpoint npipe:////./pipe/containerd-containerd
#>
[CmdletBinding()]
param(
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

$ctr = 'C:\Program Files\containerd\ctr.exe'

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
    $imported = (Invoke-Native -FilePath $ctr -ArgumentList @('-n', 'k8s.io', 'images', 'import', $archive)).Output
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
    $text = (Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('inspecti', '-o', 'json', $Name)).Output -join "`n"
    if ($text -match '"os\.version"\s*:\s*"10\.0\.(\d+)') { return $Matches[1] }
    return ''
}

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
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
