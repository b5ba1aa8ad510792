<#
.SYNOPSIS
Versions of programs that wait beside those in place (see Versions.ps1). Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Save-Archive {
    <#
    .SYNOPSIS
    Lets a version of a program wait, verified, in its folder: files of an archive, or a file that is downloaded as it is.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $Url,
        [Parameter(Mandatory = $true)] [string] $Digest,
        [Parameter(Mandatory = $true)] [string] $Target,
        [string[]] $Only = @()
    )
    $folder = Get-VersionFolder -Name $Name -Digest $Digest
    $waiting = Get-WaitingRecord -Folder $folder
    if ($waiting) {
        $wrong = @($waiting.files | Where-Object {
                -not (Test-FileDigest -Path (Join-Path -Path $folder -ChildPath (Split-Path -Path $_.path -Leaf)) -Digest $_.digest)
            })
        if ($wrong.Count -eq 0) { return }
    }
    Remove-Present -Path $folder
    $null = New-Item -ItemType Directory -Force -Path $folder
    if ($Url -match '\.(tar\.gz|tgz|zip)$') {
        Expand-Download -Name $Name -Url $Url -Digest $Digest -Folder $folder -Only $Only
    } else {
        Save-Download -Url $Url -Digest $Digest -Path (Join-Path -Path $folder -ChildPath $Only[0])
    }
    $files = @(Get-ChildItem -Path $folder -File | ForEach-Object {
            @{ path = (Join-Path -Path $Target -ChildPath $_.Name); digest = (Get-FileHash -Path $_.FullName -Algorithm SHA256).Hash }
        })
    # Last, so that a folder that has it is whole.
    Write-TextFile -Path "$folder\files.json" -Text (ConvertTo-PlainJson -InputObject @{ digest = $Digest; files = $files })
    # What was exchanged before the last time is of no use any more.
    if (-not (Get-Marker -Name 'exchange')) { Remove-OtherVersion -Name $Name -Folder $folder }
}

function Expand-Download {
    <#
    .SYNOPSIS
    Fetches an archive and puts the files asked for, or all, into one folder.
    #>
    [CmdletBinding()]
    param([string] $Name, [string] $Url, [string] $Digest, [string] $Folder, [string[]] $Only)
    $archive = "$script:Root\download\$Name.archive"
    $unpacked = "$script:Root\download\$Name"
    Save-Download -Url $Url -Digest $Digest -Path $archive
    Remove-Present -Path $unpacked
    $null = New-Item -ItemType Directory -Force -Path $unpacked
    try {
        $null = Invoke-Native -FilePath 'tar.exe' -ArgumentList @('-xf', $archive, '-C', $unpacked)
    } catch {
        # What does not fit on the disk must not keep it full.
        Remove-Present -Path $unpacked
        throw
    }
    $found = @(Get-ChildItem -Path $unpacked -Recurse -File | Where-Object { ($Only.Count -eq 0) -or ($Only -contains $_.Name) })
    if (($found.Count -eq 0) -or ($found.Count -lt $Only.Count)) { throw "$Url does not hold all of: $($Only -join ', ')." }
    foreach ($file in $found) { Move-Item -Path $file.FullName -Destination (Join-Path -Path $Folder -ChildPath $file.Name) -Force }
    Remove-Present -Path @($unpacked, $archive)
}

function Remove-OtherVersion {
    <#
    .SYNOPSIS
    Removes the versions of a program that wait, but for one folder.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [string] $Folder = '')
    if (-not (Test-Path -LiteralPath $script:ProgramStore)) { return }
    foreach ($other in @(Get-ChildItem -Path $script:ProgramStore)) {
        if (($other.Name -match "^$([regex]::Escape($Name))-[0-9a-f]{12}$") -and ($other.FullName -ne $Folder)) {
            Remove-Present -Path $other.FullName
        }
    }
}
