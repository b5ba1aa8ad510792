#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Reads again what every step has on record of this host: returns each record with the present value of each fact, as JSON.

.DESCRIPTION
Changes nothing. Of a text file that is not as it was recorded, the text comes along, so that both can be shown.

.EXAMPLE
.\Compare-Facts.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$textFile = '\.(json|yaml|yml|conf|conflist|toml|ps1|psm1|xml|env)$'

function Compare-Fact {
    <#
    .SYNOPSIS
    One fact with its present value.
    #>
    [CmdletBinding()]
    param([object] $Fact)
    $compared = [ordered]@{ kind = $Fact.kind; name = $Fact.name; recorded = $Fact.value; present = ''; text = $null }
    try {
        $compared['present'] = Get-FactValue -Kind $Fact.kind -Name $Fact.name
    } catch {
        $compared['present'] = "not readable: $($_.Exception.Message)"
    }
    $changed = ($Fact.kind -eq 'file') -and ($compared['present'] -cne $Fact.value) -and ($Fact.name -match $textFile)
    if ($changed -and (Test-Path -LiteralPath $Fact.name -PathType Leaf) -and ((Get-Item -Path $Fact.name).Length -lt 100000)) {
        $compared['text'] = [System.IO.File]::ReadAllText($Fact.name)
    }
    return $compared
}

$folder = 'C:\k\casement\state'
$records = @()
if (Test-Path -LiteralPath $folder) {
    foreach ($file in @(Get-ChildItem -Path $folder -Filter 'step-*.json' -File)) {
        $record = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($file.FullName))
        $records += [ordered]@{
            step = $record.step; serves = ''; script = $record.script; revision = $record.revision; input = $record.input
            ended = $record.ended; outcome = $record.outcome
            facts = @(foreach ($fact in @($record.facts)) { Compare-Fact -Fact $fact })
        }
    }
}
return ConvertTo-PlainJson -InputObject @{ records = $records }
