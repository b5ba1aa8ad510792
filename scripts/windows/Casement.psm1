<#
.SYNOPSIS
What the scripts of this folder share; the functions are in the folder Casement, one file for each kind.

.DESCRIPTION
Data goes to standard output, progress to standard error. Every function looks before it changes, so that a script
may run again after it was cut off anywhere. Written for Windows PowerShell 5.1, which is part of Windows Server.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:Root = 'C:\k\casement'

. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Progress.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\State.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Records.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Native.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Files.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Versions.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Staging.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Exchange.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Registry.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Firewall.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Services.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Tasks.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Supervision.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Certificates.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Defender.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Runtimes.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Hns.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\NetworkRemoval.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\HostNetwork.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\KubeProxy.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\PodNetwork.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Ports.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\HostReport.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\NetworkReport.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\HostFindings.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\Membership.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Casement\FormerNode.ps1')

Export-ModuleMember -Function '*'
