#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes containerd run as a service with the configuration given, and proves that it answers.

.DESCRIPTION
containerd registers its service itself. Before it runs for the first time Windows Defender is told to leave its files
alone, which otherwise makes unpacking images slow and at times impossible. crictl comes with it, as the program that asks
the runtime the way kubelet does. containerd reads the proxy from its service's own environment.

.PARAMETER ContainerdUrl
Address of containerd-VERSION-windows-amd64.tar.gz.

.PARAMETER ContainerdDigest
Its SHA-256.

.PARAMETER CrictlUrl
Address of crictl-vVERSION-windows-amd64.tar.gz.

.PARAMETER CrictlDigest
Its SHA-256.

.PARAMETER Configuration
Text of config.toml.

.PARAMETER RegistryFolders
Folder of each image registry that has mirrors, in C:\ProgramData\containerd\certs.d.

.PARAMETER RegistryFiles
Text of hosts.toml of each, in the same order.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Install-Containerd.ps1 -ContainerdUrl URL -ContainerdDigest HEX -CrictlUrl URL -CrictlDigest HEX -Configuration (Get-Content -Raw config.toml) -CriEndpoint npipe:////./pipe/containerd-containerd -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $ContainerdUrl,
    [Parameter(Mandatory = $true)] [string] $ContainerdDigest,
    [Parameter(Mandatory = $true)] [string] $CrictlUrl,
    [Parameter(Mandatory = $true)] [string] $CrictlDigest,
    [Parameter(Mandatory = $true)] [string] $Configuration,
    [AllowEmptyCollection()] [string[]] $RegistryFolders = @(),
    [AllowEmptyCollection()] [string[]] $RegistryFiles = @(),
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = 'C:\Program Files\containerd'
$program = "$folder\containerd.exe"
$logPath = Join-Path -Path $LogFolder -ChildPath 'containerd.log'

function Set-ServiceEnvironment {
    <#
    .SYNOPSIS
    Gives the service its proxy (REG_MULTI_SZ Environment), or takes it away; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    $wanted = @()
    if ($HttpProxy) { $wanted += "HTTP_PROXY=$HttpProxy" }
    if ($HttpsProxy) { $wanted += "HTTPS_PROXY=$HttpsProxy" }
    if ($wanted.Count -gt 0) { $wanted += "NO_PROXY=$NoProxy" }
    return Set-RegistryList -Key 'HKLM:\SYSTEM\CurrentControlSet\Services\containerd' -Name 'Environment' -Value $wanted
}

function Set-Registry {
    <#
    .SYNOPSIS
    Lays out the mirrors of image registries, which containerd reads whenever it pulls; and takes away those of before.
    #>
    [CmdletBinding()]
    param()
    $certs = 'C:\ProgramData\containerd\certs.d'
    $before = Get-Marker -Name 'registries'
    Set-Marker -Name 'registries' -Value @{ folders = $RegistryFolders }
    if ($before) {
        foreach ($old in @($before.folders | Where-Object { $RegistryFolders -notcontains $_ })) {
            Remove-Present -Path "$certs\$old"
        }
    }
    for ($i = 0; $i -lt $RegistryFolders.Count; $i++) {
        $null = Set-TextFile -Path "$certs\$($RegistryFolders[$i])\hosts.toml" -Text $RegistryFiles[$i]
    }
}

function Register-Containerd {
    <#
    .SYNOPSIS
    Lets containerd register its service with our log file; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    $service = Get-NodeService -Name 'containerd'
    $wanted = '^"?{0}"? --run-service --log-file {1}$' -f [regex]::Escape($program), [regex]::Escape($logPath)
    if ($service -and ($service.PathName -match $wanted)) { return $false }
    if ($service) {
        Stop-NodeService -Name 'containerd'
        $null = Invoke-Native -FilePath $program -ArgumentList @('--unregister-service') -Show
        $gone = { -not (Get-Service -Name 'containerd' -ErrorAction SilentlyContinue) }
        Wait-Condition -That 'the former service containerd is gone' -Test $gone
    }
    Set-Marker -Name 'service-containerd' -Value @{ name = 'containerd' }
    $null = Invoke-Native -FilePath $program -ArgumentList @('--log-file', $logPath, '--register-service') -Show
    return $true
}

if ($LogFolder -match '\s') { throw "The log folder '$LogFolder' has a blank in its name, which containerd's service cannot take." }
Confirm-OnlyRuntime -Name 'containerd'
Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', $folder, 'C:\ProgramData\containerd', 'C:\opt\cni\bin', 'C:\etc\cni\net.d')
Add-LogFolder -Path $LogFolder
Set-DefenderExclusion -Path 'C:\ProgramData\containerd' `
    -Process @($program, "$folder\ctr.exe", "$folder\containerd-shim-runhcs-v1.exe")

# Stopping containerd stops those that depend on it; what ran before must run afterwards.
$dependents = Get-RunningDependent
$changed = Install-Archive -Name 'containerd' -Url $ContainerdUrl -Digest $ContainerdDigest -Target $folder
$null = Install-Archive -Name 'crictl' -Url $CrictlUrl -Digest $CrictlDigest -Target 'C:\k' -Only @('crictl.exe')
if (Set-TextFile -Path "$folder\config.toml" -Text $Configuration) { $changed = $true }
Set-Registry
if (Register-Containerd) { $changed = $true }
Set-ServiceStart -Name 'containerd'
if (Set-ServiceEnvironment) { $changed = $true }

if ($changed -or (Test-UnfinishedChange)) { Stop-NodeService -Name 'containerd' }
Start-NodeService -Name 'containerd' -LogPath $logPath -Proof { Test-RuntimeAnswer -CriEndpoint $CriEndpoint }
Start-Dependent -Name $dependents -LogFolder $LogFolder

$version = (Invoke-Native -FilePath $program -ArgumentList @('--version')).Output -join ' '
ConvertTo-PlainJson -InputObject ([ordered]@{ containerd = $version; endpoint = $CriEndpoint; changed = $changed })
