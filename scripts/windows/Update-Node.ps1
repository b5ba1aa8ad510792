#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Exchanges the programs of a drained node for the versions asked for, and sees it Ready with them.

.DESCRIPTION
If the node does not come back, it gets its former programs and kubelet's former configuration again, and this ends with
an error. A program that is of the right version but damaged is put right at once, under the pods that run.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER Programs
One line for each program: NAME|URL|SHA-256|FOLDER|FILE,...

.PARAMETER Versions
The versions that these are, for people.

.PARAMETER KubernetesVersion
Version of Kubernetes, as 1.36.4.

.PARAMETER Configuration
kubeadm UpgradeConfiguration as YAML.

.PARAMETER Runtime
Service of the container runtime: containerd or docker.

.PARAMETER CriEndpoint
Where kubelet reaches the container runtime, for example npipe:////./pipe/containerd-containerd.

.PARAMETER NetworkName
Name of the HNS network and of the CNI network.

.PARAMETER LogFolder
Folder the log files are in.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Update-Node.ps1 -NodeName win1 -Programs 'kubelet|URL|HEX|C:\k|kubelet.exe' -Versions 'kubernetes=1.36.4' -KubernetesVersion 1.36.4 -Configuration YAML -Runtime containerd -CriEndpoint npipe:////./pipe/containerd-containerd -NetworkName vxlan0 -LogFolder C:\k
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string[]] $Programs,
    [Parameter(Mandatory = $true)] [string] $Versions,
    [Parameter(Mandatory = $true)] [string] $KubernetesVersion,
    [Parameter(Mandatory = $true)] [string] $Configuration,
    [Parameter(Mandatory = $true)] [string] $Runtime,
    [Parameter(Mandatory = $true)] [string] $CriEndpoint,
    [Parameter(Mandatory = $true)] [string] $NetworkName,
    [Parameter(Mandatory = $true)] [string] $LogFolder,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$kubeletLog = Join-Path -Path $LogFolder -ChildPath 'kubelet.log'

function Stop-Node {
    <#
    .SYNOPSIS
    Stops the services whose programs are exchanged; what supervisors run is ended when its program has changed.
    #>
    [CmdletBinding()]
    param()
    foreach ($name in @('kube-proxy', 'kubelet', $Runtime)) { Stop-NodeService -Name $name }
}

function Start-Node {
    <#
    .SYNOPSIS
    Starts everything again and waits until the node is Ready by what its new kubelet says.
    #>
    [CmdletBinding()]
    param()
    Start-NodeService -Name $Runtime -LogPath (Join-Path -Path $LogFolder -ChildPath "$Runtime.log")
    # Supervisors start these again.
    foreach ($name in @('cri-dockerd', 'flanneld')) { Stop-Program -Name $name }
    Wait-Runtime -CriEndpoint $CriEndpoint
    # After a crash the service manager may have started it again by itself, from the program that was there then.
    Stop-NodeService -Name 'kubelet'
    # The API tells whole seconds: the last word of the former kubelet must be of an earlier one.
    Start-Sleep -Seconds 1
    $since = [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    Start-NodeService -Name 'kubelet' -LogPath $kubeletLog
    Wait-NodeReady -NodeName $NodeName -Since $since
    Wait-Condition -That 'flanneld runs again' -Test { @(Get-Process -Name 'flanneld' -ErrorAction SilentlyContinue).Count -gt 0 }
    $network = Get-PodNetwork -NetworkName $NetworkName
    if (-not $network) { throw "HNS network $NetworkName is not there any more." }
    $null = Update-KubeProxy -NetworkName $NetworkName -Subnet $network.Prefix -LogFolder $LogFolder -Restart
}

function Update-Kubeadm {
    <#
    .SYNOPSIS
    Lets the new kubeadm write kubelet's configuration, with our patches over the cluster's.
    #>
    [CmdletBinding()]
    param()
    $document = 'C:\k\upgrade.yaml'
    [System.IO.File]::WriteAllText($document, $Configuration)
    # kubeadm looks for kubelet on the PATH, and writes on the drive that it is started from.
    if (@($env:Path -split ';') -notcontains 'C:\k') { $env:Path = "C:\k;$env:Path" }
    Push-Location -Path 'C:\'
    try {
        $null = Invoke-Native -FilePath 'C:\k\kubeadm.exe' -ArgumentList @('upgrade', 'node', '--config', $document) -Show
    } finally {
        Pop-Location
        Remove-Present -Path $document
    }
}

function Confirm-Drained {
    <#
    .SYNOPSIS
    Ends the script unless the node takes no pods and runs none but those of DaemonSets.
    #>
    [CmdletBinding()]
    param()
    $left = @(Get-PodToEvict -NodeName $NodeName)
    $cordoned = Invoke-NodeKubectl -ArgumentList @('get', 'node', $NodeName, '-o', 'jsonpath={.spec.unschedulable}')
    if (($left.Count -eq 0) -and (($cordoned.Output -join '') -eq 'true')) { return }
    Stop-Step -What "$NodeName is in service: its programs are not exchanged under pods ($($left -join ' '))." `
        -Cause 'it was uncordoned after it had been drained.' `
        -Next "on the control plane: kubectl drain $NodeName --ignore-daemonsets --delete-emptydir-data; then run pulumi up again, which takes it back into service at the end."
}

Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
if (-not (Test-Member)) {
    Write-Log -Message 'no member of a cluster: programs went into place at once'
    return
}
$all = @(foreach ($line in $Programs) { ConvertFrom-ProgramLine -Line $line })
$waiting = @($all | Where-Object { -not (Test-Archive -Name $_.Name -Digest $_.Digest) })
$damaged = @($waiting | Where-Object { -not (Test-OtherVersion -Name $_.Name -Digest $_.Digest) })
$exchange = Get-Marker -Name 'exchange'
if (($waiting.Count -eq $damaged.Count) -and (-not $exchange)) {
    foreach ($program in $damaged) { $null = Install-Archive @program }
    if ($damaged.Count -gt 0) {
        Stop-Node
        Start-Node
    }
    Write-Log -Message "everything is in place: $Versions"
    return
}

Confirm-Drained
if (-not $exchange) { $exchange = Save-Exchange -Name @($all | ForEach-Object { $_.Name }) }
try {
    foreach ($program in $all) {
        if (-not (Test-Archive -Name $program.Name -Digest $program.Digest)) { Save-Archive @program }
    }
    $kubeadm = $all | Where-Object { $_.Name -eq 'kubeadm' }
    Enable-Archive -Name $kubeadm.Name -Digest $kubeadm.Digest
    Update-Kubeadm
    Stop-Node
    foreach ($program in $all) { Enable-Archive -Name $program.Name -Digest $program.Digest }
    Start-Node
} catch {
    $reason = $_.Exception.Message
    Write-Log -Message "$NodeName does not come back with Kubernetes ${KubernetesVersion}: $reason"
    Write-Log -Message 'going back to the former programs'
    try {
        Stop-Node
        Restore-Exchange -Exchange $exchange
        Start-Node
    } catch {
        Stop-Step -What "$NodeName came back neither with the new programs nor with the former ones, which are in place now: $($_.Exception.Message)" `
            -Cause $reason -Next "read $kubeletLog on this host, put it right, and run pulumi up again."
    }
    Remove-Exchange
    Stop-Step -What "$NodeName did not come back with Kubernetes $KubernetesVersion, and runs its former programs again; it stays cordoned." `
        -Cause $reason `
        -Next "put that right on this host and run pulumi up again; to use it as it is meanwhile: kubectl uncordon $NodeName."
}
Remove-Exchange
ConvertTo-PlainJson -InputObject ([ordered]@{ node = $NodeName; versions = $Versions; exchanged = @($waiting | ForEach-Object { $_.Name }) })
