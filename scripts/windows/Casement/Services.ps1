<#
.SYNOPSIS
Windows services of the node. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-NodeService {
    <#
    .SYNOPSIS
    The service as Win32_Service (PathName, State, ProcessId), or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    return Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'"
}

function Set-NodeService {
    <#
    .SYNOPSIS
    Makes the service exist with this command line, restarted when it fails; returns whether that changed the line.
    .DESCRIPTION
    New-Service and Win32_Service.Change hand the line to the service manager as it is. sc.exe would get it through
    PowerShell 5.1's quoting, which loses inner double quotes; and a value written into the registry is not noticed
    before the next boot.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $CommandLine,
        [Parameter(Mandatory = $true)] [string] $Description,
        [Parameter(Mandatory = $true)] [string] $DependsOn,
        [ValidateSet('Automatic', 'Manual')] [string] $StartupType = 'Automatic'
    )
    $changed = $true
    # First: a service that is ours but not known to be would never be taken away.
    Set-Marker -Name "service-$Name" -Value @{ name = $Name }
    $service = Get-NodeService -Name $Name
    if (-not $service) {
        $null = New-Service -Name $Name -BinaryPathName $CommandLine -DisplayName $Name -Description $Description `
            -StartupType $StartupType -DependsOn $DependsOn
        Write-Log -Message "registered service $Name"
    } elseif ($service.PathName -cne $CommandLine) {
        Add-Change
        $reply = Invoke-CimMethod -InputObject $service -MethodName Change -Arguments @{ PathName = $CommandLine }
        if ($reply.ReturnValue -ne 0) { throw "Service $Name could not be changed (code $($reply.ReturnValue))." }
        Write-Log -Message "changed the command line of service $Name"
    } else {
        $changed = $false
    }
    Set-ServiceStart -Name $Name -StartupType $StartupType
    $now = (Get-NodeService -Name $Name).PathName
    if ($now -cne $CommandLine) { throw "Service $Name has command line $now, not the one it was given." }
    return $changed
}

function Set-ServiceStart {
    <#
    .SYNOPSIS
    Lets the service manager start the service with Windows, or only when it is told to, and again whenever it ends by itself.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [ValidateSet('Automatic', 'Manual')] [string] $StartupType = 'Automatic'
    )
    Add-Fact -Kind service -Name $Name
    Set-Service -Name $Name -StartupType $StartupType
    $arguments = @('failure', $Name, 'reset=', '3600', 'actions=', 'restart/5000/restart/10000/restart/60000')
    $null = Invoke-Native -FilePath 'sc.exe' -ArgumentList $arguments
}

function Get-ServiceFact {
    <#
    .SYNOPSIS
    How the service is started, and its command line, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $service = Get-NodeService -Name $Name
    if ($service) { return "$($service.StartMode) $($service.PathName)" }
}

function Test-ServiceRunning {
    <#
    .SYNOPSIS
    Whether the service is there and runs.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $service = Get-Service -Name $Name -ErrorAction SilentlyContinue
    return ($null -ne $service) -and ($service.Status -eq 'Running')
}

function Start-NodeService {
    <#
    .SYNOPSIS
    Starts the service and proves that it stays; when it does not, throws with the end of its log.
    .PARAMETER Proof
    Is true once the service does its work, which is proof enough. Without one its process is watched for some seconds.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $LogPath,
        [scriptblock] $Proof
    )
    try {
        if (-not (Test-ServiceRunning -Name $Name)) { Start-Service -Name $Name }
        Wait-Condition -That "service $Name runs" -Test { Test-ServiceRunning -Name $Name } -TimeoutSeconds 60
        if ($Proof) {
            Wait-Condition -That "service $Name does its work" -Test $Proof -TimeoutSeconds 120
            return
        }
        # Its recovery action may bring it back once, when what it needs came late; again and again is a failure.
        Wait-Condition -That "service $Name keeps running" -TimeoutSeconds 60 -IntervalSeconds 1 -Test {
            $first = Get-NodeService -Name $Name
            Start-Sleep -Seconds 8
            $now = Get-NodeService -Name $Name
            ($now.State -eq 'Running') -and ($now.ProcessId -eq $first.ProcessId)
        }
    } catch {
        $tail = ''
        if (Test-Path -LiteralPath $LogPath) { $tail = (Get-Content -Path $LogPath -Tail 8) -join ' / ' }
        throw "Service $Name does not stay up: $($_.Exception.Message). The last lines of ${LogPath}: $tail." +
            " Next: read $LogPath on this host, correct the configuration, run again."
    }
}

function Add-LogFolder {
    <#
    .SYNOPSIS
    Makes a folder for logs, and remembers it: its logs are ours even when another one is named later.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Path)
    $null = New-Item -ItemType Directory -Force -Path $Path
    $known = @()
    $marker = Get-Marker -Name 'log-folders'
    if ($marker) { $known = @($marker.paths) }
    if ($known -notcontains $Path) { Set-Marker -Name 'log-folders' -Value @{ paths = @($known + $Path) } }
}

function Remove-LogFolder {
    <#
    .SYNOPSIS
    Removes our logs from every folder that they were ever in, and the folders that hold nothing then.
    #>
    [CmdletBinding()]
    param()
    $marker = Get-Marker -Name 'log-folders'
    if (-not $marker) { return }
    foreach ($path in @($marker.paths)) {
        if (-not (Test-Path -LiteralPath $path)) { continue }
        foreach ($name in @('containerd', 'cri-dockerd', 'kubelet', 'kube-proxy', 'flanneld')) { Remove-ServiceLog -Name $name -LogFolder $path }
        Remove-Empty -Path $path
    }
    Remove-Marker -Name 'log-folders'
}

function Remove-ServiceLog {
    <#
    .SYNOPSIS
    Removes the logs that kube-log-runner keeps under this name, those it has turned over too.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name, [Parameter(Mandatory = $true)] [string] $LogFolder)
    foreach ($log in @(Get-ChildItem -Path $LogFolder -Filter "$Name*.log" -ErrorAction SilentlyContinue)) {
        Remove-Present -Path $log.FullName
    }
}

function Stop-NodeService {
    <#
    .SYNOPSIS
    Stops the service, and those that depend on it, if it is there.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $service = Get-Service -Name $Name -ErrorAction SilentlyContinue
    if ((-not $service) -or ($service.Status -eq 'Stopped')) { return }
    try {
        Stop-Service -Name $Name -Force
    } catch {
        # One that answers late, or ends before it has answered, stops all the same.
        Write-Log -Message "stopping service ${Name}: $($_.Exception.Message)"
    }
    Wait-Condition -That "service $Name has stopped" -Test { (Get-Service -Name $Name).Status -eq 'Stopped' } -TimeoutSeconds 90
    Write-Log -Message "stopped service $Name"
}

function Remove-NodeService {
    <#
    .SYNOPSIS
    Stops and removes a service of ours; one that we did not register is left alone.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    if (-not (Get-Marker -Name "service-$Name")) { return }
    if (Get-Service -Name $Name -ErrorAction SilentlyContinue) {
        Stop-NodeService -Name $Name
        $null = Invoke-Native -FilePath 'sc.exe' -ArgumentList @('delete', $Name)
        Wait-Condition -That "service $Name is gone" -Test { -not (Get-Service -Name $Name -ErrorAction SilentlyContinue) }
        Write-Log -Message "removed service $Name"
    }
    Remove-Marker -Name "service-$Name"
}
