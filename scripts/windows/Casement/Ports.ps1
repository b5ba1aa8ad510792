<#
.SYNOPSIS
The range that Windows takes its own ports from. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-DynamicPortRange {
    <#
    .SYNOPSIS
    First port and number of ports that Windows gives to connections to the outside.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [ValidateSet('tcp', 'udp')] [string] $Protocol)
    $arguments = @('interface', 'ipv4', 'show', 'dynamicportrange', "protocol=$Protocol")
    # The words are those of the host's language; the two numbers are in this order in any.
    $numbers = @((Invoke-Native -FilePath 'netsh.exe' -ArgumentList $arguments).Output |
            Where-Object { $_ -match ':\s*(\d+)\s*$' } | ForEach-Object { [int]($_ -replace '^.*:\s*(\d+)\s*$', '$1') })
    if ($numbers.Count -ne 2) { throw "netsh.exe tells no dynamic port range for $Protocol." }
    return [pscustomobject]@{ Start = $numbers[0]; Count = $numbers[1] }
}

function Set-DynamicPortRange {
    <#
    .SYNOPSIS
    Makes Windows take its own ports from this range, also after a restart; returns whether that was a change.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [ValidateSet('tcp', 'udp')] [string] $Protocol,
        [Parameter(Mandatory = $true)] [int] $Start,
        [Parameter(Mandatory = $true)] [int] $Count
    )
    $now = Get-DynamicPortRange -Protocol $Protocol
    if (($now.Start -eq $Start) -and ($now.Count -eq $Count)) { return $false }
    $arguments = @('interface', 'ipv4', 'set', 'dynamicportrange', "protocol=$Protocol", "startport=$Start", "numberofports=$Count")
    $null = Invoke-Native -FilePath 'netsh.exe' -ArgumentList $arguments
    $now = Get-DynamicPortRange -Protocol $Protocol
    if (($now.Start -ne $Start) -or ($now.Count -ne $Count)) {
        throw "The dynamic port range of $Protocol is $($now.Start) and $($now.Count) ports, not $Start and $Count."
    }
    Write-Log -Message "Windows takes its own $Protocol ports from $Start on ($Count of them)"
    return $true
}

function Get-PortRangeFact {
    <#
    .SYNOPSIS
    The range of a protocol as "START COUNT".
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $range = Get-DynamicPortRange -Protocol $Name
    return "$($range.Start) $($range.Count)"
}
