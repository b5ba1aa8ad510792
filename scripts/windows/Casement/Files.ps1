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
    Makes the file hold exactly this text for good; returns whether that was a change.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    Add-Fact -Kind file -Name $Path
    return Save-TextFile -Path $Path -Text $Text
}

function Save-TextFile {
    <#
    .SYNOPSIS
    Makes the file hold this text (UTF-8, no byte order mark) until something else is written into it; returns whether
    that was a change.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    if ((Test-Path -LiteralPath $Path) -and ([System.IO.File]::ReadAllText($Path) -ceq $Text)) { return $false }
    Add-Change
    Write-TextFile -Path $Path -Text $Text
    return $true
}

function Write-TextFile {
    <#
    .SYNOPSIS
    Writes a text (UTF-8, no byte order mark) beside its place and moves it over, so that whoever is cut off here never
    leaves half a file there. It is on the disk by then: after a power cut the name would otherwise stand for no content.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Path -Parent)
    $content = [System.Text.Encoding]::UTF8.GetBytes($Text)
    $stream = [System.IO.File]::Create("$Path.new")
    try {
        $stream.Write($content, 0, $content.Length)
        $stream.Flush($true)
    } finally {
        $stream.Dispose()
    }
    Move-Item -Path "$Path.new" -Destination $Path -Force
}

function Protect-Folder {
    <#
    .SYNOPSIS
    Makes folders that only SYSTEM and administrators may enter; under C:\ anyone may write by default.
    .PARAMETER Readable
    Users may read: among them is ContainerUser, as whom most Windows pods run, and whose volumes lie in kubelet's folder.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Path, [switch] $Readable)
    $rights = @('*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F')
    if ($Readable) { $rights += '*S-1-5-32-545:(OI)(CI)RX' }
    foreach ($one in $Path) {
        $null = New-Item -ItemType Directory -Force -Path $one
        if ((Get-Acl -Path $one).AreAccessRulesProtected) { continue }
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
    # An authority of the site's own mostly has no list of revoked certificates, without which Windows' curl gives up.
    $arguments += @('--ssl-revoke-best-effort', '--connect-timeout', '30', '--speed-limit', '1024', '--speed-time', '60')
    $arguments += @('--output', "$Path.part", $Url)
    $fetched = Invoke-Native -FilePath 'curl.exe' -ArgumentList $arguments -AnyCode
    if ($fetched.ExitCode -ne 0) {
        Remove-Present -Path "$Path.part"
        if ($fetched.ExitCode -eq 23) {
            Stop-Step -What "Could not write $Path.part: $($fetched.ErrorText -join ' ')." `
                -Cause 'the disk is full.' -Next 'make room on drive C: of this host, and run the same command again.'
        }
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
    Add-Fact -Kind file -Name $Path
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
