#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Takes away what Start-UnderlayAnswer.ps1 made, so that the port of VXLAN is free.

.EXAMPLE
.\Stop-UnderlayAnswer.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-underlay'
if (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue) {
    Stop-ScheduledTask -TaskName $task
    Unregister-ScheduledTask -TaskName $task -Confirm:$false
}
if (Get-NetFirewallRule -Name $task -ErrorAction SilentlyContinue) { Remove-NetFirewallRule -Name $task }
