<#
.SYNOPSIS
Programs that are no Windows services, each kept running by a script and a scheduled task. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Copy-Supervisor {
    <#
    .SYNOPSIS
    Copies scripts, with what all of them share, to where no upload replaces them under a running task; returns whether
    that was a change.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $From,
        [Parameter(Mandatory = $true)] [string] $To,
        [Parameter(Mandatory = $true)] [string[]] $Script
    )
    $parts = Get-ChildItem -Path (Join-Path -Path $From -ChildPath 'Casement') -Filter '*.ps1'
    $changed = $false
    foreach ($name in @($Script) + 'Casement.psm1' + @($parts | ForEach-Object { "Casement\$($_.Name)" })) {
        $text = [System.IO.File]::ReadAllText((Join-Path -Path $From -ChildPath $name))
        if (Set-TextFile -Path (Join-Path -Path $To -ChildPath $name) -Text $text) { $changed = $true }
    }
    return $changed
}

function Start-Logged {
    <#
    .SYNOPSIS
    Starts a program through kube-log-runner, which turns its log over; returns the process.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $CommandLine, [Parameter(Mandatory = $true)] [string] $LogPath)
    $arguments = "-log-file=$LogPath -log-file-size=100M -log-file-age=168h -flush-interval=5s $CommandLine"
    $process = Start-Process -FilePath 'C:\k\kube-log-runner.exe' -ArgumentList $arguments -NoNewWindow -PassThru
    # Without having read Handle once, PowerShell 5.1 does not know the exit code later.
    $null = $process.Handle
    return $process
}

function Limit-OpenLog {
    <#
    .SYNOPSIS
    Begins a log anew that a running service holds open, when it has grown too large; one former log is kept.
    .DESCRIPTION
    Go opens a log to append, without allowing others to rename it: so it is copied, then emptied in place, and what comes
    next stands at its beginning. What is written in between is lost, which is a line or two.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path, [long] $Bytes = 100000000)
    if ((-not (Test-Path -LiteralPath $Path)) -or ((Get-Item -Path $Path).Length -le $Bytes)) { return }
    [System.IO.File]::Copy($Path, ($Path -replace '\.log$', '.former.log'), $true)
    $stream = [System.IO.File]::Open($Path, 'Open', 'Write', 'ReadWrite')
    try {
        $stream.SetLength(0)
    } finally {
        $stream.Dispose()
    }
    Write-Log -Message "$Path was turned over"
}

function Stop-Program {
    <#
    .SYNOPSIS
    Ends every process of a program.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    foreach ($process in @(Get-Process -Name $Name -ErrorAction SilentlyContinue)) { Stop-Process -Id $process.Id -Force }
}
