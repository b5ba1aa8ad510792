<#
.SYNOPSIS
Files, folders and verified downloads. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Remove-Present {
    <#
    .SYNOPSIS
    Removes the files and folders that are there.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Path)
    foreach ($one in $Path) {
        if (Test-Path -LiteralPath $one) { Remove-Item -LiteralPath $one -Recurse -Force }
    }
}

function Remove-Empty {
    <#
    .SYNOPSIS
    Removes the folders that are there and hold nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Path)
    foreach ($one in $Path) {
        if ((Test-Path -LiteralPath $one) -and (-not (Get-ChildItem -Path $one -Force))) { Remove-Item -LiteralPath $one -Force }
    }
}

function Set-TextFile {
    <#
    .SYNOPSIS
    Makes the file hold exactly this text (UTF-8, no byte order mark); returns whether that was a change.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    if ((Test-Path -LiteralPath $Path) -and ([System.IO.File]::ReadAllText($Path) -ceq $Text)) { return $false }
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Path -Parent)
    # Written beside and moved over, so that whoever is cut off here never leaves half a file in its place.
    [System.IO.File]::WriteAllText("$Path.new", $Text)
    Move-Item -Path "$Path.new" -Destination $Path -Force
    return $true
}

function Protect-Folder {
    <#
    .SYNOPSIS
    Makes folders that only SYSTEM and administrators may enter; under C:\ anyone may write by default.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Path)
    foreach ($one in $Path) {
        $null = New-Item -ItemType Directory -Force -Path $one
        if ((Get-Acl -Path $one).AreAccessRulesProtected) { continue }
        $rights = @('*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F')
        $null = Invoke-Native -FilePath 'icacls.exe' -ArgumentList (@($one, '/inheritance:r', '/grant:r') + $rights)
    }
}

function Set-ProxyEnvironment {
    <#
    .SYNOPSIS
    Lets the downloads of this script go through the site's proxy; empty values leave things as they are.
    #>
    [CmdletBinding()]
    param([string] $HttpProxy = '', [string] $HttpsProxy = '', [string] $NoProxy = '')
    if ($HttpProxy) { $env:HTTP_PROXY = $HttpProxy }
    if ($HttpsProxy) { $env:HTTPS_PROXY = $HttpsProxy }
    if ($NoProxy) { $env:NO_PROXY = $NoProxy }
}

function Test-FileDigest {
    <#
    .SYNOPSIS
    Whether the file is there and has this SHA-256 (64 hexadecimal digits, with or without "sha256:").
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [Parameter(Mandatory = $true)] [string] $Digest)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return $false }
    return (Get-FileHash -Path $Path -Algorithm SHA256).Hash -eq ($Digest -replace '^sha256:', '')
}

function Save-Download {
    <#
    .SYNOPSIS
    Fetches a URL into a file and proves its SHA-256; a file that is right already is not fetched again.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Url,
        [Parameter(Mandatory = $true)] [string] $Digest,
        [Parameter(Mandatory = $true)] [string] $Path
    )
    if (Test-FileDigest -Path $Path -Digest $Digest) { return }
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Path -Parent)
    Write-Log -Message "fetching $Url"
    $arguments = @('--fail', '--silent', '--show-error', '--location', '--retry', '5', '--retry-delay', '2')
    $arguments += @('--connect-timeout', '30', '--max-time', '1500', '--output', "$Path.part", $Url)
    $fetched = Invoke-Native -FilePath 'curl.exe' -ArgumentList $arguments -AnyCode
    if ($fetched.ExitCode -ne 0) {
        Stop-Step -What "Could not fetch ${Url}: $($fetched.ErrorText -join ' ')." `
            -Cause 'the address cannot be reached from this host, or the file is not there.' `
            -Next 'set proxy or mirror in the configuration, or correct the version.'
    }
    if (-not (Test-FileDigest -Path "$Path.part" -Digest $Digest)) {
        $found = (Get-FileHash -Path "$Path.part" -Algorithm SHA256).Hash.ToLowerInvariant()
        Remove-Present -Path "$Path.part"
        Stop-Step -What "$Url has SHA-256 $found, not the pinned $Digest." `
            -Cause 'a proxy or mirror answered with something else, or the pin belongs to another version.' `
            -Next 'fetch it by hand and compare; correct the pin only if the new file is trusted.'
    }
    Move-Item -Path "$Path.part" -Destination $Path -Force
}

function Install-File {
    <#
    .SYNOPSIS
    Moves a file to its place, also over a running program; returns whether the place held another one.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Source, [Parameter(Mandatory = $true)] [string] $Path)
    $folder = Split-Path -Path $Path -Parent
    $null = New-Item -ItemType Directory -Force -Path $folder
    $leaf = Split-Path -Path $Path -Leaf
    foreach ($old in @(Get-ChildItem -Path $folder -Filter "$leaf.old-*" -Force)) {
        Remove-Item -LiteralPath $old.FullName -Force -ErrorAction SilentlyContinue
    }
    if (Test-Path -LiteralPath $Path) {
        if (Test-FileDigest -Path $Path -Digest (Get-FileHash -Path $Source -Algorithm SHA256).Hash) {
            Remove-Item -LiteralPath $Source -Force
            return $false
        }
        # A running program cannot be overwritten, but it can be renamed.
        Move-Item -Path $Path -Destination ('{0}.old-{1}' -f $Path, [datetime]::UtcNow.ToString('yyyyMMddHHmmss')) -Force
    }
    Move-Item -Path $Source -Destination $Path -Force
    Write-Log -Message "installed $Path"
    return $true
}

function Install-Archive {
    <#
    .SYNOPSIS
    Unpacks files of a verified archive (.tar.gz) into a folder; returns whether anything changed.
    .DESCRIPTION
    What was unpacked, with its digests, is kept as marker archive-NAME; Uninstall-Archive takes exactly that away.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $Url,
        [Parameter(Mandatory = $true)] [string] $Digest,
        [Parameter(Mandatory = $true)] [string] $Target,
        [string[]] $Only = @()
    )
    $marker = Get-Marker -Name "archive-$Name"
    if ($marker -and ($marker.digest -eq $Digest)) {
        $wrong = @($marker.files | Where-Object { -not (Test-FileDigest -Path $_.path -Digest $_.digest) })
        if ($wrong.Count -eq 0) { return $false }
    }
    $archive = "$script:Root\download\$Name.tar.gz"
    $staging = "$script:Root\download\$Name"
    Save-Download -Url $Url -Digest $Digest -Path $archive
    Remove-Present -Path $staging
    $null = New-Item -ItemType Directory -Force -Path $staging
    $null = Invoke-Native -FilePath 'tar.exe' -ArgumentList @('-xf', $archive, '-C', $staging)
    $found = @(Get-ChildItem -Path $staging -Recurse -File | Where-Object { ($Only.Count -eq 0) -or ($Only -contains $_.Name) })
    if (($found.Count -eq 0) -or ($found.Count -lt $Only.Count)) { throw "$Url does not hold all of: $($Only -join ', ')." }
    $files = @()
    $changed = $false
    foreach ($file in $found) {
        $path = Join-Path -Path $Target -ChildPath $file.Name
        $files += @{ path = $path; digest = (Get-FileHash -Path $file.FullName -Algorithm SHA256).Hash }
        if (Install-File -Source $file.FullName -Path $path) { $changed = $true }
    }
    Set-Marker -Name "archive-$Name" -Value @{ digest = $Digest; files = $files }
    Remove-Present -Path @($staging, $archive)
    return $changed
}

function Uninstall-Archive {
    <#
    .SYNOPSIS
    Removes what Install-Archive unpacked under this name.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $marker = Get-Marker -Name "archive-$Name"
    if (-not $marker) { return }
    foreach ($file in @($marker.files)) { Remove-Present -Path $file.path }
    Remove-Marker -Name "archive-$Name"
}
