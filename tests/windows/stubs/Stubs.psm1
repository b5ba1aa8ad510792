<#
.SYNOPSIS
Stubs of the Windows cmdlets that the scripts call, so that a script runs without Windows; see stub_host.py beside.

.DESCRIPTION
All state is one JSON file, C:\stub\state.json: a table for each kind of thing, a row for each thing, found by its Name.
What these functions share with Windows: names, parameters, the properties that scripts read, and the errors for what
is not there. A function wins over a cmdlet of the same name; those that real PowerShell has on every system too pass on
whatever is none of the registry's. Runs in PowerShell 5.1, 7 and the interpreter of the lab.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

. (Join-Path -Path $PSScriptRoot -ChildPath 'Tables.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Registry.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Services.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Processes.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Management.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Network.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Firewall.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'Tasks.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'FirstBoot.ps1')

Export-ModuleMember -Function '*'
