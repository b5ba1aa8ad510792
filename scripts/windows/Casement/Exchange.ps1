<#
.SYNOPSIS
Taking a node from one set of programs to another and back, and what the cluster says of it. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:KubeletFolder = 'C:\var\lib\kubelet'
$script:KeptConfiguration = 'C:\k\versions\kubelet-configuration'
# What kubeadm writes for kubelet.
$script:KubeletFiles = @('config.yaml', 'kubeadm-flags.env', 'instance-config.yaml')

function Save-Exchange {
    <#
    .SYNOPSIS
    Notes which version of each program is in place, and keeps kubelet's configuration, for the way back; returns the note.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Name)
    Remove-Present -Path $script:KeptConfiguration
    $null = New-Item -ItemType Directory -Force -Path $script:KeptConfiguration
    foreach ($file in $script:KubeletFiles) {
        $path = Join-Path -Path $script:KubeletFolder -ChildPath $file
        if (Test-Path -LiteralPath $path) {
            $null = Save-TextFile -Path "$script:KeptConfiguration\$file" -Text ([System.IO.File]::ReadAllText($path))
        }
    }
    $before = @(foreach ($one in $Name) {
            $active = Get-Marker -Name "archive-$one"
            if ($active) { @{ name = $one; digest = $active.digest } }
        })
    Set-Marker -Name 'exchange' -Value @{ programs = $before }
    return Get-Marker -Name 'exchange'
}

function Restore-Exchange {
    <#
    .SYNOPSIS
    Puts back what Save-Exchange noted and kept.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $Exchange)
    foreach ($program in @($Exchange.programs)) { Enable-Archive -Name $program.name -Digest $program.digest }
    foreach ($file in $script:KubeletFiles) {
        $kept = "$script:KeptConfiguration\$file"
        $path = Join-Path -Path $script:KubeletFolder -ChildPath $file
        if (Test-Path -LiteralPath $kept) {
            $null = Save-TextFile -Path $path -Text ([System.IO.File]::ReadAllText($kept))
        } else {
            Remove-Present -Path $path
        }
    }
}

function Remove-Exchange {
    <#
    .SYNOPSIS
    Forgets the note: the exchange has come to its end, or has been taken back.
    #>
    [CmdletBinding()]
    param()
    Remove-Present -Path $script:KeptConfiguration
    Remove-Empty -Path 'C:\k\versions'
    Remove-Marker -Name 'exchange'
}

function Wait-NodeReady {
    <#
    .SYNOPSIS
    Returns as soon as the node is Ready by what kubelet of the version on disk has said at a time (UTC, as
    2026-01-02T03:04:05Z) or later: one that has nothing new to say says so once at its start, then for five minutes not.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NodeName, [Parameter(Mandatory = $true)] [string] $Since)
    $version = ((Invoke-Native -FilePath 'C:\k\kubelet.exe' -ArgumentList @('--version')).Output -join '') -replace '^.* ', ''
    $path = 'jsonpath={.status.nodeInfo.kubeletVersion};{range .status.conditions[*]}{.type}|{.status}|{.lastHeartbeatTime};{end}'
    Wait-Condition -That "node $NodeName is Ready again with kubelet $version" -TimeoutSeconds 300 -IntervalSeconds 1 -Test {
        $said = (Invoke-NodeKubectl -ArgumentList @('get', 'node', $NodeName, '-o', $path)).Output -join ''
        $running, $conditions = $said -split ';'
        $type, $status, $time = @($conditions | Where-Object { $_.StartsWith('Ready|') })[0] -split '\|'
        ($running -eq $version) -and ($status -eq 'True') -and ($time -ge $Since)
    }
}

function Get-PodToEvict {
    <#
    .SYNOPSIS
    NAMESPACE/NAME of each pod on the node that a drain would send away: not ended, and of no DaemonSet.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NodeName)
    $path = 'jsonpath={range .items[*]}{.status.phase}|{.metadata.ownerReferences[0].kind}|{.metadata.namespace}/{.metadata.name};{end}'
    $arguments = @('get', 'pods', '--all-namespaces', '--field-selector', "spec.nodeName=$NodeName", '-o', $path)
    foreach ($pod in @(((Invoke-NodeKubectl -ArgumentList $arguments).Output -join '') -split ';' | Where-Object { $_ })) {
        $phase, $owner, $name = $pod -split '\|'
        if ((@('Succeeded', 'Failed') -notcontains $phase) -and (@('DaemonSet', 'Node') -notcontains $owner)) { $name }
    }
}
