#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs the programs of a node, each proven by its digest.

.DESCRIPTION
A program that is there as it came is not fetched again; one that is damaged is replaced, and its service restarted. On a
member of a cluster other versions are only made to wait (Update-Node.ps1 exchanges them). C:\k is put on the machine's
PATH, where kubeadm looks for kubelet.

.PARAMETER Programs
One line for each program: NAME|URL|SHA-256|FOLDER|FILE,...

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Install-NodeBinaries.ps1 -Programs 'kubelet|URL|HEX|C:\k|kubelet.exe' -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Programs,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Restart-Changed {
    <#
    .SYNOPSIS
    Restarts what runs from a program that was replaced.
    #>
    [CmdletBinding()]
    param([string[]] $Changed)
    # kube-proxy depends on kubelet and stops with it.
    $running = @(@('kubelet', 'kube-proxy') | Where-Object { Test-ServiceRunning -Name $_ })
    $restart = @($running | Where-Object { $Changed -contains $_ })
    foreach ($name in $restart) { Stop-NodeService -Name $name }
    foreach ($name in @($running | Where-Object { -not (Test-ServiceRunning -Name $_) })) {
        Start-NodeService -Name $name -LogPath (Join-Path -Path $LogFolder -ChildPath "$name.log")
    }
    if ($Changed -contains 'flanneld') {
        # Its supervisor starts it again.
        Stop-Program -Name 'flanneld'
    }
}

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', 'C:\opt\cni\bin')
$all = @(foreach ($line in $Programs) { ConvertFrom-ProgramLine -Line $line })
# Noted first, so that what an interrupted run has brought is taken away too.
Set-Marker -Name 'programs' -Value @{ names = @($all | ForEach-Object { $_.Name }) }
$changed = @(foreach ($program in $all) { if (Install-Archive @program) { $program.Name } })
Add-MachinePath -Folder 'C:\k'
# Which ones an earlier run that was cut off has changed is not known: then all that runs is restarted.
if (Test-UnfinishedChange) { $changed = @($all | ForEach-Object { $_.Name }) }
if ($changed.Count -gt 0) { Restart-Changed -Changed $changed }
$version = (Invoke-Native -FilePath 'C:\k\kubelet.exe' -ArgumentList @('--version')).Output -join ' '
ConvertTo-PlainJson -InputObject ([ordered]@{ kubelet = $version; changed = $changed })
