<#
.SYNOPSIS
Removing HNS networks in the background, since the host drops off the network with them. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:RemovalTask = 'casement-flannel-removal'

function Start-NetworkRemoval {
    <#
    .SYNOPSIS
    Has the networks removed by a task that runs without this connection; one that is under way is left to itself.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $NetworkName, [Parameter(Mandatory = $true)] [string] $FilePath)
    $present = Get-ScheduledTask -TaskName $script:RemovalTask -ErrorAction SilentlyContinue
    if ($present -and ([string]$present.State -eq 'Running')) { return }
    Start-OneTimeTask -Name $script:RemovalTask -Script "$FilePath -NetworkName $($NetworkName -join ',')"
    Write-Log -Message "HNS network $($NetworkName -join ', ') is removed now; this host drops off the network for some seconds"
}

function Wait-NetworkRemoval {
    <#
    .SYNOPSIS
    Returns when the networks are gone, starting the task again as often as it ends without that; then removes the task.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $NetworkName)
    if (($NetworkName.Count -gt 0) -and (Test-ServiceRunning -Name 'hns')) {
        Wait-Condition -That "HNS network $($NetworkName -join ', ') is gone" -TimeoutSeconds 180 -IntervalSeconds 3 -Test {
            if (@(Get-HnsNetwork | Where-Object { $NetworkName -contains $_.Name }).Count -eq 0) { return $true }
            $task = Get-ScheduledTask -TaskName $script:RemovalTask -ErrorAction SilentlyContinue
            if ($task -and ([string]$task.State -eq 'Ready')) { Start-ScheduledTask -TaskName $script:RemovalTask }
            return $false
        }
    }
    Remove-NodeTask -Name $script:RemovalTask
}
