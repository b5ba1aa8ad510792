#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes cri-dockerd, crictl and the task that runs them.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Uninstall-CriDockerd.ps1 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-cri-dockerd'
if (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue) {
    Stop-ScheduledTask -TaskName $task
    Unregister-ScheduledTask -TaskName $task -Confirm:$false
}
if (-not (Get-Marker -Name 'archive-cri-dockerd')) { return }
Stop-Program -Name 'cri-dockerd'
Wait-Condition -That 'cri-dockerd has ended' -TimeoutSeconds 30 -Test {
    @(Get-Process -Name 'cri-dockerd' -ErrorAction SilentlyContinue).Count -eq 0
}
Uninstall-Archive -Name 'cri-dockerd'
Uninstall-Archive -Name 'crictl'
Remove-Present -Path @('C:\k\casement\cri-dockerd', 'C:\var\lib\cri-dockerd')
Remove-ServiceLog -Name 'cri-dockerd' -LogFolder $LogFolder
Remove-Empty -Path @('C:\var\lib', 'C:\var')
