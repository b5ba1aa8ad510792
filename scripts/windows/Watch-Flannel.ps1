#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Runs flanneld as long as Windows runs, and keeps what depends on its network in step; run as a scheduled task.

.DESCRIPTION
flanneld ends whenever it makes its network and the adapter takes too long to return, so it is started again, with
growing pauses. The HNS network does not survive a restart of Windows. Whenever it is a new one, the host gets back what
the vSwitch has taken, and kube-proxy starts anew with the right source address. The same after a crash of the Host
Network Service, which loses all load balancers.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER ManagementIP
IPv4 address other nodes reach this host by.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER LogFolder
Folder the log files are in.

.EXAMPLE
.\Watch-Flannel.ps1 -NodeName win1 -ManagementIP 10.0.0.21 -NetworkName vxlan0 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string] $ManagementIP,
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $LogFolder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$kubeconfig = 'C:\etc\kubernetes\kubelet.conf'
$state = @{}

function Start-Flanneld {
    <#
    .SYNOPSIS
    Starts flanneld through kube-log-runner, which turns its log over; returns the process.
    #>
    [CmdletBinding()]
    param()
    $log = Join-Path -Path $LogFolder -ChildPath 'flanneld.log'
    $commandLine = "C:\k\flanneld.exe --kubeconfig-file=$kubeconfig --ip-masq --kube-subnet-mgr --iptables-forward-rules=false" +
        " --iface=$ManagementIP --net-config-path=C:\etc\kube-flannel\net-conf.json"
    # flanneld looks its Node up by this name; kubelet and kube-proxy are given the same one.
    $env:NODE_NAME = $NodeName
    return Start-Logged -CommandLine $commandLine -LogPath $log
}

Set-StepLog -Path 'C:\k\casement\log\Watch-Flannel.log'
# The SSH session that has started this task is to end before the adapter goes.
Start-Sleep -Seconds 5
Stop-Program -Name 'flanneld'
$pause = 2
while ($true) {
    try {
        Wait-Condition -That 'the Host Network Service runs' -Test { Test-ServiceRunning -Name 'hns' } -TimeoutSeconds 300
        Wait-Condition -That 'kubelet has joined the cluster' -Test { Test-Path -LiteralPath $kubeconfig } -TimeoutSeconds 300
        Clear-StalePolicy -NetworkName $NetworkName
        $began = [datetime]::UtcNow
        $process = Start-Flanneld
        while (-not $process.HasExited) {
            Start-Sleep -Seconds 5
            try {
                # The one log here that nothing else turns over; kube-log-runner does it for the others.
                Limit-OpenLog -Path (Join-Path -Path $LogFolder -ChildPath 'containerd.log')
                Sync-PodNetwork -NetworkName $NetworkName -LogFolder $LogFolder -State $state
            } catch {
                Write-Log -Message "not in step yet: $($_.Exception.Message)"
            }
        }
        if (([datetime]::UtcNow - $began).TotalSeconds -gt 300) { $pause = 2 }
        Write-Log -Message "flanneld ended with exit code $($process.ExitCode); it is started again in $pause s"
    } catch {
        Write-Log -Message "flanneld does not run: $($_.Exception.Message)"
    }
    Start-Sleep -Seconds $pause
    $pause = [Math]::Min($pause * 2, 60)
}
