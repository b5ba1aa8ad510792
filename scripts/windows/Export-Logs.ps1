#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Gathers what tells why this host does not do as it should: logs, states, networks, events. Changes nothing.

.DESCRIPTION
Everything becomes a text file in the folder "collected" beside the scripts, with secrets taken out before it is written.
What is missing on this host, or does not answer, is noted in notes.txt and holds up nothing else. What may hang comes last,
so that a time limit loses only that. Event logs are written as text: secrets cannot be taken out of .evtx files.

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER LargestFile
Bytes of each file, and characters of each answer, that are kept; of larger ones the end.

.PARAMETER Patterns
Regular expressions of secrets; the first group of each is what stays before the secret.

.PARAMETER CutPattern
Regular expression of what is left of a secret where the beginning of a file was cut off.

.EXAMPLE
.\Export-Logs.ps1 -LogFolder C:\k -CriEndpoint npipe:////./pipe/containerd-containerd -LargestFile 5000000 -Patterns '(token: )\S+' -CutPattern '\A[^-]*-----END'
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [int] $LargestFile,
    [Parameter(Mandatory = $true)] [string[]] $Patterns,
    [Parameter(Mandatory = $true)] [string] $CutPattern
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$collected = Join-Path -Path (Split-Path -Path $PSScriptRoot -Parent) -ChildPath 'collected'

function Save-Text {
    <#
    .SYNOPSIS
    Writes a text without its secrets; of one whose beginning was cut off, without its first line.
    #>
    [CmdletBinding()]
    param([string] $Name, [AllowEmptyString()] [string] $Text, [switch] $Cut)
    # Texts in UTF-16 that do not say so are readable without the zeros.
    $kept = $Text.Replace([string][char]0, '')
    if ($kept.Length -gt $LargestFile) {
        $kept = $kept.Substring($kept.Length - $LargestFile)
        $Cut = $true
    }
    if ($Cut) {
        $kept = $kept.Substring($kept.IndexOf("`n") + 1)
        $kept = "[the beginning is left out]`r`n" + [regex]::Replace($kept, $CutPattern, '')
    }
    foreach ($pattern in $Patterns) { $kept = [regex]::Replace($kept, $pattern, '$1[removed]') }
    $path = Join-Path -Path $collected -ChildPath $Name
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $path -Parent)
    [System.IO.File]::WriteAllText($path, $kept)
}

function Add-Note {
    <#
    .SYNOPSIS
    Notes what could not be gathered.
    #>
    [CmdletBinding()]
    param([string] $Message)
    Add-Content -Path (Join-Path -Path $collected -ChildPath 'notes.txt') -Value $Message -Encoding UTF8
}

function Save-File {
    <#
    .SYNOPSIS
    Takes the end of a file, also of one that a program is writing.
    #>
    [CmdletBinding()]
    param([string] $Path)
    try {
        $stream = [System.IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
        try {
            $cut = $stream.Length -gt $LargestFile
            if ($cut) { $null = $stream.Seek(-$LargestFile, 'End') }
            $text = (New-Object -TypeName System.IO.StreamReader -ArgumentList $stream).ReadToEnd()
        } finally {
            $stream.Dispose()
        }
        Save-Text -Name ('files\' + ($Path -replace ':', '')) -Text $text -Cut:$cut
    } catch {
        Add-Note -Message "${Path}: $($_.Exception.Message)"
    }
}

function Save-Folder {
    <#
    .SYNOPSIS
    Takes the files of a folder that match.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $Filter)
    if (-not (Test-Path -LiteralPath $Path)) {
        Add-Note -Message "${Path}: not on this host"
        return
    }
    foreach ($file in @(Get-ChildItem -Path $Path -Filter $Filter -File -Force)) { Save-File -Path $file.FullName }
}

function Save-Program {
    <#
    .SYNOPSIS
    Takes what a program prints, and how it ends.
    #>
    [CmdletBinding()]
    param([string] $Name, [string] $Program, [string[]] $ArgumentList = @())
    if (-not (Get-Command -Name $Program -ErrorAction SilentlyContinue)) {
        Add-Note -Message "${Name}: $Program is not on this host"
        return
    }
    try {
        $answer = Invoke-Native -FilePath $Program -ArgumentList $ArgumentList -AnyCode
        if ($answer.ExitCode -ne 0) { Add-Note -Message "${Name}: $Program ended with exit code $($answer.ExitCode)" }
        Save-Text -Name $Name -Text (@($answer.Output + $answer.ErrorText) -join "`r`n")
    } catch {
        Add-Note -Message "${Name}: $($_.Exception.Message)"
    }
}

function Save-Answer {
    <#
    .SYNOPSIS
    Takes what a query returns, as JSON.
    #>
    [CmdletBinding()]
    param([string] $Name, [scriptblock] $Query)
    try {
        Save-Text -Name $Name -Text (ConvertTo-Json -InputObject @(& $Query) -Depth 6)
    } catch {
        Add-Note -Message "${Name}: $($_.Exception.Message)"
    }
}

function Save-Event {
    <#
    .SYNOPSIS
    Takes the latest events of a log, as text.
    #>
    [CmdletBinding()]
    param([string] $Log, [string] $Query = '*', [int] $Count = 500)
    $name = 'events\' + ($Log -replace '[ /]', '-') + '.txt'
    Save-Program -Name $name -Program 'wevtutil.exe' -ArgumentList @('qe', $Log, "/q:$Query", "/c:$Count", '/rd:true', '/f:text')
}

$null = New-Item -ItemType Directory -Force -Path $collected
Write-Log -Message 'gathering files'
foreach ($name in @('kubelet', 'kube-proxy', 'flanneld', 'containerd', 'docker', 'cri-dockerd')) {
    Save-Folder -Path $LogFolder -Filter "$name*.log"
}
Save-Folder -Path 'C:\k\casement\log' -Filter '*'
Save-Folder -Path 'C:\k\casement\state' -Filter '*.json'
Save-Folder -Path 'C:\etc\cni\net.d' -Filter '*'
Save-Folder -Path 'C:\etc\kube-flannel' -Filter '*'
Save-Folder -Path 'C:\k' -Filter '*.yaml'
Save-Folder -Path 'C:\k\patches' -Filter '*'
Save-Folder -Path 'C:\var\lib\kubelet' -Filter '*.yaml'
Save-Folder -Path 'C:\etc\kubernetes' -Filter '*.conf'
Save-Folder -Path 'C:\Program Files\containerd' -Filter '*.toml'
Save-Folder -Path 'C:\ProgramData\containerd\root' -Filter 'panic.log'
Save-Folder -Path 'C:\ProgramData\docker\config' -Filter 'daemon.json'

Write-Log -Message 'gathering the state of the host'
Save-Answer -Name 'host\system.json' -Query {
    Get-CimInstance -ClassName Win32_OperatingSystem | Select-Object -Property @('Caption', 'BuildNumber', 'Version',
        'LastBootUpTime', 'TotalVisibleMemorySize', 'FreePhysicalMemory', 'FreeVirtualMemory')
}
Save-Answer -Name 'host\hotfixes.json' -Query {
    Get-CimInstance -ClassName Win32_QuickFixEngineering | Select-Object -Property @('HotFixID', 'Description', 'InstalledOn')
}
Save-Answer -Name 'host\disks.json' -Query {
    Get-CimInstance -ClassName Win32_LogicalDisk | Select-Object -Property @('DeviceID', 'FileSystem', 'Size', 'FreeSpace')
}
Save-Answer -Name 'host\pagefile.json' -Query {
    Get-CimInstance -ClassName Win32_PageFileUsage | Select-Object -Property @('Name', 'AllocatedBaseSize', 'CurrentUsage')
}
Save-Answer -Name 'host\services.json' -Query {
    Get-CimInstance -ClassName Win32_Service | Select-Object -Property @('Name', 'State', 'StartMode', 'StartName', 'ProcessId',
        'ExitCode', 'PathName')
}
Save-Answer -Name 'host\processes.json' -Query {
    Get-CimInstance -ClassName Win32_Process | Select-Object -Property @('ProcessId', 'ParentProcessId', 'Name', 'CommandLine',
        'WorkingSetSize')
}
Save-Answer -Name 'host\environment.json' -Query {
    # What PowerShell adds to the values holds the whole registry provider.
    Get-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment' |
        Select-Object -Property '*' -ExcludeProperty @('PSPath', 'PSParentPath', 'PSChildName', 'PSDrive', 'PSProvider')
}
Save-Answer -Name 'host\task.json' -Query {
    [ordered]@{
        task = (Get-TaskFact -Name 'casement-flannel')
        state = [string](Get-ScheduledTask -TaskName 'casement-flannel').State
    }
}
Save-Program -Name 'host\time.txt' -Program 'w32tm.exe' -ArgumentList @('/query', '/status')

Write-Log -Message 'gathering the network'
Save-Answer -Name 'network\adapters.json' -Query {
    Get-NetAdapter | Select-Object -Property @('Name', 'InterfaceDescription', 'InterfaceIndex', 'Status', 'LinkSpeed',
        'MacAddress')
}
Save-Answer -Name 'network\addresses.json' -Query {
    Get-NetIPAddress | Select-Object -Property @('IPAddress', 'PrefixLength', 'InterfaceAlias', 'InterfaceIndex', 'PrefixOrigin',
        'AddressState')
}
Save-Answer -Name 'network\interfaces.json' -Query {
    Get-NetIPInterface | Select-Object -Property @('InterfaceAlias', 'InterfaceIndex', 'AddressFamily', 'NlMtu', 'Dhcp',
        'InterfaceMetric', 'ConnectionState', 'Forwarding', 'WeakHostReceive', 'WeakHostSend')
}
Save-Answer -Name 'network\routes.json' -Query {
    Get-NetRoute | Select-Object -Property @('DestinationPrefix', 'NextHop', 'InterfaceAlias', 'InterfaceIndex', 'RouteMetric')
}
Save-Program -Name 'network\ipconfig.txt' -Program 'ipconfig.exe' -ArgumentList @('/all')
Save-Program -Name 'network\arp.txt' -Program 'arp.exe' -ArgumentList @('-a')
Save-Program -Name 'network\connections.txt' -Program 'netstat.exe' -ArgumentList @('-ano')
foreach ($protocol in @('tcp', 'udp')) {
    Save-Program -Name "network\excluded-ports-$protocol.txt" -Program 'netsh.exe' `
        -ArgumentList @('int', 'ipv4', 'show', 'excludedportrange', "protocol=$protocol")
    Save-Program -Name "network\dynamic-ports-$protocol.txt" -Program 'netsh.exe' `
        -ArgumentList @('int', 'ipv4', 'show', 'dynamicport', $protocol)
}
Save-Answer -Name 'network\firewall.json' -Query {
    foreach ($name in @('casement-kubelet', 'casement-vxlan', 'OpenSSH-Server-In-TCP')) {
        "${name}: $(Get-FirewallFact -Name $name)"
    }
}
Save-Program -Name 'network\firewall.txt' -Program 'netsh.exe' -ArgumentList @('advfirewall', 'firewall', 'show', 'rule', 'name=all')

Write-Log -Message 'gathering events'
# Restarts and who asked for them, low memory, start and end of the log, power loss, crashes, services that ended.
$ids = @(41, 1001, 1074, 1076, 2004, 6005, 6006, 6008, 7000, 7009, 7023, 7031, 7034) | ForEach-Object { "EventID=$_" }
Save-Event -Log 'System' -Query ('*[System[(' + ($ids -join ' or ') + ')]]') -Count 1000
Save-Event -Log 'Application' -Query '*[System[(EventID=1000 or EventID=1001 or EventID=1002 or EventID=1026)]]'
foreach ($log in @('Hyper-V-Compute-Admin', 'Hyper-V-Compute-Operational', 'Host-Network-Service-Admin',
        'Host-Network-Service-Operational', 'Hyper-V-VmSwitch-Operational')) {
    Save-Event -Log "Microsoft-Windows-$log"
}

Write-Log -Message 'gathering containers and host networks'
$crictl = @('--runtime-endpoint', $CriEndpoint, '--image-endpoint', $CriEndpoint, '--timeout', '30s')
foreach ($what in @('version', 'info', 'pods', 'images')) {
    Save-Program -Name "containers\$what.txt" -Program 'C:\k\crictl.exe' -ArgumentList ($crictl + $what)
}
Save-Program -Name 'containers\containers.txt' -Program 'C:\k\crictl.exe' -ArgumentList ($crictl + @('ps', '-a'))
$docker = 'C:\Program Files\docker\docker.exe'
foreach ($what in @('version', 'info', 'images')) {
    Save-Program -Name "containers\docker-$what.txt" -Program $docker -ArgumentList @($what)
}
Save-Program -Name 'containers\docker-containers.txt' -Program $docker -ArgumentList @('ps', '-a')
foreach ($what in @('networks', 'endpoints', 'policylists')) {
    Save-Answer -Name "hns\$what.json" -Query { Invoke-Hns -Method GET -Path "/$what/" }
}
Save-Program -Name 'hns\hcsdiag.txt' -Program 'hcsdiag.exe' -ArgumentList @('list')
Save-Program -Name 'hns\hnsdiag.txt' -Program 'hnsdiag.exe' -ArgumentList @('list', 'all', '-d')
