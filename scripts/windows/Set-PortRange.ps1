#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Gives Windows a large range for its own TCP ports, clear of the node ports of services.

.DESCRIPTION
Connections of pods and load balancers of HNS take their ports from the dynamic range; the one Windows is born with runs
out. The range that was there is kept as marker port-range.

.PARAMETER StartPort
First port of the range.

.PARAMETER PortCount
How many ports it has.

.EXAMPLE
.\Set-PortRange.ps1 -StartPort 34000 -PortCount 31536
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [int] $StartPort,
    [Parameter(Mandatory = $true)] [int] $PortCount
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

if (-not (Get-Marker -Name 'port-range')) {
    $found = Get-DynamicPortRange -Protocol tcp
    Set-Marker -Name 'port-range' -Value @{ start = $found.Start; count = $found.Count }
}
Add-Fact -Kind port-range -Name tcp
$changed = Set-DynamicPortRange -Protocol tcp -Start $StartPort -Count $PortCount
ConvertTo-PlainJson -InputObject ([ordered]@{ startPort = $StartPort; portCount = $PortCount; changed = $changed })
