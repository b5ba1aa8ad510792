#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Proves that the restart a step of ours needed has happened, and that feature Containers is ready.

.DESCRIPTION
A restart is proven by another boot id, never by waiting. While the old boot still runs this script waits, and is cut off
by the restart itself; it is then run again.

.EXAMPLE
.\Confirm-Restart.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$needed = Get-Marker -Name 'restart'
if ($needed) {
    try {
        Wait-Condition -That 'this host has restarted' -Test { $needed.neededSinceBoot -ne (Get-BootId) } -TimeoutSeconds 240
    } catch {
        Stop-Step -What "This host has not restarted, which $($needed.reason) needs." `
            -Cause 'somebody called the restart off (shutdown /a).' `
            -Next 'restart it by hand (shutdown.exe /r /t 0), then run the same command again.'
    }
}
$ready = { [string](Get-WindowsFeature -Name Containers).InstallState -eq 'Installed' }
Wait-Condition -That 'feature Containers is installed' -Test $ready -TimeoutSeconds 300 -IntervalSeconds 5
Remove-Marker -Name 'restart'
$lastBoot = (Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString('o')
ConvertTo-PlainJson -InputObject ([ordered]@{ boot = (Get-BootId); lastBoot = $lastBoot })
