<#
.SYNOPSIS
What this host is, as facts: system, restarts, clock, services, proxies. Part of the module Casement; changes nothing.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-SystemReport {
    <#
    .SYNOPSIS
    Edition, build and update revision, memory and disk.
    #>
    [CmdletBinding()]
    param()
    $system = Get-CimInstance -ClassName Win32_OperatingSystem
    $disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='C:'"
    $feature = ''
    # Windows for workstations has no such cmdlet, and is refused for what it is.
    if (Get-Command -Name Get-WindowsFeature -ErrorAction SilentlyContinue) {
        $feature = [string](Get-WindowsFeature -Name Containers).InstallState
    }
    return [ordered]@{
        computerName = $env:COMPUTERNAME
        system = [string]$system.Caption
        build = [string]$system.BuildNumber
        revision = [int](Get-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').UBR
        productType = [int]$system.ProductType
        processors = [int]$env:NUMBER_OF_PROCESSORS
        memoryMiB = [int][Math]::Round($system.TotalVisibleMemorySize / 1024)
        freeDiskMiB = [int][Math]::Round($disk.FreeSpace / 1048576)
        lastBoot = $system.LastBootUpTime.ToUniversalTime().ToString('o')
        containersFeature = $feature
    }
}

function Get-PendingRestart {
    <#
    .SYNOPSIS
    What waits for a restart that is not ours.
    #>
    [CmdletBinding()]
    param()
    if (-not (Get-Marker -Name 'restart')) {
        $software = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
        if (Test-Path -LiteralPath "$software\Component Based Servicing\RebootPending") { 'Windows servicing' }
        if (Test-Path -LiteralPath "$software\WindowsUpdate\Auto Update\RebootRequired") { 'Windows Update' }
    }
    $names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'
    $active = (Get-ItemProperty -Path "$names\ActiveComputerName").ComputerName
    if ($active -ne (Get-ItemProperty -Path "$names\ComputerName").ComputerName) { 'a new computer name' }
}

function Get-TimeReport {
    <#
    .SYNOPSIS
    The time of this host, and whether something keeps it right.
    #>
    [CmdletBinding()]
    param()
    $source = ''
    $running = Test-ServiceRunning -Name 'w32time'
    if ($running) {
        $source = ((Invoke-Native -FilePath 'w32tm.exe' -ArgumentList @('/query', '/source') -AnyCode).Output -join ' ').Trim()
    }
    return [ordered]@{ utc = [datetime]::UtcNow.ToString('o'); synchronised = $running; source = $source }
}

function Get-ContainerServiceReport {
    <#
    .SYNOPSIS
    Services that run containers or nodes here already, and whether we have registered them.
    #>
    [CmdletBinding()]
    param()
    foreach ($name in @('docker', 'containerd', 'kubelet', 'kube-proxy', 'flanneld', 'rke2', 'k3s')) {
        $service = Get-Service -Name $name -ErrorAction SilentlyContinue
        if (-not $service) { continue }
        [ordered]@{ name = $name; state = [string]$service.Status; start = [string]$service.StartType; ours = ($null -ne (Get-Marker -Name "service-$name")) }
    }
}

function Get-ProxyReport {
    <#
    .SYNOPSIS
    Proxies in the machine's environment and that of WinHTTP, without passwords; nothing of a kind that is not set.
    #>
    [CmdletBinding()]
    param()
    $found = [ordered]@{}
    foreach ($name in @('HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY')) {
        $value = [string][Environment]::GetEnvironmentVariable($name, 'Machine')
        if ($value) { $found[$name] = $value -replace '://[^/@]*@', '://***@' }
    }
    $shown = (Invoke-Native -FilePath 'netsh.exe' -ArgumentList @('winhttp', 'show', 'proxy') -AnyCode).Output -join ' '
    # The words are those of the host's language; a server is HOST:PORT in any.
    if ($shown -match '\S+:\d{2,5}(?!\S)') { $found['winHttp'] = $Matches[0] -replace '^[^/@]*@', '***@' }
    return $found
}
