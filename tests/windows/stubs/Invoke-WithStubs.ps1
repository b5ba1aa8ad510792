<#
.SYNOPSIS
Runs one script against the stubs, with the parameters of C:\stub\parameters.json; prints what it prints.

.DESCRIPTION
Of the parameters the script gets those that it declares, as Invoke-Step.ps1 gives them. Ends with 0, or with 1 and the
error that the script ended with.

.PARAMETER Path
Path of the script.

.PARAMETER SleepLimit
How often it may sleep before it is ended, as by a power cut.

.EXAMPLE
.\Invoke-WithStubs.ps1 -Path C:\k\casement\windows\Open-Firewall.ps1 -SleepLimit 300
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [int] $SleepLimit
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$global:ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Stubs.psm1') -DisableNameChecking
Set-StubSleepLimit -Limit $SleepLimit

$given = ConvertFrom-Json -InputObject (Get-Content -LiteralPath 'C:\stub\parameters.json' -Raw)
$declared = (Get-Command -Name $Path).Parameters
$parameters = @{}
foreach ($property in $given.PSObject.Properties) {
    if ($declared.ContainsKey($property.Name)) { $parameters[$property.Name] = $property.Value }
}
try {
    if ($given.PSObject.Properties['stdin']) { $given.stdin | & $Path @parameters } else { & $Path @parameters }
} catch {
    [Console]::Error.WriteLine("$Path failed: $($_.Exception.Message)")
    [Console]::Error.WriteLine([string]$_.ScriptStackTrace)
    exit 1
}
exit 0
