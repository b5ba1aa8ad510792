#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes cri-dockerd run, by which kubelet speaks to Docker Engine, and proves that it answers.

.DESCRIPTION
cri-dockerd is no Windows service, so a scheduled task runs Watch-CriDockerd.ps1 as SYSTEM, which starts it again whenever
it ends. crictl comes with it, as the program that asks the runtime the way kubelet does.

.PARAMETER CriDockerdUrl
Address of cri-dockerd-VERSION.win.amd64.zip.

.PARAMETER CriDockerdDigest
Its SHA-256.

.PARAMETER CrictlUrl
Address of crictl-vVERSION-windows-amd64.tar.gz.

.PARAMETER CrictlDigest
Its SHA-256.

.PARAMETER Arguments
Arguments of cri-dockerd.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/cri-dockerd.

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Install-CriDockerd.ps1 -CriDockerdUrl URL -CriDockerdDigest HEX -CrictlUrl URL -CrictlDigest HEX -Arguments '--network-plugin=cni' -CriEndpoint npipe:////./pipe/cri-dockerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $CriDockerdUrl,
    [Parameter(Mandatory = $true)] [string] $CriDockerdDigest,
    [Parameter(Mandatory = $true)] [string] $CrictlUrl,
    [Parameter(Mandatory = $true)] [string] $CrictlDigest,
    [Parameter(Mandatory = $true)] [string] $Arguments,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$task = 'casement-cri-dockerd'
$folder = 'C:\k\casement\cri-dockerd'

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', 'C:\var\lib\cri-dockerd')
Add-LogFolder -Path $LogFolder
$null = Install-Archive -Name 'crictl' -Url $CrictlUrl -Digest $CrictlDigest -Target 'C:\k' -Only @('crictl.exe')
$changes = @(
    (Install-Archive -Name 'cri-dockerd' -Url $CriDockerdUrl -Digest $CriDockerdDigest -Target 'C:\k' -Only @('cri-dockerd.exe'))
    (Set-TextFile -Path "$folder\arguments.txt" -Text $Arguments)
    (Copy-Supervisor -From $PSScriptRoot -To $folder -Script 'Watch-CriDockerd.ps1')
    (Set-StartupTask -Name $task -Script "$folder\Watch-CriDockerd.ps1 -LogFolder $LogFolder")
)
$changed = $changes -contains $true
if ($changed -or (Test-UnfinishedChange)) {
    # The supervisor ends what an earlier one has started before it starts its own.
    Stop-ScheduledTask -TaskName $task
}
if ([string](Get-ScheduledTask -TaskName $task).State -ne 'Running') { Start-ScheduledTask -TaskName $task }
try {
    Wait-Runtime -CriEndpoint $CriEndpoint
} catch {
    $log = Join-Path -Path $LogFolder -ChildPath 'cri-dockerd.log'
    $tail = ''
    if (Test-Path -LiteralPath $log) { $tail = (Get-Content -Path $log -Tail 8) -join ' / ' }
    Stop-Step -What "cri-dockerd does not answer: $($_.Exception.Message)." -Cause "the last lines of ${log}: $tail" `
        -Next "read $log and C:\k\casement\log\Watch-CriDockerd.log on this host, correct the configuration, run again."
}
$version = @((Invoke-Native -FilePath 'C:\k\cri-dockerd.exe' -ArgumentList @('--version')).Output) -join ' '
ConvertTo-PlainJson -InputObject ([ordered]@{ criDockerd = $version; endpoint = $CriEndpoint; changed = $changed })
