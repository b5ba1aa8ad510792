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

function Set-DefenderExclusion {
    <#
    .SYNOPSIS
    Excludes containerd from scanning where Windows Defender runs, and remembers what it has added.
    #>
    [CmdletBinding()]
    param()
    if (-not (Get-Command -Name Add-MpPreference -ErrorAction SilentlyContinue)) { return }
    if (-not (Test-ServiceRunning -Name 'WinDefend')) { return }
    $preference = Get-MpPreference
    $wanted = @{
        ExclusionPath = @('C:\ProgramData\containerd')
        ExclusionProcess = @($program, "$folder\ctr.exe", "$folder\containerd-shim-runhcs-v1.exe", 'C:\k\kubelet.exe')
    }
    $added = @{ ExclusionPath = @(); ExclusionProcess = @() }
    $before = Get-Marker -Name 'defender'
    foreach ($kind in @('ExclusionPath', 'ExclusionProcess')) {
        if ($before) { $added[$kind] = @($before.$kind) }
        $missing = @($wanted[$kind] | Where-Object { @($preference.$kind) -notcontains $_ })
        if ($missing.Count -eq 0) { continue }
        $added[$kind] = @($added[$kind]) + $missing
        Set-Marker -Name 'defender' -Value $added
        $arguments = @{ $kind = $missing }
        try {
            Add-MpPreference @arguments
            Write-Log -Message "Windows Defender leaves alone: $($missing -join ', ')"
        } catch {
            # Where a central policy rules Defender it refuses; images are then unpacked slowly, but they are.
            Write-Log -Message "warning: no exclusions in Windows Defender: $($_.Exception.Message)"
        }
    }
}

function Set-ServiceEnvironment {
    <#
    .SYNOPSIS
    Gives the service its proxy (REG_MULTI_SZ Environment), or takes it away; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    $key = 'HKLM:\SYSTEM\CurrentControlSet\Services\containerd'
    $wanted = @()
    if ($HttpProxy) { $wanted += "HTTP_PROXY=$HttpProxy" }
    if ($HttpsProxy) { $wanted += "HTTPS_PROXY=$HttpsProxy" }
    if ($wanted.Count -gt 0) { $wanted += "NO_PROXY=$NoProxy" }
    $present = @()
    $values = Get-ItemProperty -Path $key
    if ($values.PSObject.Properties['Environment']) { $present = @($values.Environment) }
    if (($present -join '|') -ceq ($wanted -join '|')) { return $false }
    if ($wanted.Count -gt 0) {
        $null = New-ItemProperty -Path $key -Name 'Environment' -Value $wanted -PropertyType MultiString -Force
    } else {
        Remove-ItemProperty -Path $key -Name 'Environment'
    }
    return $true
}

function Register-Containerd {
    <#
    .SYNOPSIS
    Lets containerd register its service with our log file; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    $service = Get-NodeService -Name 'containerd'
    if ($service -and $service.PathName.Contains("--run-service --log-file $logPath")) { return $false }
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
Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', $folder, 'C:\ProgramData\containerd', 'C:\opt\cni\bin', 'C:\etc\cni\net.d')
Add-LogFolder -Path $LogFolder
Set-DefenderExclusion

# Stopping containerd stops those that depend on it; what ran before must run afterwards.
$dependents = @(@('kubelet', 'kube-proxy') | Where-Object { Test-ServiceRunning -Name $_ })
$changed = Install-Archive -Name 'containerd' -Url $ContainerdUrl -Digest $ContainerdDigest -Target $folder
$null = Install-Archive -Name 'crictl' -Url $CrictlUrl -Digest $CrictlDigest -Target 'C:\k' -Only @('crictl.exe')
if (Set-TextFile -Path "$folder\config.toml" -Text $Configuration) { $changed = $true }
if (Register-Containerd) { $changed = $true }
Set-ServiceRecovery -Name 'containerd'
if (Set-ServiceEnvironment) { $changed = $true }

if ($changed) { Stop-NodeService -Name 'containerd' }
Start-NodeService -Name 'containerd' -LogPath $logPath
Wait-Condition -That "the container runtime answers on $CriEndpoint" -TimeoutSeconds 120 -Test {
    (Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('info')).ExitCode -eq 0
}
foreach ($name in $dependents) { Start-NodeService -Name $name -LogPath (Join-Path -Path $LogFolder -ChildPath "$name.log") }

$version = (Invoke-Native -FilePath $program -ArgumentList @('--version')).Output -join ' '
ConvertTo-PlainJson -InputObject ([ordered]@{ containerd = $version; endpoint = $CriEndpoint; changed = $changed })
