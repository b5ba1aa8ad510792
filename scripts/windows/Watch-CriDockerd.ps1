#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Runs cri-dockerd as long as Windows runs; run as a scheduled task.

.DESCRIPTION
cri-dockerd ends when Docker does not answer while it starts, so it is started when Docker runs, and again whenever it has
ended, with growing pauses. A Docker that is restarted later it finds again by itself.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Watch-CriDockerd.ps1 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$log = Join-Path -Path $LogFolder -ChildPath 'cri-dockerd.log'
Set-StepLog -Path 'C:\k\casement\log\Watch-CriDockerd.log'
Stop-Program -Name 'cri-dockerd'
$pause = 2
while ($true) {
    try {
        Wait-Condition -That 'service docker runs' -Test { Test-ServiceRunning -Name 'docker' } -TimeoutSeconds 300
        $began = [datetime]::UtcNow
        $arguments = [System.IO.File]::ReadAllText((Join-Path -Path $PSScriptRoot -ChildPath 'arguments.txt'))
        $process = Start-Logged -CommandLine "C:\k\cri-dockerd.exe $arguments" -LogPath $log
        while (-not $process.HasExited) { Start-Sleep -Seconds 5 }
        if (([datetime]::UtcNow - $began).TotalSeconds -gt 300) { $pause = 2 }
        Write-Log -Message "cri-dockerd ended with exit code $($process.ExitCode); it is started again in $pause s"
    } catch {
        Write-Log -Message "cri-dockerd does not run: $($_.Exception.Message)"
    }
    Start-Sleep -Seconds $pause
    $pause = [Math]::Min($pause * 2, 60)
}
