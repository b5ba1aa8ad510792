#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Starts the task that runs flannel, and returns before flannel touches the network.

.DESCRIPTION
Making the vSwitch takes the adapter away for some seconds and with it this connection; so the supervisor waits a little
before it starts flanneld. Whether flannel is up is seen from the control plane, by what it announces.

.EXAMPLE
.\Start-Flannel.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-flannel'
$present = Get-ScheduledTask -TaskName $task
if ([string]$present.State -eq 'Disabled') { $null = Enable-ScheduledTask -TaskName $task }
if ([string]$present.State -ne 'Running') {
    Start-ScheduledTask -TaskName $task
    Write-Log -Message 'started flannel; this host drops off the network for some seconds now'
}
Wait-Condition -That "scheduled task $task runs" -Test { [string](Get-ScheduledTask -TaskName $task).State -eq 'Running' } `
    -TimeoutSeconds 30 -IntervalSeconds 1
