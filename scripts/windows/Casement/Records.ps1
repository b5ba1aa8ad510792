<#
.SYNOPSIS
What each step has made of this host, recorded so that it can be looked at again. Part of the module Casement.

.DESCRIPTION
Helpers that change the host call Add-Fact for what they make sure of, changed or not. A fact is only for what the
same step would put right again; its value is read from the host when the step ends.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:FactNames = [ordered]@{}

function Add-Fact {
    <#
    .SYNOPSIS
    Notes that the step makes sure of this part of the host.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]
        [ValidateSet('file', 'service', 'firewall', 'task', 'registry', 'path', 'feature', 'defender', 'kube-proxy',
            'port-range', 'checksum-offload')]
        [string] $Kind,
        [Parameter(Mandatory = $true)] [string] $Name
    )
    $script:FactNames["$Kind $Name"] = @{ kind = $Kind; name = $Name }
}

function Get-FactValue {
    <#
    .SYNOPSIS
    What there is on this host now, as one line of text to compare; "absent" where there is nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Kind, [Parameter(Mandatory = $true)] [string] $Name)
    $value = switch ($Kind) {
        'file' { Get-FileFact -Path $Name }
        'service' { Get-ServiceFact -Name $Name }
        'firewall' { Get-FirewallFact -Name $Name }
        'task' { Get-TaskFact -Name $Name }
        'registry' { Get-RegistryFact -Name $Name }
        'path' { if ((Get-MachinePath) -contains $Name) { 'present' } }
        'feature' { Get-FeatureFact -Name $Name }
        'defender' { Get-DefenderFact -Name $Name }
        'kube-proxy' { Get-KubeProxyFact -Path $Name }
        'port-range' { Get-PortRangeFact -Name $Name }
        'checksum-offload' { Get-ChecksumOffloadFact -Name $Name }
        default { throw "There is no kind of fact '$Kind'." }
    }
    if ($null -eq $value) { return 'absent' }
    return [string]$value
}

function Get-StepFact {
    <#
    .SYNOPSIS
    Everything noted by Add-Fact in this process, with its present value.
    #>
    [CmdletBinding()]
    param()
    foreach ($fact in $script:FactNames.Values) {
        [ordered]@{ kind = $fact.kind; name = $fact.name; value = (Get-FactValue -Kind $fact.kind -Name $fact.name) }
    }
}

function Start-StepRecord {
    <#
    .SYNOPSIS
    Records that the step runs. What an earlier run has made of the host stays on record until this one has ended.
    .PARAMETER Record
    The values step, script, revision, input and began.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Record)
    $Record['boot'] = Get-BootId
    $Record['ended'] = ''
    $Record['outcome'] = 'running'
    $before = Get-Marker -Name "step-$($Record['step'])"
    $Record['facts'] = @(if ($before) { $before.facts })
    Set-Marker -Name "step-$($Record['step'])" -Value $Record
}

function Complete-StepRecord {
    <#
    .SYNOPSIS
    Records how the step has ended, with its facts; of one that has not succeeded also those of the run before.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Record,
        [Parameter(Mandatory = $true)] [ValidateSet('succeeded', 'failed')] [string] $Outcome
    )
    $facts = @(Get-StepFact)
    if ($Outcome -ne 'succeeded') {
        $known = @($script:FactNames.Keys)
        $facts = @($Record['facts'] | Where-Object { $known -notcontains "$($_.kind) $($_.name)" }) + $facts
    }
    $Record['facts'] = $facts
    $Record['outcome'] = $Outcome
    $Record['ended'] = [datetime]::UtcNow.ToString('o')
    Set-Marker -Name "step-$($Record['step'])" -Value $Record
}

function Stop-StepRecord {
    <#
    .SYNOPSIS
    Records that the run that began at this time was ended at its time limit, if it had come to record anything.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Step, [Parameter(Mandatory = $true)] [string] $Began)
    $record = Get-Marker -Name "step-$Step"
    if ((-not $record) -or ($record.began -ne $Began)) { return }
    $record.outcome = 'timed-out'
    $record.ended = [datetime]::UtcNow.ToString('o')
    Set-Marker -Name "step-$Step" -Value $record
}

function Get-TextDigest {
    <#
    .SYNOPSIS
    SHA-256 of a text in UTF-8, as 64 hexadecimal digits.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)
    $algorithm = [System.Security.Cryptography.SHA256]::Create()
    try {
        $digest = $algorithm.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($Text))
    } finally {
        $algorithm.Dispose()
    }
    return [System.BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
}

function Get-FileFact {
    <#
    .SYNOPSIS
    SHA-256 of the file, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return }
    return (Get-FileHash -Path $Path -Algorithm SHA256).Hash.ToLowerInvariant()
}

function Get-FeatureFact {
    <#
    .SYNOPSIS
    "installed" for a Windows feature that is, or will be after the next restart.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    if (@('Installed', 'InstallPending') -contains [string](Get-WindowsFeature -Name $Name).InstallState) { return 'installed' }
}
