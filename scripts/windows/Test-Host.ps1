#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Looks whether this host can become a Windows node; changes nothing.

.DESCRIPTION
Prints one JSON object of facts and warnings. What would make the node fail later is refused now, all at once, each with
its remedy.

.PARAMETER NodeName
Name the node is to have in Kubernetes.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER InterfaceName
Name of the network adapter that holds that address.

.EXAMPLE
.\Test-Host.ps1 -NodeName win1 -ManagementIP 10.0.0.21 -InterfaceName Ethernet
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [string] $InterfaceName
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$builds = @{ '20348' = 'Windows Server 2022'; '26100' = 'Windows Server 2025' }
$script:problems = @()
$script:warnings = @()
# Once kubelet is ours, the host is in use: what would only hinder a first installation is then a warning.
$fresh = -not (Get-Marker -Name 'service-kubelet')

function Add-Problem {
    <#
    .SYNOPSIS
    Notes what is wrong and what removes it; OnlyWhenFresh makes it a warning on a host that is a node already.
    #>
    [CmdletBinding()]
    param([string] $Text, [switch] $OnlyWhenFresh)
    if ($OnlyWhenFresh -and (-not $fresh)) { $script:warnings += $Text } else { $script:problems += $Text }
}

function Get-SystemFact {
    <#
    .SYNOPSIS
    Edition, build, memory and disk.
    #>
    [CmdletBinding()]
    param()
    $system = Get-CimInstance -ClassName Win32_OperatingSystem
    $disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='C:'"
    $facts = [ordered]@{
        computerName = $env:COMPUTERNAME
        system = $system.Caption
        build = [string]$system.BuildNumber
        revision = [int](Get-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').UBR
        lastBoot = $system.LastBootUpTime.ToUniversalTime().ToString('o')
        memoryMiB = [int][Math]::Round($system.TotalVisibleMemorySize / 1024)
        freeDiskMiB = [int][Math]::Round($disk.FreeSpace / 1048576)
    }
    if ((-not $builds.ContainsKey($facts.build)) -or ($system.ProductType -eq 1)) {
        Add-Problem -Text ("this host runs $($facts.system), build $($facts.build): " +
            'use Windows Server 2022 (20348) or 2025 (26100), the builds that Kubernetes and its images are made for')
    }
    if ($system.ProductType -eq 2) { $script:warnings += 'this host is a domain controller: pods share its kernel' }
    if ($facts.memoryMiB -lt 1900) { Add-Problem -Text "$($facts.memoryMiB) MiB of memory: give the host 2 GiB at least, better 4" }
    if ($facts.freeDiskMiB -lt 10240) {
        Add-Problem -OnlyWhenFresh -Text "$($facts.freeDiskMiB) MiB free on C: make it 10 GiB at least, Windows images are large"
    }
    if ($facts.computerName -ne $NodeName) {
        $script:warnings += "the computer is named $($facts.computerName), its node will be named $NodeName"
    }
    return $facts
}

function Get-AdapterFact {
    <#
    .SYNOPSIS
    The one adapter that holds the management address, which must be up and the one that was named.
    #>
    [CmdletBinding()]
    param()
    $all = @(Get-NetIPAddress -AddressFamily IPv4)
    $addresses = @($all | Where-Object { $_.IPAddress -eq $ManagementIP })
    if ($addresses.Count -ne 1) {
        $have = @($all | ForEach-Object { "$($_.IPAddress) on $($_.InterfaceAlias)" }) -join ', '
        Add-Problem -Text ("$($addresses.Count) adapters hold $ManagementIP (this host has $have): " +
            "correct managementIp or the host's address")
        return $null
    }
    $index = $addresses[0].InterfaceIndex
    $adapter = Get-NetAdapter -InterfaceIndex $index
    if ([string]$adapter.Status -ne 'Up') { Add-Problem -Text "adapter $($adapter.Name) is $($adapter.Status): connect it" }
    if (@($InterfaceName, "vEthernet ($InterfaceName)") -notcontains $adapter.Name) {
        Add-Problem -Text "$ManagementIP is on adapter '$($adapter.Name)', not on '$InterfaceName': correct interfaceName"
    }
    $interface = Get-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4
    return [ordered]@{
        name = $adapter.Name
        index = [int]$index
        address = $ManagementIP
        prefixLength = [int]$addresses[0].PrefixLength
        dhcp = ([string]$interface.Dhcp -eq 'Enabled')
        mtu = [long]$interface.NlMtu
        macAddress = [string]$adapter.MacAddress
    }
}

function Get-DefaultRouteFact {
    <#
    .SYNOPSIS
    The default routes, of which there should be one.
    #>
    [CmdletBinding()]
    param()
    $routes = @(Get-NetRoute -AddressFamily IPv4 -DestinationPrefix '0.0.0.0/0' -ErrorAction SilentlyContinue)
    if ($routes.Count -gt 1) {
        $script:warnings += "$($routes.Count) default routes: traffic may leave by another adapter than $InterfaceName"
    }
    return @($routes | ForEach-Object { [ordered]@{ nextHop = [string]$_.NextHop; interface = [string]$_.InterfaceAlias } })
}

function Get-PendingRestart {
    <#
    .SYNOPSIS
    What waits for a restart that is not ours.
    #>
    [CmdletBinding()]
    param()
    $pending = @()
    $ours = Get-Marker -Name 'restart'
    if (-not $ours) {
        $software = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
        if (Test-Path -LiteralPath "$software\Component Based Servicing\RebootPending") { $pending += 'Windows servicing' }
        if (Test-Path -LiteralPath "$software\WindowsUpdate\Auto Update\RebootRequired") { $pending += 'Windows Update' }
    }
    $names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'
    $active = (Get-ItemProperty -Path "$names\ActiveComputerName").ComputerName
    if ($active -ne (Get-ItemProperty -Path "$names\ComputerName").ComputerName) { $pending += 'a new computer name' }
    if ($pending.Count -gt 0) {
        Add-Problem -OnlyWhenFresh -Text "a restart is pending for $($pending -join ' and '): restart the host, then run again"
    }
    return $pending
}

function Get-TimeFact {
    <#
    .SYNOPSIS
    Whether something keeps the clock right; a clock that is wrong makes certificates and tokens invalid.
    #>
    [CmdletBinding()]
    param()
    $source = ''
    $running = Test-ServiceRunning -Name 'w32time'
    if ($running) {
        $source = ((Invoke-Native -FilePath 'w32tm.exe' -ArgumentList @('/query', '/source') -AnyCode).Output -join ' ').Trim()
    } else {
        $script:warnings += 'service w32time does not run: see that something else keeps the clock right'
    }
    return [ordered]@{ serviceRunning = $running; source = $source; utc = [datetime]::UtcNow.ToString('o') }
}

function Get-ForeignService {
    <#
    .SYNOPSIS
    Services under the names we need, or that fight over HNS, which we have not registered.
    #>
    [CmdletBinding()]
    param()
    $foreign = @()
    foreach ($name in @('docker', 'containerd', 'kubelet', 'kube-proxy', 'flanneld')) {
        $present = Get-Service -Name $name -ErrorAction SilentlyContinue
        if ($present -and (-not (Get-Marker -Name "service-$name"))) { $foreign += $name }
    }
    if ($foreign.Count -gt 0) {
        Add-Problem -Text ("service $($foreign -join ', ') is on this host already, and not of our making: " +
            'uninstall it, or take a clean host')
    }
    return $foreign
}

foreach ($tool in @('curl.exe', 'tar.exe', 'icacls.exe', 'sc.exe', 'shutdown.exe')) {
    if (-not (Get-Command -Name $tool -ErrorAction SilentlyContinue)) {
        Add-Problem -Text "$tool is not on the PATH: repair the Windows installation"
    }
}
$facts = Get-SystemFact
$facts['adapter'] = Get-AdapterFact
$facts['defaultRoutes'] = @(Get-DefaultRouteFact)
$facts['pendingRestart'] = @(Get-PendingRestart)
$facts['time'] = Get-TimeFact
$facts['foreignServices'] = @(Get-ForeignService)
$facts['containersFeature'] = ''
# Windows for workstations has no such cmdlet, and is refused above.
if (Get-Command -Name Get-WindowsFeature -ErrorAction SilentlyContinue) {
    $facts['containersFeature'] = [string](Get-WindowsFeature -Name Containers).InstallState
}
$facts['warnings'] = @($script:warnings)

foreach ($warning in $script:warnings) { Write-Log -Message "warning: $warning" }
if ($script:problems.Count -gt 0) {
    Stop-Step -What "This host cannot become node ${NodeName}: $($script:problems -join '; ')." `
        -Cause 'the host differs from what the stack file says, or from what a Windows node needs.' `
        -Next 'put right what is named, then run the same command again.'
}
ConvertTo-PlainJson -InputObject $facts
