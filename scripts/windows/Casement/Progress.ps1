<#
.SYNOPSIS
Progress, errors and waiting. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:LogFile = ''
$script:Deadline = [datetime]::MaxValue

function Set-StepLog {
    <#
    .SYNOPSIS
    From now on progress is also appended to this file, which is begun anew whenever it has grown to 5 MB.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path)
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Path -Parent)
    $script:LogFile = $Path
}

function Limit-StepLog {
    <#
    .SYNOPSIS
    Puts the step's log file aside when it has grown too large, in the place of the one put aside before.
    #>
    [CmdletBinding()]
    param()
    if ((Test-Path -LiteralPath $script:LogFile) -and ((Get-Item -Path $script:LogFile).Length -gt 5000000)) {
        Move-Item -Path $script:LogFile -Destination "$($script:LogFile).old" -Force
    }
}

function Set-StepDeadline {
    <#
    .SYNOPSIS
    From now on nothing is waited for longer than the step may take, less what it takes to say so.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [int] $Seconds)
    $script:Deadline = [datetime]::UtcNow.AddSeconds($Seconds - 8)
}

function Write-Log {
    <#
    .SYNOPSIS
    Progress: one line to standard error, and to the step's log file if there is one.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Message)
    [Console]::Error.WriteLine($Message)
    if ($script:LogFile) {
        Limit-StepLog
        # On a full disk what goes wrong must still be told.
        $dated = '{0} {1}' -f [datetime]::UtcNow.ToString('o'), $Message
        Add-Content -Path $script:LogFile -Value $dated -Encoding UTF8 -ErrorAction SilentlyContinue
    }
}

function Stop-Step {
    <#
    .SYNOPSIS
    Ends the script with what failed, why it probably did, and what to try next.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $What,
        [Parameter(Mandatory = $true)] [string] $Cause,
        [Parameter(Mandatory = $true)] [string] $Next
    )
    throw "$What Likely cause: $Cause Next: $Next"
}

function Get-DiskAdvice {
    <#
    .SYNOPSIS
    What to do when drive C: is full, which makes programs fail in ways that seldom name it; nothing when it is not.
    #>
    [CmdletBinding()]
    param()
    $disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='C:'" -ErrorAction SilentlyContinue
    if ((-not $disk) -or ($disk.FreeSpace -gt 67108864)) { return '' }
    $left = [Math]::Floor($disk.FreeSpace / 1048576)
    return " Drive C: is full ($left MB left): free some space there (or extend it), and run the same command again."
}

function Wait-Condition {
    <#
    .SYNOPSIS
    Returns as soon as the test is true; throws when it is not within the time, with the test's last error.
    .DESCRIPTION
    Says every 15 seconds what it waits for: who watches knows, and a connection on which nothing moves is cut by many
    a firewall.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $That,
        [Parameter(Mandatory = $true)] [scriptblock] $Test,
        [int] $TimeoutSeconds = 120,
        [int] $IntervalSeconds = 2
    )
    $began = [datetime]::UtcNow
    $deadline = $began.AddSeconds($TimeoutSeconds)
    if ($script:Deadline -lt $deadline) { $deadline = $script:Deadline }
    $told = $began
    $lastError = 'none'
    while ($true) {
        try {
            if (& $Test) { return }
        } catch {
            $lastError = $_.Exception.Message
        }
        $now = [datetime]::UtcNow
        if ($now -ge $deadline) { break }
        if (($now - $told).TotalSeconds -ge 15) {
            $passed = [int][Math]::Floor(($now - $began).TotalSeconds)
            Write-Log -Message "waiting until $That ($passed s of $TimeoutSeconds s); last error: $lastError"
            $told = $now
        }
        Start-Sleep -Seconds $IntervalSeconds
    }
    throw "Waited $([int]($now - $began).TotalSeconds) s in vain until $That. Last error: $lastError"
}

function ConvertTo-PlainJson {
    <#
    .SYNOPSIS
    One line of JSON in plain ASCII, whatever the code page of the console (adapters have local names).
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $InputObject)
    $json = ConvertTo-Json -InputObject $InputObject -Depth 6 -Compress
    return [regex]::Replace($json, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char]$match.Value })
}
