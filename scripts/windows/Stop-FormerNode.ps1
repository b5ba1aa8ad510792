#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Ends the node that was built by hand on this host: its services, programs and containers; its networks in the background.

.DESCRIPTION
On the control plane it has been drained before. A host whose kubelet is ours is left alone. Removing a network gives the
adapter back and drops this connection, so a task of its own does it, some seconds later; Move-FormerNode.ps1 proves that
it is done.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER InterfaceName
Name of the network adapter that holds that address when no virtual switch is there.

.PARAMETER KeepDocker
Whether Docker goes on as the new node's container runtime; otherwise it is stopped and disabled, with its images.

.EXAMPLE
.\Stop-FormerNode.ps1 -ManagementIP 10.0.0.21 -InterfaceName Ethernet -KeepDocker $false
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [string] $InterfaceName,
    [Parameter(Mandatory = $true)] [bool] $KeepDocker
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

function Remove-FormerService {
    <#
    .SYNOPSIS
    Stops and unregisters the services, and ends the programs that run without one.
    #>
    [CmdletBinding()]
    param()
    foreach ($service in @(Get-FormerService)) {
        Stop-NodeService -Name $service.Name
        $null = Invoke-Native -FilePath 'sc.exe' -ArgumentList @('delete', $service.Name)
        Wait-Condition -That "service $($service.Name) is gone" -Test { -not (Get-Service -Name $service.Name -ErrorAction SilentlyContinue) }
        Write-Log -Message "removed service $($service.Name): $($service.PathName)"
    }
    foreach ($process in @(Get-FormerProcess)) {
        Stop-Process -Id $process.Id -Force
        Write-Log -Message "ended $($process.Path)"
    }
    Wait-Condition -That 'the programs of the former node have ended' -Test { @(Get-FormerProcess).Count -eq 0 }
}

function Remove-FormerContainer {
    <#
    .SYNOPSIS
    Removes the containers of the former kubelet's pods from Docker; others are left alone.
    #>
    [CmdletBinding()]
    param()
    if ((-not (Test-ServiceRunning -Name 'docker')) -or (-not (Get-Command -Name 'docker.exe' -ErrorAction SilentlyContinue))) { return }
    $listed = Invoke-Native -FilePath 'docker.exe' -ArgumentList @('ps', '-aq', '--filter', 'label=io.kubernetes.pod.name')
    foreach ($container in @($listed.Output | Where-Object { $_ })) {
        $null = Invoke-Native -FilePath 'docker.exe' -ArgumentList @('rm', '-f', $container)
        Write-Log -Message "removed container $container of a pod from Docker"
    }
}

function Disable-FormerDocker {
    <#
    .SYNOPSIS
    Stops Docker and keeps it from starting; its program and its images stay.
    #>
    [CmdletBinding()]
    param()
    $docker = Get-NodeService -Name 'docker'
    if ((-not $docker) -or (Get-Marker -Name 'service-docker') -or ($docker.StartMode -eq 'Disabled')) { return }
    Stop-NodeService -Name 'docker'
    Set-Service -Name 'docker' -StartupType Disabled
    Write-Log -Message 'stopped and disabled Docker; its images are kept'
}

if (Test-CurrentNode) {
    Write-Log -Message 'the kubelet of this host is ours already: nothing is ended'
    ConvertTo-PlainJson -InputObject ([ordered]@{ networks = @() })
    return
}
Save-HostNetwork -ManagementIP $ManagementIP -InterfaceName $InterfaceName
Remove-FormerService
Remove-FormerContainer
if (-not $KeepDocker) {
    Disable-FormerDocker
} elseif (Get-NodeService -Name 'docker') {
    # From now on it is the node's container runtime, and goes with it.
    Set-Marker -Name 'service-docker' -Value @{ name = 'docker' }
}
$networks = @(Get-FormerNetwork | ForEach-Object { $_.Name })
if ($networks.Count -gt 0) { Start-NetworkRemoval -NetworkName $networks -FilePath 'C:\k\casement\windows\Remove-PodNetwork.ps1' }
ConvertTo-PlainJson -InputObject ([ordered]@{ networks = $networks })
