<#
.SYNOPSIS
Whether this host is a member of the cluster, and asking the cluster as one. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:Kubeconfig = 'C:\etc\kubernetes\kubelet.conf'
# What the cluster says to a node that it does not know, or not any more, and kubectl where the credential is gone.
$script:Refusal = 'x509|certificate|Unauthorized|NotFound|Forbidden|no such file|cannot find the file'

function Get-Membership {
    <#
    .SYNOPSIS
    "member", "stale" (of a cluster or a Node that is no more) or "none".
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $NodeName, [Parameter(Mandatory = $true)] [string] $ApiEndpoint)
    if (-not (Test-Path -LiteralPath $script:Kubeconfig)) { return 'none' }
    $server = ''
    if ([System.IO.File]::ReadAllText($script:Kubeconfig) -match '(?m)^\s*server:\s*(\S+)') { $server = $Matches[1] }
    if ($server -ne "https://$ApiEndpoint") {
        if (Get-Marker -Name 'joined') { return 'stale' }
        Stop-Step -What "This host has joined the cluster at $server, not the one at https://$ApiEndpoint." `
            -Cause 'it is a node of another cluster.' -Next 'take it out of that cluster (kubeadm reset), or name another host.'
    }
    $arguments = @('--kubeconfig', $script:Kubeconfig, '--request-timeout=20s', 'get', 'node', $NodeName, '-o', 'name')
    $answer = @{ code = 1; text = '' }
    try {
        # An API server that is started again does not answer for some seconds.
        Wait-Condition -That "the API server at https://$ApiEndpoint answers" -TimeoutSeconds 60 -Test {
            $reply = Invoke-Native -FilePath 'C:\k\kubectl.exe' -ArgumentList $arguments -AnyCode
            $answer['code'] = $reply.ExitCode
            $answer['text'] = $reply.ErrorText -join ' '
            ($reply.ExitCode -eq 0) -or ($answer['text'] -match $script:Refusal)
        }
    } catch {
        Stop-Step -What "The API server at https://$ApiEndpoint does not answer: $($answer['text'])." `
            -Cause 'a firewall, a wrong controlPlane.endpoint, or a control plane that is down.' `
            -Next "try curl.exe -k https://$ApiEndpoint/livez on this host."
    }
    if ($answer['code'] -eq 0) { return 'member' }
    Write-Log -Message "the former membership is of no use any more: $($answer['text'])"
    return 'stale'
}

function Invoke-NodeKubectl {
    <#
    .SYNOPSIS
    Asks the cluster with the node's own credential; returns what Invoke-Native does.
    .DESCRIPTION
    Asks again for a minute: a network of this host that was made just now, or an API server that is started again, makes
    one question fail and not the next. So only for what may be asked twice.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $ArgumentList)
    $arguments = @('--kubeconfig', $script:Kubeconfig, '--request-timeout=20s') + $ArgumentList
    $answer = @{}
    Wait-Condition -That "the cluster answers kubectl $($ArgumentList -join ' ')" -TimeoutSeconds 60 -Test {
        $answer['reply'] = Invoke-Native -FilePath 'C:\k\kubectl.exe' -ArgumentList $arguments
        $true
    }
    return $answer['reply']
}
