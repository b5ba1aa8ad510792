<#
.SYNOPSIS
Windows firewall. Part of the module Stubs.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-NetFirewallRule {
    <#
    .SYNOPSIS
    Stub of Get-NetFirewallRule.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    Select-StubRow -Table 'firewall' -Having @{ Name = $Name }
}

function New-NetFirewallRule {
    <#
    .SYNOPSIS
    Stub of New-NetFirewallRule.
    #>
    [CmdletBinding()]
    param(
        [string] $Name, [string] $DisplayName, [string] $Direction = 'Inbound', [string] $Action = 'Allow', [string] $Enabled = 'True',
        [string] $Profile = 'Any', [string] $Protocol = 'Any', [string[]] $LocalPort = @('Any'), [string[]] $RemoteAddress = @('Any'),
        [string] $Description = '', [string] $Group = ''
    )
    if (@(Get-StubRow -Table 'firewall' -Value $Name).Count -gt 0) {
        Write-Error -Message 'Cannot create a file when that file already exists.' -Category ResourceExists
        return
    }
    $row = [pscustomobject]@{
        Name = $Name; DisplayName = $DisplayName; Direction = $Direction; Action = $Action; Enabled = $Enabled; Profile = $Profile
        Protocol = $Protocol; LocalPort = @($LocalPort); RemoteAddress = @($RemoteAddress); Description = $Description; Group = $Group
    }
    Set-StubRow -Table 'firewall' -Row $row
    return $row
}

function Set-NetFirewallRule {
    <#
    .SYNOPSIS
    Stub of Set-NetFirewallRule.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name, [string] $Direction, [string] $Action, [string] $Enabled, [string] $Profile,
        [string] $Protocol, [string[]] $LocalPort, [string[]] $RemoteAddress, [string] $Description, [string] $Group
    )
    $row = Get-NetFirewallRule -Name $Name
    if (-not $row) { return }
    foreach ($key in @($PSBoundParameters.Keys)) {
        if ($row.PSObject.Properties[$key]) { $row.$key = $PSBoundParameters[$key] }
    }
    Set-StubRow -Table 'firewall' -Row $row
}

function Remove-NetFirewallRule {
    <#
    .SYNOPSIS
    Stub of Remove-NetFirewallRule.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    if (Get-NetFirewallRule -Name $Name) { Remove-StubRow -Table 'firewall' -Name $Name }
}

function Get-NetFirewallPortFilter {
    <#
    .SYNOPSIS
    Stub of Get-NetFirewallPortFilter.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $AssociatedNetFirewallRule)
    $row = Get-NetFirewallRule -Name $AssociatedNetFirewallRule.Name
    return [pscustomobject]@{ Protocol = $row.Protocol; LocalPort = @($row.LocalPort) }
}

function Get-NetFirewallAddressFilter {
    <#
    .SYNOPSIS
    Stub of Get-NetFirewallAddressFilter.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [object] $AssociatedNetFirewallRule)
    $row = Get-NetFirewallRule -Name $AssociatedNetFirewallRule.Name
    return [pscustomobject]@{ RemoteAddress = @($row.RemoteAddress) }
}
