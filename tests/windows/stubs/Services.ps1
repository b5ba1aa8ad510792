<#
.SYNOPSIS
Windows services. Part of the module Stubs.
.DESCRIPTION
A row of table "services": Name, PathName, State, StartMode, DependsOn (names), Starts (how often it was started).
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Find-StubService {
    <#
    .SYNOPSIS
    The row of a service; an error, in the words of Get-Service, where there is none.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $row = @(Get-StubRow -Table 'services' -Value $Name)
    if ($row.Count -eq 0) {
        Write-Error -Message "Cannot find any service with service name '$Name'." -Category ObjectNotFound -ErrorId 'NoServiceFoundForGivenName'
        return
    }
    return $row[0]
}

function Get-Service {
    <#
    .SYNOPSIS
    Stub of Get-Service.
    #>
    [CmdletBinding()]
    param([string[]] $Name = @())
    $rows = @(Get-StubRow -Table 'services')
    if ($Name.Count -gt 0) { $rows = @(foreach ($one in $Name) { Find-StubService -Name $one }) }
    foreach ($row in @($rows | Where-Object { $_ })) {
        $starts = $row.StartMode -replace '^Auto$', 'Automatic'
        [pscustomobject]@{ Name = $row.Name; ServiceName = $row.Name; DisplayName = $row.DisplayName; Status = $row.State; StartType = $starts }
    }
}

function New-Service {
    <#
    .SYNOPSIS
    Stub of New-Service.
    #>
    [CmdletBinding()]
    param(
        [string] $Name, [string] $BinaryPathName, [string] $DisplayName = '', [string] $Description = '',
        [string] $StartupType = 'Automatic', [string[]] $DependsOn = @()
    )
    if (@(Get-StubRow -Table 'services' -Value $Name).Count -gt 0) {
        Write-Error -Message "Service '$Name ($Name)' cannot be created: The specified service already exists" -Category ResourceExists
        return
    }
    Set-StubRow -Table 'services' -Row ([pscustomobject]@{
            Name = $Name; DisplayName = $DisplayName; Description = $Description; PathName = $BinaryPathName; State = 'Stopped'
            StartMode = ($StartupType -replace '^Automatic$', 'Auto'); DependsOn = @($DependsOn); Starts = 0; Recovery = ''
        })
    return Get-Service -Name $Name
}

function Start-Service {
    <#
    .SYNOPSIS
    Stub of Start-Service: what the service depends on is started first.
    #>
    [CmdletBinding()]
    param([string[]] $Name)
    foreach ($one in $Name) {
        $row = Find-StubService -Name $one
        if ((-not $row) -or ($row.State -eq 'Running')) { continue }
        foreach ($needed in @($row.DependsOn | Where-Object { $_ })) { Start-Service -Name $needed }
        if ($one -eq 'sshd') { Initialize-StubSshd }
        $row.State = 'Running'
        $row.Starts = $row.Starts + 1
        Set-StubRow -Table 'services' -Row $row
    }
}

function Stop-Service {
    <#
    .SYNOPSIS
    Stub of Stop-Service: with Force those that depend on it are stopped first, without it they are an error.
    #>
    [CmdletBinding()]
    param([string[]] $Name, [switch] $Force)
    foreach ($one in $Name) {
        $row = Find-StubService -Name $one
        if (-not $row) { continue }
        $dependents = @(Get-StubRow -Table 'services' | Where-Object { (@($_.DependsOn) -contains $one) -and ($_.State -eq 'Running') })
        if (($dependents.Count -gt 0) -and (-not $Force)) {
            Write-Error -Message "Cannot stop service '$one ($one)' because it has dependent services." -Category InvalidOperation
            continue
        }
        foreach ($dependent in $dependents) { Stop-Service -Name $dependent.Name -Force }
        $row.State = 'Stopped'
        Set-StubRow -Table 'services' -Row $row
    }
}

function Restart-Service {
    <#
    .SYNOPSIS
    Stub of Restart-Service.
    #>
    [CmdletBinding()]
    param([string[]] $Name, [switch] $Force)
    Stop-Service -Name $Name -Force:$Force
    Start-Service -Name $Name
}

function Set-Service {
    <#
    .SYNOPSIS
    Stub of Set-Service.
    #>
    [CmdletBinding()]
    param([string] $Name, [string] $StartupType = '', [string] $Description = '', [string] $DisplayName = '')
    $row = Find-StubService -Name $Name
    if (-not $row) { return }
    if ($StartupType) { $row.StartMode = $StartupType -replace '^Automatic$', 'Auto' }
    if ($Description) { $row.Description = $Description }
    if ($DisplayName) { $row.DisplayName = $DisplayName }
    Set-StubRow -Table 'services' -Row $row
}
