#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Restarts this host in five seconds if a step of ours needs it, and returns at once.

.DESCRIPTION
Restarts that others need are none of its business. Confirm-Restart.ps1 proves that the restart has happened.

.EXAMPLE
.\Restart-Host.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$needed = Get-Marker -Name 'restart'
$restarting = ($null -ne $needed) -and ($needed.neededSinceBoot -eq (Get-BootId))
if ($restarting) {
    # 1115 and 1190: a shutdown is under way or planned already. p:2:4 is "operating system, reconfiguration, planned".
    $arguments = @('/r', '/t', '5', '/f', '/d', 'p:2:4', '/c', "casement: $($needed.reason)")
    $null = Invoke-Native -FilePath 'shutdown.exe' -ArgumentList $arguments -SuccessCode @(0, 1115, 1190)
    Write-Log -Message "this host restarts in five seconds, for $($needed.reason)"
}
ConvertTo-PlainJson -InputObject ([ordered]@{ restarting = $restarting })
