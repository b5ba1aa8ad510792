#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Runs one script of this folder with the parameters that arrive on standard input, within a time limit.

.DESCRIPTION
Standard input is one JSON object. The script gets those of its values that it declares parameters for. What the script
returns goes to standard output; progress goes to standard error and to C:\k\casement\log; C:\k\casement\state\step-STEP.json
records when it ran, how it ended and what it made sure of, without any parameter. Ends with 0, or with 1 after one message
that says what failed.

A second PowerShell does the work and this one watches the clock, because nothing inside a PowerShell 5.1 can cut off a
native program or a cmdlet that hangs. A lock keeps a step that is tried again, after its connection was lost, from
running beside its first try.

.PARAMETER Script
File name of the script, for example Install-Containerd.ps1.

.PARAMETER Step
Name of the step that the script serves.

.PARAMETER Undo
The script takes the step back: once it has, nothing is on record of the step.

.PARAMETER Observe
The script only looks: it runs beside a step, and nothing about it is recorded on this host.

.PARAMETER Revision
Revision of the script's text; only recorded.

.PARAMETER TimeLimitSeconds
Seconds after which the script and everything it has started is ended.

.PARAMETER Began
Given to the second PowerShell, which does the work: when the first one began.

.EXAMPLE
'{"NodeCidrs": ["10.0.0.0/24"]}' | powershell.exe -File C:\k\casement\windows\Invoke-Step.ps1 -Script Open-Firewall.ps1 -Step firewall-open
#>
# No [CmdletBinding()]: an advanced script has no $input, which is where "powershell.exe -File" puts standard input.
param(
    [string] $Script = $(throw 'Say which script: -Script NAME.ps1'),
    [string] $Step = $(throw 'Say which step: -Step NAME'),
    [switch] $Undo,
    [switch] $Observe,
    [string] $Revision = '',
    [int] $TimeLimitSeconds = 900,
    [string] $Began = ''
)
$standardInput = @($input) -join "`n"
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

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

function Enter-StepLock {
    <#
    .SYNOPSIS
    Waits until no other step runs on this host, and keeps others out as long as this process lives.
    .DESCRIPTION
    A lost connection may have ended the PowerShell that watched over the other step's time; so its limit is kept here too.
    #>
    [CmdletBinding()]
    param()
    $null = New-Item -ItemType Directory -Force -Path "$root\state"
    $announced = ''
    while ($true) {
        $file = $null
        try {
            $file = [System.IO.File]::Open("$root\state\step.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        } catch [System.IO.IOException] {
            Start-Sleep -Seconds 1
        }
        if ($file) {
            $until = [datetime]::UtcNow.AddSeconds($TimeLimitSeconds)
            Set-Marker -Name 'running' -Value ([ordered]@{ step = $Step; process = $PID; until = $until.ToString('o') })
            return $file
        }
        $other = Get-Marker -Name 'running'
        # The marker is that of the step before for the moment between lock and marker.
        if ((-not $other) -or (-not (Get-Process -Id $other.process -ErrorAction SilentlyContinue))) { continue }
        if ($announced -ne $other.step) {
            $announced = $other.step
            Write-Log -Message "step $announced still runs on this host, until $($other.until) at the latest: waiting for it"
        }
        if ([datetime]::UtcNow -gt ([datetime]$other.until).ToUniversalTime().AddSeconds(15)) {
            Write-Log -Message "step $announced is past its time limit: ending it with all that it has started"
            $tree = @('/PID', [string]$other.process, '/T', '/F')
            $null = Invoke-Native -FilePath 'taskkill.exe' -ArgumentList $tree -AnyCode
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
    $now = [datetime]::UtcNow.ToString('o')
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
    $start.Arguments = ('-NoProfile -NonInteractive -InputFormat None -ExecutionPolicy Bypass -File "{0}"' -f $PSCommandPath) +
        (' -Script {0} -Step {1} -Revision "{2}" -TimeLimitSeconds {3} -Began {4}' -f
            $Script, $Step, $Revision, $TimeLimitSeconds, $now)
    if ($Undo) { $start.Arguments += ' -Undo' }
    if ($Observe) { $start.Arguments += ' -Observe' }
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.WorkingDirectory = 'C:\'
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Write($Json)
    $process.StandardInput.Close()
    if ($process.WaitForExit($TimeLimitSeconds * 1000)) { return $process.ExitCode }
    $null = Invoke-Native -FilePath 'taskkill.exe' -ArgumentList @('/PID', [string]$process.Id, '/T', '/F') -AnyCode
    Stop-StepRecord -Step $Step -Began $now
    Write-Log -Message ("error: step $Step took longer than its time limit of $TimeLimitSeconds s, and was ended with all it had started. " +
        'Likely cause: a download, a program or a service that does not get on; the last lines above tell which. ' +
        "Next: run 'pulumi up' again, it goes on where it was; if this machine is only slow, raise timeLimits.$Step. " +
        "$root\log on this host tells more.")
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
if ($Step -notmatch '^[a-z][a-z0-9-]*$') { throw "'$Step' is no name of a step." }
if (-not (Test-Path -LiteralPath $path)) { throw "$path does not exist: the scripts were not uploaded." }
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')
$json = Read-StandardInput -Piped $standardInput

if (-not $Began) { exit (Start-Inner -Json $json) }

$record = [ordered]@{
    step = $Step; script = $Script; revision = $Revision; input = (Get-TextDigest -Text ($json.TrimEnd())); began = $Began
}
$lock = $null
try {
    if ($Observe) {
        Invoke-Script -Path $path -Values (ConvertFrom-Json -InputObject $json)
        exit 0
    }
    $lock = Enter-StepLock
    Protect-Folder -Path $root
    Set-StepDeadline -Seconds $TimeLimitSeconds
    Set-StepName -Name $Step
    Set-StepLog -Path "$root\log\$($Script -replace '\.ps1$', '').log"
    if (-not $Undo) { Start-StepRecord -Record $record }
    Invoke-Script -Path $path -Values (ConvertFrom-Json -InputObject $json)
    Remove-Change
    if ($Undo) { Remove-Marker -Name "step-$Step" } else { Complete-StepRecord -Record $record -Outcome succeeded }
    exit 0
} catch {
    $message = $_.Exception.Message
    if ($message -notmatch ' Next: ') {
        $where = '{0}:{1}' -f (Split-Path -Path ([string]$_.InvocationInfo.ScriptName) -Leaf), $_.InvocationInfo.ScriptLineNumber
        $message = "$message ($where) Next: read $root\log on this host, then run again; the step is safe to repeat."
    }
    $message = "$message$(Get-DiskAdvice)"
    Write-Log -Message "$Script failed: $message"
    # Before the lock is had, and while a step is taken back, nothing of this run is on record.
    if ($record.Contains('outcome')) {
        try {
            Complete-StepRecord -Record $record -Outcome failed
        } catch {
            Write-Log -Message "not on record, as nothing can be written: $($_.Exception.Message)"
        }
    }
    exit 1
} finally {
    if ($lock) { $lock.Dispose() }
}
