<#
.SYNOPSIS
The container runtime of the node, containerd or Docker Engine. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Confirm-OnlyRuntime {
    <#
    .SYNOPSIS
    Ends the script when we have installed another container runtime here: pods of both would be in each other's way.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [ValidateSet('containerd', 'docker')] [string] $Name)
    foreach ($other in @('containerd', 'docker')) {
        if (($other -eq $Name) -or (-not (Get-Marker -Name "service-$other"))) { continue }
        Stop-Step -What "This host's container runtime is $other, not $Name." `
            -Cause 'runtime of the node was changed in the stack file while the node is a member of the cluster.' `
            -Next 'take the node out of the file and run pulumi up, then add it with its new runtime and run it again.'
    }
}

function Test-RuntimeRunning {
    <#
    .SYNOPSIS
    Whether the container runtime that we have installed here runs, whichever it is.
    #>
    [CmdletBinding()]
    param()
    $running = @('containerd', 'docker' | Where-Object { (Get-Marker -Name "service-$_") -and (Test-ServiceRunning -Name $_) })
    return $running.Count -gt 0
}

function Get-RunningDependent {
    <#
    .SYNOPSIS
    The services that run and would stop with the container runtime.
    #>
    [CmdletBinding()]
    param()
    return @(@('kubelet', 'kube-proxy') | Where-Object { Test-ServiceRunning -Name $_ })
}

function Start-Dependent {
    <#
    .SYNOPSIS
    Starts again what has stopped with the container runtime.
    #>
    [CmdletBinding()]
    param([AllowEmptyCollection()] [string[]] $Name = @(), [Parameter(Mandatory = $true)] [string] $LogFolder)
    foreach ($one in $Name) { Start-NodeService -Name $one -LogPath (Join-Path -Path $LogFolder -ChildPath "$one.log") }
}

function Test-RuntimeAnswer {
    <#
    .SYNOPSIS
    Whether the container runtime answers kubelet's way; throws with what crictl says when it does not.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $CriEndpoint)
    return (Invoke-Crictl -CriEndpoint $CriEndpoint -ArgumentList @('info')).ExitCode -eq 0
}

function Wait-Runtime {
    <#
    .SYNOPSIS
    Returns as soon as the container runtime answers kubelet's way.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $CriEndpoint)
    Wait-Condition -That "the container runtime answers on $CriEndpoint" -TimeoutSeconds 120 -Test {
        Test-RuntimeAnswer -CriEndpoint $CriEndpoint
    }
}
