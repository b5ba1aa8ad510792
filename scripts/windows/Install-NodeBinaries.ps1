#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs the programs of a node, each proven by its digest.

.DESCRIPTION
A program that is there with the right digest is not fetched again. A running one is renamed aside, replaced, and its
service restarted. C:\k is put on the machine's PATH, where kubeadm looks for kubelet.

.PARAMETER Programs
One line for each program: PATH URL SHA-256, separated by blanks.

.PARAMETER CniPluginsUrl
Address of cni-plugins-windows-amd64-vVERSION.tgz.

.PARAMETER CniPluginsDigest
Its SHA-256.

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Install-NodeBinaries.ps1 -Programs 'C:\k\kubelet.exe URL HEX' -CniPluginsUrl URL -CniPluginsDigest HEX -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Programs,
    [Parameter(Mandatory = $true)] [string] $CniPluginsUrl,
    [Parameter(Mandatory = $true)] [string] $CniPluginsDigest,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$environmentKey = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'

function Add-MachinePath {
    <#
    .SYNOPSIS
    Puts a folder on the machine's PATH, leaving what is there as it is written (%SystemRoot% and the like).
    #>
    [CmdletBinding()]
    param([string] $Folder)
    $present = (Get-Item -Path $environmentKey).GetValue('Path', '', 'DoNotExpandEnvironmentNames')
    if (@($present -split ';') -contains $Folder) { return }
    $value = "$($present.TrimEnd(';'));$Folder"
    $null = New-ItemProperty -Path $environmentKey -Name 'Path' -Value $value -PropertyType ExpandString -Force
    Write-Log -Message "put $Folder on the PATH"
}

function Install-Program {
    <#
    .SYNOPSIS
    Installs one program from its line; returns its path if that was a change.
    #>
    [CmdletBinding()]
    param([string] $Line)
    $path, $url, $digest = $Line -split ' '
    if (Test-FileDigest -Path $path -Digest $digest) { return }
    $download = "C:\k\casement\download\$(Split-Path -Path $path -Leaf)"
    Save-Download -Url $url -Digest $digest -Path $download
    if (Install-File -Source $download -Path $path) { return $path }
}

function Restart-Changed {
    <#
    .SYNOPSIS
    Restarts what runs from a program that was replaced.
    #>
    [CmdletBinding()]
    param([string[]] $Changed)
    # kube-proxy depends on kubelet and stops with it.
    $running = @(@('kubelet', 'kube-proxy') | Where-Object { Test-ServiceRunning -Name $_ })
    $restart = @($running | Where-Object { $Changed -contains "C:\k\$_.exe" })
    foreach ($name in $restart) { Stop-NodeService -Name $name }
    foreach ($name in @($running | Where-Object { -not (Test-ServiceRunning -Name $_) })) {
        Start-NodeService -Name $name -LogPath (Join-Path -Path $LogFolder -ChildPath "$name.log")
    }
    if ($Changed -contains 'C:\k\flanneld.exe') {
        # Its supervisor starts it again.
        foreach ($process in @(Get-Process -Name 'flanneld' -ErrorAction SilentlyContinue)) { Stop-Process -Id $process.Id -Force }
    }
}

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', 'C:\opt\cni\bin')
$changed = @(foreach ($line in $Programs) { Install-Program -Line $line })
$null = Install-Archive -Name 'cni-plugins' -Url $CniPluginsUrl -Digest $CniPluginsDigest -Target 'C:\opt\cni\bin' `
    -Only @('win-overlay.exe', 'host-local.exe')
Set-Marker -Name 'programs' -Value @{ paths = @($Programs | ForEach-Object { ($_ -split ' ')[0] }) }
Add-MachinePath -Folder 'C:\k'
if ($changed.Count -gt 0) { Restart-Changed -Changed $changed }

foreach ($line in $Programs) {
    $path, $url, $digest = $line -split ' '
    if (-not (Test-FileDigest -Path $path -Digest $digest)) {
        throw "$path, from $url, is not the file that was installed: something on this host changes or blocks it."
    }
}
$version = (Invoke-Native -FilePath 'C:\k\kubelet.exe' -ArgumentList @('--version')).Output -join ' '
ConvertTo-PlainJson -InputObject ([ordered]@{ kubelet = $version; changed = $changed })
