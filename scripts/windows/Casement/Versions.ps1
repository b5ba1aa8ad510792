<#
.SYNOPSIS
Programs and their versions: put into place, made to wait, exchanged, brought back. Part of the module Casement.

.DESCRIPTION
What is in place is on record (marker archive-NAME, the digest of the download and of each file). Other versions wait in,
or have gone to, a folder of their own in C:\k\versions, with the same record as files.json. On a member of a cluster pods
run on these programs: others take their place only while the node is out of service (Update-Node.ps1). While they do,
the marker exchange keeps what was there before.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:ProgramStore = 'C:\k\versions'
# In the place of a digest, on the record of a first version that is being put into place.
$script:Unfinished = 'unfinished'

function Test-Member {
    <#
    .SYNOPSIS
    Whether this host is a member of a cluster.
    #>
    [CmdletBinding()]
    param()
    return Test-Path -LiteralPath 'C:\etc\kubernetes\kubelet.conf'
}

function ConvertFrom-ProgramLine {
    <#
    .SYNOPSIS
    A program as the plan writes it, NAME|URL|SHA-256|FOLDER|FILE,..., as arguments of the functions below.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Line)
    $name, $url, $digest, $target, $only = $Line -split '\|'
    return @{ Name = $name; Url = $url; Digest = $digest; Target = $target; Only = @($only -split ',' | Where-Object { $_ }) }
}

function Get-VersionFolder {
    <#
    .SYNOPSIS
    The folder that this version of a program waits in.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $Digest)
    return '{0}\{1}-{2}' -f $script:ProgramStore, $Name, ($Digest -replace '^sha256:', '').Substring(0, 12).ToLowerInvariant()
}

function Get-WaitingRecord {
    <#
    .SYNOPSIS
    The record of a version that waits, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Folder)
    if (-not (Test-Path -LiteralPath "$Folder\files.json")) { return $null }
    return ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText("$Folder\files.json"))
}

function Test-UnfinishedArchive {
    <#
    .SYNOPSIS
    Whether the record is that of a first version which was being put into place.
    #>
    [CmdletBinding()]
    param([AllowNull()] [object] $Record)
    return ($null -ne $Record) -and ($Record.digest -eq $script:Unfinished)
}

function Test-Archive {
    <#
    .SYNOPSIS
    Whether this very download is in place, every file as it came.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $Digest)
    $active = Get-Marker -Name "archive-$Name"
    if ((-not $active) -or ($active.digest -ne $Digest)) { return $false }
    foreach ($file in @($active.files)) { Add-Fact -Kind file -Name $file.path }
    return @($active.files | Where-Object { -not (Test-FileDigest -Path $_.path -Digest $_.digest) }).Count -eq 0
}

function Test-OtherVersion {
    <#
    .SYNOPSIS
    Whether what is in place is another download than this one. Where nothing is on record, the files themselves tell.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $Digest)
    $active = Get-Marker -Name "archive-$Name"
    if ($active -and (-not (Test-UnfinishedArchive -Record $active))) { return $active.digest -ne $Digest }
    $waiting = Get-WaitingRecord -Folder (Get-VersionFolder -Name $Name -Digest $Digest)
    if (-not $waiting) { return $true }
    return @($waiting.files | Where-Object { -not (Test-FileDigest -Path $_.path -Digest $_.digest) }).Count -gt 0
}

function Enable-Archive {
    <#
    .SYNOPSIS
    Puts a version that waits into place; what was there goes to the folder of its own version, whole, to come back from.
    .DESCRIPTION
    Files change places by being renamed, which works for running programs too. Cut off anywhere, it goes on when it is
    called again for either version.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $Digest)
    if (Test-Archive -Name $Name -Digest $Digest) { return }
    $folder = Get-VersionFolder -Name $Name -Digest $Digest
    $wanted = Get-WaitingRecord -Folder $folder
    if (-not $wanted) { throw "Version $Digest of $Name is not in $folder." }
    Add-Change
    $active = Get-Marker -Name "archive-$Name"
    if (Test-UnfinishedArchive -Record $active) {
        foreach ($file in @($active.files | Where-Object { @($wanted.files.path) -notcontains $_.path })) { Remove-Present -Path $file.path }
    } elseif ($active -and ($active.digest -ne $Digest)) {
        Move-Aside -Name $Name -Active $active
    }
    # Before the first of them is there, so that what is put into place in part can be taken away.
    if ((-not $active) -or (Test-UnfinishedArchive -Record $active)) {
        Set-Marker -Name "archive-$Name" -Value @{ digest = $script:Unfinished; files = @($wanted.files) }
    }
    foreach ($file in @($wanted.files)) {
        $source = Join-Path -Path $folder -ChildPath (Split-Path -Path $file.path -Leaf)
        if (Test-Path -LiteralPath $source) { $null = Install-File -Source $source -Path $file.path }
    }
    Set-Marker -Name "archive-$Name" -Value @{ digest = $wanted.digest; files = @($wanted.files) }
    Remove-Present -Path $folder
    Remove-Empty -Path $script:ProgramStore
    if (-not (Test-Archive -Name $Name -Digest $Digest)) {
        throw "The files of $Name are not those that were put into place: something on this host changes or blocks them."
    }
}

function Move-Aside {
    <#
    .SYNOPSIS
    Moves the files of a program that is in place to the folder of its version.
    #>
    [CmdletBinding()]
    param([string] $Name, [object] $Active)
    $folder = Get-VersionFolder -Name $Name -Digest $Active.digest
    $null = New-Item -ItemType Directory -Force -Path $folder
    $record = ConvertTo-PlainJson -InputObject @{ digest = $Active.digest; files = @($Active.files) }
    Write-TextFile -Path "$folder\files.json" -Text $record
    foreach ($file in @($Active.files)) {
        # A file that is another one by now was moved by an earlier run.
        if (-not (Test-FileDigest -Path $file.path -Digest $file.digest)) { continue }
        Move-Item -Path $file.path -Destination (Join-Path -Path $folder -ChildPath (Split-Path -Path $file.path -Leaf)) -Force
    }
}

function Install-Archive {
    <#
    .SYNOPSIS
    Puts a program into place; returns whether that changed anything. On a member another version is only made to wait.
    .DESCRIPTION
    The download is an archive (.tar.gz, .tgz, .zip), of which all files or those named are taken, or a file by itself,
    which gets the one name given. Uninstall-Archive takes away exactly what this has brought.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $Url,
        [Parameter(Mandatory = $true)] [string] $Digest,
        [Parameter(Mandatory = $true)] [string] $Target,
        [string[]] $Only = @()
    )
    if (Test-Archive -Name $Name -Digest $Digest) { return $false }
    Save-Archive -Name $Name -Url $Url -Digest $Digest -Target $Target -Only $Only
    if ((Test-Member) -and (Test-OtherVersion -Name $Name -Digest $Digest)) {
        Write-Log -Message "another version of $Name waits until this node is out of service"
        return $false
    }
    Enable-Archive -Name $Name -Digest $Digest
    return $true
}

function Uninstall-Archive {
    <#
    .SYNOPSIS
    Removes what Install-Archive put into place under this name, and every version of it that waits.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    Remove-OtherVersion -Name $Name
    Remove-Empty -Path $script:ProgramStore
    $marker = Get-Marker -Name "archive-$Name"
    if (-not $marker) { return }
    foreach ($file in @($marker.files)) {
        Remove-Present -Path $file.path
        $leaf = Split-Path -Path $file.path -Leaf
        foreach ($old in @(Get-ChildItem -Path (Split-Path -Path $file.path -Parent) -Filter "$leaf.old-*" -Force -ErrorAction SilentlyContinue)) {
            Remove-Present -Path $old.FullName
        }
    }
    Remove-Marker -Name "archive-$Name"
}
