<#
.SYNOPSIS
Rules of the Windows firewall. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Set-FirewallRule {
    <#
    .SYNOPSIS
    Lets these addresses, and no others, reach one port of this host; nothing is on record of what is Temporary.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [string] $Protocol,
        [Parameter(Mandatory = $true)] [int] $Port,
        [Parameter(Mandatory = $true)] [string[]] $From,
        [switch] $Temporary
    )
    $arguments = @{
        Name = $Name; Protocol = $Protocol; LocalPort = $Port; RemoteAddress = $From
        Direction = 'Inbound'; Action = 'Allow'; Enabled = 'True'; Profile = 'Any'
    }
    # Set as a whole each time: Windows keeps ranges in another notation than it was given, so they do not compare.
    if (Get-NetFirewallRule -Name $Name -ErrorAction SilentlyContinue) {
        Set-NetFirewallRule @arguments
    } else {
        $null = New-NetFirewallRule @arguments -DisplayName $Name
        Write-Log -Message "opened $Protocol $Port to $($From -join ', ')"
    }
    if (-not $Temporary) { Add-Fact -Kind firewall -Name $Name }
    if ([string](Get-NetFirewallRule -Name $Name).Enabled -ne 'True') { throw "Firewall rule $Name is not in force." }
}

function Get-FirewallFact {
    <#
    .SYNOPSIS
    The rule as one line, in the notation of Windows, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $rule = Get-NetFirewallRule -Name $Name -ErrorAction SilentlyContinue
    if (-not $rule) { return }
    $port = Get-NetFirewallPortFilter -AssociatedNetFirewallRule $rule
    $address = Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $rule
    $state = @{ True = 'enabled'; False = 'disabled' }[[string]$rule.Enabled]
    return "$state $($rule.Direction) $($rule.Action) $($rule.Profile) $($port.Protocol) $(@($port.LocalPort) -join ',')" +
        " from $(@($address.RemoteAddress) -join ',')"
}
