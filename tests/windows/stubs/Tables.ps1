<#
.SYNOPSIS
Reading and changing the tables of the state. Part of the module Stubs.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:StatePath = 'C:\stub\state.json'

function Get-StubRow {
    <#
    .SYNOPSIS
    The rows of a table, or those whose property has this value.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Table, [string] $Property = 'Name', [string] $Value = '')
    $state = ConvertFrom-Json -InputObject (Get-Content -LiteralPath $script:StatePath -Raw)
    foreach ($row in @($state.$Table)) {
        if ((-not $Value) -or ([string]$row.$Property -eq $Value)) { $row }
    }
}

function Save-StubTable {
    <#
    .SYNOPSIS
    Replaces the rows of a table.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Table, [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [object[]] $Rows)
    $state = ConvertFrom-Json -InputObject (Get-Content -LiteralPath $script:StatePath -Raw)
    $state.$Table = @($Rows)
    $text = ConvertTo-Json -InputObject $state -Depth 8
    Set-Content -LiteralPath $script:StatePath -Value $text -Encoding UTF8
}

function Set-StubRow {
    <#
    .SYNOPSIS
    Puts a row into a table, in place of the one of the same Name.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Table, [Parameter(Mandatory = $true)] [object] $Row)
    $others = @(Get-StubRow -Table $Table | Where-Object { $_.Name -ne $Row.Name })
    Save-StubTable -Table $Table -Rows ($others + @($Row))
}

function Remove-StubRow {
    <#
    .SYNOPSIS
    Takes the row of a name out of a table.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Table, [Parameter(Mandatory = $true)] [string] $Name)
    Save-StubTable -Table $Table -Rows @(Get-StubRow -Table $Table | Where-Object { $_.Name -ne $Name })
}
