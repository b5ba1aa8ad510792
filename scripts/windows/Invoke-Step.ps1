#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Runs one script of this folder with the parameters that arrive on standard input, within a time limit.

.DESCRIPTION
Standard input is one JSON object. The script gets those of its values that it declares parameters for. What the script
returns goes to standard output; progress goes to standard error and to C:\k\casement\log; C:\k\casement\state\last-SCRIPT.json
keeps when it ran and how it ended, without any parameter. Ends with 0, or with 1 after one message that says what failed.

A second PowerShell does the work and this one watches the clock, because nothing inside a PowerShell 5.1 can cut off a
native program or a cmdlet that hangs. A lock keeps a step that is tried again, after its connection was lost, from
running beside its first try.

.PARAMETER Script
File name of the script, for example Install-Containerd.ps1.

.PARAMETER Revision
Revision of the script's text; only recorded.

.PARAMETER TimeLimitSeconds
Seconds after which the script and everything it has started is ended.

.PARAMETER Inner
Given to the second PowerShell: do the work.

.EXAMPLE
'{"NodeCidrs": ["10.0.0.0/24"]}' | powershell.exe -File C:\k\casement\windows\Invoke-Step.ps1 -Script Open-Firewall.ps1
#>
# No [CmdletBinding()]: an advanced script has no $input, which is where "powershell.exe -File" puts standard input.
param(
    [string] $Script = $(throw 'Say which script: -Script NAME.ps1'),
    [string] $Revision = '',
    [int] $TimeLimitSeconds = 900,
    [switch] $Inner
)
$standardInput = @($input) -join "`n"
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Names of parameters whose values must never be printed; the rest of the project calls them secret parameters.
$secretNames = @('Token', 'CaCertHash')
$root = 'C:\k\casement'

function Read-StandardInput {
    <#
    .SYNOPSIS
    The JSON object on standard input, wherever this PowerShell has put it; an empty object where there is none.
    #>
    [CmdletBinding()]
    param([AllowEmptyString()] [string] $Piped)
    $text = $Piped
    if (-not $text.Trim()) { $text = [Console]::In.ReadToEnd() }
    # Anything before the brace is a byte order mark, in whatever code page.
    $start = $text.IndexOf('{')
    if ($start -lt 0) { return '{}' }
    return $text.Substring($start)
}

function Write-StepRecord {
    <#
    .SYNOPSIS
    Keeps when the script ran, in which boot, and how it ended.
    #>
    [CmdletBinding()]
    param([string] $Began, [string] $Ended, [string] $Outcome)
    Set-Marker -Name "last-$($Script -replace '\.ps1$', '')" -Value ([ordered]@{
            script = $Script; revision = $Revision; boot = (Get-BootId); began = $Began; ended = $Ended; outcome = $Outcome
        })
}

function Enter-StepLock {
    <#
    .SYNOPSIS
    Waits until no other step runs on this host, and keeps others out as long as this process lives.
    #>
    [CmdletBinding()]
    param()
    $null = New-Item -ItemType Directory -Force -Path "$root\state"
    $announced = $false
    while ($true) {
        try {
            return [System.IO.File]::Open("$root\state\step.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        } catch [System.IO.IOException] {
            if (-not $announced) { Write-Log -Message 'another step still runs on this host: waiting for it' }
            $announced = $true
            Start-Sleep -Seconds 1
        }
    }
}

function Invoke-Script {
    <#
    .SYNOPSIS
    Runs the script with those of the parameters that it declares, and prints what it returns.
    #>
    [CmdletBinding()]
    param([string] $Path, [object] $Values)
    $declared = (Get-Command -Name $Path).Parameters
    $parameters = @{}
    foreach ($property in $Values.PSObject.Properties) {
        if ($secretNames -contains $property.Name) { Add-Secret -Value ([string]$property.Value) }
        if ($declared.ContainsKey($property.Name)) { $parameters[$property.Name] = $property.Value }
    }
    & $Path @parameters | ForEach-Object { [Console]::Out.WriteLine([string]$_) }
}

function Start-Inner {
    <#
    .SYNOPSIS
    Hands the parameters to a second PowerShell and returns its exit code, or ends it at the time limit.
    #>
    [CmdletBinding()]
    param([string] $Json)
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
    $start.Arguments = ('-NoProfile -NonInteractive -InputFormat None -ExecutionPolicy Bypass -File "{0}"' -f $PSCommandPath) +
        (' -Script {0} -Revision "{1}" -TimeLimitSeconds {2} -Inner' -f $Script, $Revision, $TimeLimitSeconds)
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.WorkingDirectory = 'C:\'
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Write($Json)
    $process.StandardInput.Close()
    if ($process.WaitForExit($TimeLimitSeconds * 1000)) { return $process.ExitCode }
    $null = Invoke-Native -FilePath 'taskkill.exe' -ArgumentList @('/PID', [string]$process.Id, '/T', '/F') -AnyCode
    Write-StepRecord -Began '' -Ended ([datetime]::UtcNow.ToString('o')) -Outcome 'ended at the time limit'
    Write-Log -Message ("$Script was ended after $TimeLimitSeconds s. Likely cause: a download or a service that does not get on. " +
        "Next: read $root\log on this host, then run the same command again; the step goes on where it was.")
    return 1
}

try {
    # One encoding both ways, so that messages with local names arrive whole; without a console there is nothing to set.
    [Console]::OutputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
} catch {
    $null = $_
}
if ($Script -notmatch '^[A-Z][A-Za-z]+-[A-Za-z]+\.ps1$') { throw "'$Script' is no script name of this folder." }
$path = Join-Path -Path $PSScriptRoot -ChildPath $Script
if (-not (Test-Path -LiteralPath $path)) { throw "$path does not exist: the scripts were not uploaded." }
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')
$json = Read-StandardInput -Piped $standardInput

if (-not $Inner) { exit (Start-Inner -Json $json) }

$began = [datetime]::UtcNow.ToString('o')
$lock = $null
try {
    $lock = Enter-StepLock
    Protect-Folder -Path $root
    Set-StepLog -Path "$root\log\$($Script -replace '\.ps1$', '').log"
    Write-StepRecord -Began $began -Ended '' -Outcome 'running'
    Invoke-Script -Path $path -Values (ConvertFrom-Json -InputObject $json)
    Write-StepRecord -Began $began -Ended ([datetime]::UtcNow.ToString('o')) -Outcome 'succeeded'
    exit 0
} catch {
    $message = $_.Exception.Message
    if ($message -notmatch ' Next: ') {
        $where = '{0}:{1}' -f (Split-Path -Path ([string]$_.InvocationInfo.ScriptName) -Leaf), $_.InvocationInfo.ScriptLineNumber
        $message = "$message ($where) Next: read $root\log on this host, then run again; the step is safe to repeat."
    }
    Write-Log -Message "$Script failed: $message"
    Write-StepRecord -Began $began -Ended ([datetime]::UtcNow.ToString('o')) -Outcome 'failed'
    exit 1
} finally {
    if ($lock) { $lock.Dispose() }
}
