#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Lets Windows compute all checksums of the node's adapter itself, for virtual adapters that compute those of VXLAN wrongly.

.DESCRIPTION
The adapter restarts at that, and with it this connection may be cut; the step is then run again and finds it done. What
was turned off is kept as marker checksum-offload.

.PARAMETER InterfaceName
Name of the network adapter that holds the management address.

.EXAMPLE
.\Disable-ChecksumOffload.ps1 -InterfaceName Ethernet
#>
[CmdletBinding()]
param([Parameter(Mandatory = $true)] [string] $InterfaceName)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

Add-Fact -Kind checksum-offload -Name $InterfaceName
$changed = (Get-ChecksumOffloadFact -Name $InterfaceName) -ne 'off'
if ($changed) {
    Set-Marker -Name 'checksum-offload' -Value @{ interfaceName = $InterfaceName }
    Write-Log -Message "turning checksum offload of $InterfaceName off; the adapter restarts"
    Disable-NetAdapterChecksumOffload -Name $InterfaceName
}
if ((Get-ChecksumOffloadFact -Name $InterfaceName) -ne 'off') { throw "Checksum offload of $InterfaceName stays on." }
ConvertTo-PlainJson -InputObject ([ordered]@{ interface = $InterfaceName; changed = $changed })
