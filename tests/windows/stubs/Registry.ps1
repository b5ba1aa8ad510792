<#
.SYNOPSIS
The item cmdlets, for paths below HKLM: from the state, for all others as PowerShell has them. Part of the module Stubs.
.DESCRIPTION
A row of table "registry" is one value: Key, Value, Kind, Data. A key without values has a row of Kind "Key".
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-StubKey {
    <#
    .SYNOPSIS
    The key that a path means, without the colon; nothing where the path is none of the registry's.
    #>
    [CmdletBinding()]
    param([AllowEmptyString()] [string] $Path)
    if ($Path -match '^(HKLM|HKCU):') { return ($Path -replace '^(HK..):', '$1').TrimEnd('\') }
    return ''
}

function Test-StubKey {
    <#
    .SYNOPSIS
    Whether the key is there: it has values, a key below it, or is that of a service.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Key)
    $services = 'HKLM\SYSTEM\CurrentControlSet\Services\'
    if ($Key.StartsWith($services) -and @(Get-StubRow -Table 'services' -Value $Key.Substring($services.Length)).Count -gt 0) {
        return $true
    }
    $rows = @(Get-StubRow -Table 'registry' | Where-Object { ($_.Key -eq $Key) -or $_.Key.StartsWith("$Key\") })
    return $rows.Count -gt 0
}

function Get-StubValue {
    <#
    .SYNOPSIS
    The values of a key; an error where there is no such key.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Key)
    if (-not (Test-StubKey -Key $Key)) {
        Write-Error -Message "Cannot find path '$Key' because it does not exist." -Category ObjectNotFound -ErrorId 'PathNotFound'
        return
    }
    Get-StubRow -Table 'registry' -Property 'Key' -Value $Key | Where-Object { $_.Kind -ne 'Key' }
}

function Test-Path {
    <#
    .SYNOPSIS
    Stub of Test-Path.
    #>
    [CmdletBinding()]
    param([string[]] $Path, [string[]] $LiteralPath, [string] $PathType = 'Any')
    $key = Get-StubKey -Path ([string](@($Path) + @($LiteralPath) | Where-Object { $_ } | Select-Object -First 1))
    if ($key) { return Test-StubKey -Key $key }
    return Microsoft.PowerShell.Management\Test-Path @PSBoundParameters
}

function Get-Item {
    <#
    .SYNOPSIS
    Stub of Get-Item.
    #>
    [CmdletBinding()]
    param([string[]] $Path, [string[]] $LiteralPath, [switch] $Force)
    $key = Get-StubKey -Path ([string](@($Path) + @($LiteralPath) | Where-Object { $_ } | Select-Object -First 1))
    if (-not $key) { return Microsoft.PowerShell.Management\Get-Item @PSBoundParameters }
    $values = @(Get-StubValue -Key $key)
    if (-not (Test-StubKey -Key $key)) { return }
    $item = [pscustomobject]@{ Name = $key; Values = $values }
    Add-Member -InputObject $item -MemberType ScriptMethod -Name 'GetValue' -Value {
        param($Name, $Default, $Options)
        $found = @($this.Values | Where-Object { $_.Value -eq $Name })
        if ($found.Count -eq 0) { return $Default }
        if (([string]$found[0].Kind -eq 'ExpandString') -and ([string]$Options -ne 'DoNotExpandEnvironmentNames')) {
            throw "The value $Name would be expanded, which these stubs do not do."
        }
        return $found[0].Data
    }
    Add-Member -InputObject $item -MemberType ScriptMethod -Name 'GetValueNames' -Value { return @($this.Values | ForEach-Object { $_.Value }) }
    Add-Member -InputObject $item -MemberType ScriptMethod -Name 'GetValueKind' -Value {
        param($Name)
        return @($this.Values | Where-Object { $_.Value -eq $Name })[0].Kind
    }
    return $item
}

function Get-ItemProperty {
    <#
    .SYNOPSIS
    Stub of Get-ItemProperty.
    #>
    [CmdletBinding()]
    param([string[]] $Path, [string[]] $LiteralPath, [string[]] $Name)
    $key = Get-StubKey -Path ([string](@($Path) + @($LiteralPath) | Where-Object { $_ } | Select-Object -First 1))
    if (-not $key) { return Microsoft.PowerShell.Management\Get-ItemProperty @PSBoundParameters }
    $values = @(Get-StubValue -Key $key)
    if (-not (Test-StubKey -Key $key)) { return }
    $properties = [ordered]@{ PSPath = $key }
    foreach ($value in $values) { $properties[$value.Value] = $value.Data }
    foreach ($wanted in @($Name | Where-Object { $_ })) {
        if (-not $properties.Contains($wanted)) {
            Write-Error -Message "Property $wanted does not exist at path $key." -Category InvalidArgument
            return
        }
    }
    return [pscustomobject]$properties
}

function Set-StubValue {
    <#
    .SYNOPSIS
    Puts one value into a key that is there.
    #>
    [CmdletBinding()]
    param([string] $Key, [string] $Name, [object] $Value, [string] $Kind)
    if (-not (Test-StubKey -Key $Key)) { throw "Cannot find path '$Key' because it does not exist." }
    $data = $Value
    if ($Kind -eq 'MultiString') { $data = @($Value) }
    Set-StubRow -Table 'registry' -Row ([pscustomobject]@{ Name = "$Key|$Name"; Key = $Key; Value = $Name; Kind = $Kind; Data = $data })
}

function New-ItemProperty {
    <#
    .SYNOPSIS
    Stub of New-ItemProperty.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $LiteralPath, [string] $Name, [object] $Value, [string] $PropertyType = 'String', [switch] $Force)
    $key = Get-StubKey -Path "$Path$LiteralPath"
    if (-not $key) { throw 'Only values of the registry are made by this stub.' }
    $present = @(Get-StubRow -Table 'registry' -Value "$key|$Name")
    if (($present.Count -gt 0) -and (-not $Force)) {
        Write-Error -Message 'The property already exists.' -Category ResourceExists
        return
    }
    Set-StubValue -Key $key -Name $Name -Value $Value -Kind $PropertyType
    return [pscustomobject]@{ $Name = $Value }
}

function Set-ItemProperty {
    <#
    .SYNOPSIS
    Stub of Set-ItemProperty.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $LiteralPath, [string] $Name, [object] $Value, [string] $Type = '', [switch] $Force)
    $key = Get-StubKey -Path "$Path$LiteralPath"
    if (-not $key) { throw 'Only values of the registry are changed by this stub.' }
    $present = @(Get-StubRow -Table 'registry' -Value "$key|$Name")
    $kind = $Type
    if ((-not $kind) -and ($present.Count -gt 0)) { $kind = $present[0].Kind }
    if (-not $kind) { $kind = $(if ($Value -is [int]) { 'DWord' } else { 'String' }) }
    Set-StubValue -Key $key -Name $Name -Value $Value -Kind $kind
}

function Remove-ItemProperty {
    <#
    .SYNOPSIS
    Stub of Remove-ItemProperty.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $LiteralPath, [string] $Name, [switch] $Force)
    $key = Get-StubKey -Path "$Path$LiteralPath"
    if (-not $key) { throw 'Only values of the registry are removed by this stub.' }
    if (@(Get-StubRow -Table 'registry' -Value "$key|$Name").Count -eq 0) {
        Write-Error -Message "Property $Name does not exist at path $key." -Category InvalidArgument
        return
    }
    Remove-StubRow -Table 'registry' -Name "$key|$Name"
}

function New-Item {
    <#
    .SYNOPSIS
    Stub of New-Item.
    #>
    [CmdletBinding()]
    param([string[]] $Path, [string] $ItemType, [object] $Value, [switch] $Force)
    $key = Get-StubKey -Path ([string](@($Path) | Select-Object -First 1))
    if (-not $key) { return Microsoft.PowerShell.Management\New-Item @PSBoundParameters }
    if (-not (Test-StubKey -Key $key)) {
        Set-StubRow -Table 'registry' -Row ([pscustomobject]@{ Name = "$key|"; Key = $key; Value = ''; Kind = 'Key'; Data = '' })
    }
    return [pscustomobject]@{ Name = $key }
}

function Remove-Item {
    <#
    .SYNOPSIS
    Stub of Remove-Item.
    #>
    [CmdletBinding()]
    param([string[]] $Path, [string[]] $LiteralPath, [switch] $Recurse, [switch] $Force)
    $key = Get-StubKey -Path ([string](@($Path) + @($LiteralPath) | Where-Object { $_ } | Select-Object -First 1))
    if (-not $key) { return Microsoft.PowerShell.Management\Remove-Item @PSBoundParameters }
    $kept = @(Get-StubRow -Table 'registry' | Where-Object { ($_.Key -ne $key) -and (-not $_.Key.StartsWith("$key\")) })
    Save-StubTable -Table 'registry' -Rows $kept
}
