<#
.SYNOPSIS
Progress, errors and waiting. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:LogFile = ''
$script:Secrets = @()

function Set-StepLog {
    <#
    .SYNOPSIS
    From now on progress is also appended to this file, which is begun anew when it has grown to 5 MB.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path)
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Path -Parent)
    if ((Test-Path -LiteralPath $Path) -and (Get-Item -Path $Path).Length -gt 5000000) {
        Move-Item -Path $Path -Destination "$Path.old" -Force
    }
    $script:LogFile = $Path
}

function Add-Secret {
    <#
    .SYNOPSIS
    From now on this value is replaced by stars wherever progress is written.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Value)
    if ($Value) { $script:Secrets += $Value }
}

function Hide-Secret {
    <#
    .SYNOPSIS
    The text without any secret that was announced by Add-Secret.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    foreach ($secret in $script:Secrets) { $Text = $Text.Replace($secret, '***') }
    return $Text
}

function Write-Log {
    <#
    .SYNOPSIS
    Progress: one line to standard error, and to the step's log file if there is one.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Message)
    $line = Hide-Secret -Text $Message
    [Console]::Error.WriteLine($line)
    if ($script:LogFile) {
        Add-Content -Path $script:LogFile -Value ('{0} {1}' -f [datetime]::UtcNow.ToString('o'), $line) -Encoding UTF8
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
    throw (Hide-Secret -Text "$What Likely cause: $Cause Next: $Next")
}

function Wait-Condition {
    <#
    .SYNOPSIS
    Returns as soon as the test is true; throws when it is not within the time, with the test's last error.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $That,
        [Parameter(Mandatory = $true)] [scriptblock] $Test,
        [int] $TimeoutSeconds = 120,
        [int] $IntervalSeconds = 2
    )
    $deadline = [datetime]::UtcNow.AddSeconds($TimeoutSeconds)
    $lastError = 'none'
    while ($true) {
        try {
            if (& $Test) { return }
        } catch {
            $lastError = $_.Exception.Message
        }
        if ([datetime]::UtcNow -ge $deadline) { break }
        Start-Sleep -Seconds $IntervalSeconds
    }
    throw "Waited $TimeoutSeconds s in vain until $That. Last error: $lastError"
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
