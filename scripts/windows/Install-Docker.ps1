#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes Docker Engine run as a service with the configuration given, and proves that it answers.

.DESCRIPTION
dockerd registers its service itself. Before it runs for the first time Windows Defender is told to leave its files alone.
It reads proxies, mirrors and folders from daemon.json, which it is asked to check before it is restarted: with a key that
it does not know it would not start. Its log is the Application event log.

.PARAMETER DockerUrl
Address of docker-VERSION.zip.

.PARAMETER DockerDigest
Its SHA-256.

.PARAMETER Configuration
Text of daemon.json.

.PARAMETER LogFolder
Folder the log files of other services are in.

.PARAMETER HttpProxy
Proxy for the download by http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for the download by https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Install-Docker.ps1 -DockerUrl URL -DockerDigest HEX -Configuration (Get-Content -Raw daemon.json) -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $DockerUrl,
    [Parameter(Mandatory = $true)] [string] $DockerDigest,
    [Parameter(Mandatory = $true)] [string] $Configuration,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$folder = 'C:\Program Files\docker'
$program = "$folder\dockerd.exe"
$configurationFile = 'C:\ProgramData\docker\config\daemon.json'

function Set-DaemonConfiguration {
    <#
    .SYNOPSIS
    Lets dockerd check the configuration, and puts it in place only when dockerd takes it; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    $candidate = 'C:\k\casement\daemon.json'
    [System.IO.File]::WriteAllText($candidate, $Configuration)
    $check = Invoke-Native -FilePath $program -ArgumentList @('--validate', '--config-file', $candidate) -AnyCode
    Remove-Present -Path $candidate
    if ($check.ExitCode -ne 0) {
        Stop-Step -What "dockerd does not take its configuration: $(@($check.ErrorText + $check.Output) -join ' ')." `
            -Cause 'windowsDockerConfiguration has a key or value that this version of Docker does not know.' `
            -Next 'correct windowsDockerConfiguration in the stack file, then run again; Docker was left as it was.'
    }
    return Set-TextFile -Path $configurationFile -Text $Configuration
}

function Register-Docker {
    <#
    .SYNOPSIS
    Lets dockerd register its service; returns whether that was a change.
    #>
    [CmdletBinding()]
    param()
    if (Get-NodeService -Name 'docker') { return $false }
    Set-Marker -Name 'service-docker' -Value @{ name = 'docker' }
    $null = Invoke-Native -FilePath $program -ArgumentList @('--register-service') -Show
    return $true
}

function Start-Docker {
    <#
    .SYNOPSIS
    Starts the service, proves that it answers, and keeps its version.
    #>
    [CmdletBinding()]
    param()
    try {
        Start-NodeService -Name 'docker' -LogPath 'C:\ProgramData\docker\panic.log' -Proof {
            $asked = @('version', '--format', '{{.Server.Version}}')
            $script:version = (Invoke-Native -FilePath "$folder\docker.exe" -ArgumentList $asked).Output -join ''
            $true
        }
    } catch {
        Stop-Step -What $_.Exception.Message -Cause 'dockerd writes the reason into the event log only.' `
            -Next 'on this host: Get-EventLog -LogName Application -Source docker -Newest 20'
    }
}

Confirm-OnlyRuntime -Name 'docker'
Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
Protect-Folder -Path @('C:\k', $folder, 'C:\ProgramData\docker', 'C:\opt\cni\bin', 'C:\etc\cni\net.d')
Add-LogFolder -Path $LogFolder
Set-DefenderExclusion -Path 'C:\ProgramData\docker' -Process @($program, "$folder\docker.exe", 'C:\k\cri-dockerd.exe')

$dependents = Get-RunningDependent
$changed = Install-Archive -Name 'docker' -Url $DockerUrl -Digest $DockerDigest -Target $folder -Only @('docker.exe', 'dockerd.exe')
if (Set-DaemonConfiguration) { $changed = $true }
if (Register-Docker) { $changed = $true }
Set-ServiceStart -Name 'docker'

if ($changed -or (Test-UnfinishedChange)) { Stop-NodeService -Name 'docker' }
$version = ''
Start-Docker
Start-Dependent -Name $dependents -LogFolder $LogFolder
ConvertTo-PlainJson -InputObject ([ordered]@{ docker = $script:version; changed = $changed })
