<#
.SYNOPSIS
Running programs that are no cmdlets. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-Native {
    <#
    .SYNOPSIS
    Runs a program; returns ExitCode, Output (lines of stdout) and ErrorText (lines of stderr).
    .DESCRIPTION
    Throws when the exit code is not among SuccessCode, unless AnyCode is given. With Show every line is progress as it
    comes. PowerShell 5.1 passes empty arguments, inner double quotes and a last backslash wrongly to programs, and makes
    errors of what they write to stderr: the first are refused here, the last is undone.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $FilePath,
        [string[]] $ArgumentList = @(),
        [int[]] $SuccessCode = @(0),
        [string] $InputText = '',
        [switch] $AnyCode,
        [switch] $Show
    )
    $name = Split-Path -Path $FilePath -Leaf
    foreach ($argument in $ArgumentList) {
        $broken = ($argument -eq '') -or $argument.Contains('"') -or (($argument -match '\s') -and $argument.EndsWith('\'))
        if ($broken) { throw "Argument [$argument] cannot be passed to $name safely." }
    }
    if (-not (Get-Command -Name $FilePath -ErrorAction SilentlyContinue)) { throw "Program $FilePath does not exist." }
    $output = @()
    $errorText = @()
    $ErrorActionPreference = 'Continue'
    $global:LASTEXITCODE = -1
    $collect = {
        $line = ([string]$_).TrimEnd()
        if ($_ -is [System.Management.Automation.ErrorRecord]) { $errorText += $line } else { $output += $line }
        if ($Show) { Write-Log -Message "${name}: $line" }
    }
    if ($InputText) {
        $InputText | & $FilePath @ArgumentList 2>&1 | ForEach-Object -Process $collect
    } else {
        & $FilePath @ArgumentList 2>&1 | ForEach-Object -Process $collect
    }
    $exitCode = $global:LASTEXITCODE
    $ErrorActionPreference = 'Stop'
    if ((-not $AnyCode) -and ($SuccessCode -notcontains $exitCode)) {
        $last = (@($output + $errorText) | Select-Object -Last 5) -join ' / '
        if (-not $last.Trim()) { $last = 'it said nothing' }
        throw "$name ended with exit code ${exitCode}: $last"
    }
    return [pscustomobject]@{ ExitCode = $exitCode; Output = $output; ErrorText = $errorText }
}

function Invoke-Crictl {
    <#
    .SYNOPSIS
    Asks the container runtime by the very endpoint that kubelet uses; returns what Invoke-Native does.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $CriEndpoint,
        [Parameter(Mandatory = $true)] [string[]] $ArgumentList,
        [string] $Timeout = '30s',
        [switch] $AnyCode
    )
    $all = @('--runtime-endpoint', $CriEndpoint, '--image-endpoint', $CriEndpoint, '--timeout', $Timeout) + $ArgumentList
    return Invoke-Native -FilePath 'C:\k\crictl.exe' -ArgumentList $all -AnyCode:$AnyCode
}

function Remove-AllPod {
    <#
    .SYNOPSIS
    Stops and removes every pod of this host, so that nothing holds its network or its volumes any more.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $CriEndpoint)
    if ((-not (Test-RuntimeRunning)) -or (-not (Test-Path -LiteralPath 'C:\k\crictl.exe'))) { return }
    $pods = @((Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('pods', '-q')).Output | Where-Object { $_ })
    foreach ($pod in $pods) {
        Write-Log -Message "removing pod $pod"
        $null = Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('stopp', $pod) -Timeout '90s' -AnyCode
        $null = Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('rmp', '-f', $pod) -Timeout '90s'
    }
}
