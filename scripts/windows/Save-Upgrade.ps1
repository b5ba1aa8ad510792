#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Lets the versions asked for wait beside the programs in place, and says so at the Node where one does.

.DESCRIPTION
The Node's annotation casement/upgrade tells the steps on the control plane that the node is to be taken out of service.

.PARAMETER NodeName
Name of the node in Kubernetes.

.PARAMETER Programs
One line for each program: NAME|URL|SHA-256|FOLDER|FILE,...

.PARAMETER Versions
The versions that these are, for people.

.PARAMETER HttpProxy
Proxy for http, as http://HOST:PORT; empty for none.

.PARAMETER HttpsProxy
Proxy for https, as http://HOST:PORT; empty for none.

.PARAMETER NoProxy
Hosts and ranges to reach directly, separated by commas.

.EXAMPLE
.\Save-Upgrade.ps1 -NodeName win1 -Programs 'kubelet|URL|HEX|C:\k|kubelet.exe' -Versions 'kubernetes=1.36.4'
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NodeName,
    [Parameter(Mandatory = $true)] [string[]] $Programs,
    [Parameter(Mandatory = $true)] [string] $Versions,
    [string] $HttpProxy = '',
    [string] $HttpsProxy = '',
    [string] $NoProxy = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

if (-not (Test-Member)) {
    Write-Log -Message 'no member of a cluster: programs go into place at once'
    return
}
Set-ProxyEnvironment -HttpProxy $HttpProxy -HttpsProxy $HttpsProxy -NoProxy $NoProxy
$waiting = @(foreach ($line in $Programs) {
        $program = ConvertFrom-ProgramLine -Line $line
        if (Test-Archive -Name $program.Name -Digest $program.Digest) { continue }
        Save-Archive @program
        $program.Name
    })
if (Get-Marker -Name 'exchange') { $waiting += 'unfinished' }
if ($waiting.Count -gt 0) {
    Write-Log -Message "waiting: $($waiting -join ' ')"
    $null = Invoke-NodeKubectl -ArgumentList @(
        'annotate', 'node', $NodeName, '--overwrite', "casement/upgrade=$($waiting -join ' ')"
    )
} else {
    Write-Log -Message "everything is in place: $Versions"
}
ConvertTo-PlainJson -InputObject ([ordered]@{ node = $NodeName; waiting = $waiting })
