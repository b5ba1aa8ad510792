<#
.SYNOPSIS
Values in the registry, the machine's PATH among them. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:EnvironmentKey = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'

function Get-RegistryValue {
    <#
    .SYNOPSIS
    The value as it is written, without %NAMES% expanded, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Key, [Parameter(Mandatory = $true)] [string] $Name)
    if (-not (Test-Path -Path $Key)) { return }
    return (Get-Item -Path $Key).GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
}

function Set-RegistryList {
    <#
    .SYNOPSIS
    Makes the value (REG_MULTI_SZ) hold these texts, or be away where there are none; returns whether that was a change.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Key,
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Value
    )
    Add-Fact -Kind registry -Name "$Key\$Name"
    $present = @(Get-RegistryValue -Key $Key -Name $Name)
    if (($present -join '|') -ceq ($Value -join '|')) { return $false }
    Add-Change
    if ($Value.Count -eq 0) {
        Remove-ItemProperty -Path $Key -Name $Name
    } else {
        $null = New-ItemProperty -Path $Key -Name $Name -Value $Value -PropertyType MultiString -Force
    }
    return $true
}

function Get-RegistryFact {
    <#
    .SYNOPSIS
    The value KEY\NAME; a list as its items with a bar between, or nothing.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    $at = $Name.LastIndexOf('\')
    $value = Get-RegistryValue -Key ($Name.Substring(0, $at)) -Name ($Name.Substring($at + 1))
    if ($null -eq $value) { return }
    return @($value) -join '|'
}

function Get-MachinePath {
    <#
    .SYNOPSIS
    The folders on the machine's PATH, as they are written.
    #>
    [CmdletBinding()]
    param()
    return @(([string](Get-RegistryValue -Key $script:EnvironmentKey -Name 'Path')) -split ';' | Where-Object { $_ })
}

function Add-MachinePath {
    <#
    .SYNOPSIS
    Puts a folder on the machine's PATH, leaving what is there as it is written (%SystemRoot% and the like).
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Folder)
    Add-Fact -Kind path -Name $Folder
    $present = @(Get-MachinePath)
    if ($present -contains $Folder) { return }
    $value = ($present + $Folder) -join ';'
    $null = New-ItemProperty -Path $script:EnvironmentKey -Name 'Path' -Value $value -PropertyType ExpandString -Force
    Write-Log -Message "put $Folder on the PATH"
}

function Remove-MachinePath {
    <#
    .SYNOPSIS
    Takes a folder off the machine's PATH.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Folder)
    $present = @(Get-MachinePath)
    if ($present -notcontains $Folder) { return }
    $value = @($present | Where-Object { $_ -ne $Folder }) -join ';'
    $null = New-ItemProperty -Path $script:EnvironmentKey -Name 'Path' -Value $value -PropertyType ExpandString -Force
}

function Set-RegistryNumber {
    <#
    .SYNOPSIS
    Makes the value (REG_DWORD) this number, with its key where that is missing; returns whether that was a change.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Key,
        [Parameter(Mandatory = $true)] [string] $Name,
        [Parameter(Mandatory = $true)] [int] $Value
    )
    Add-Fact -Kind registry -Name "$Key\$Name"
    if ((Get-RegistryValue -Key $Key -Name $Name) -eq $Value) { return $false }
    # New-Item -Force would empty a key that is there.
    if (-not (Test-Path -Path $Key)) { $null = New-Item -Path $Key -Force }
    $null = New-ItemProperty -Path $Key -Name $Name -Value $Value -PropertyType DWord -Force
    return $true
}
