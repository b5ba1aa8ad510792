<#
.SYNOPSIS
What Windows Defender leaves alone: scanning layers while they are unpacked makes that slow, and at times impossible.
Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:NodePrograms = @(
    'C:\k\kubelet.exe', 'C:\k\kube-proxy.exe', 'C:\k\flanneld.exe',
    'C:\opt\cni\bin\flannel.exe', 'C:\opt\cni\bin\win-overlay.exe', 'C:\opt\cni\bin\host-local.exe'
)

function Set-DefenderExclusion {
    <#
    .SYNOPSIS
    Excludes a runtime's folder and programs, and the node's own, where Defender runs; remembers what it has added.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string[]] $Path, [Parameter(Mandatory = $true)] [string[]] $Process)
    if (-not (Get-Command -Name Add-MpPreference -ErrorAction SilentlyContinue)) { return }
    if (-not (Test-ServiceRunning -Name 'WinDefend')) { return }
    $preference = Get-MpPreference
    $wanted = @{ ExclusionPath = $Path; ExclusionProcess = @($Process + $script:NodePrograms) }
    $added = @{ ExclusionPath = @(); ExclusionProcess = @() }
    $before = Get-Marker -Name 'defender'
    if ($before) { $added = @{ ExclusionPath = @($before.ExclusionPath); ExclusionProcess = @($before.ExclusionProcess) } }
    foreach ($kind in @('ExclusionPath', 'ExclusionProcess')) {
        foreach ($name in $wanted[$kind]) { Add-Fact -Kind defender -Name $name }
        $missing = @($wanted[$kind] | Where-Object { @($preference.$kind) -notcontains $_ })
        if ($missing.Count -eq 0) { continue }
        $added[$kind] = @($added[$kind]) + $missing
        Set-Marker -Name 'defender' -Value $added
        $arguments = @{ $kind = $missing }
        try {
            Add-MpPreference @arguments
            Write-Log -Message "Windows Defender leaves alone: $($missing -join ', ')"
        } catch {
            # Where a central policy rules Defender it refuses; images are then unpacked slowly, but they are.
            Write-Log -Message "warning: no exclusions in Windows Defender: $($_.Exception.Message)"
        }
    }
}

function Remove-DefenderExclusion {
    <#
    .SYNOPSIS
    Takes back the exclusions that Set-DefenderExclusion has added.
    #>
    [CmdletBinding()]
    param()
    $added = Get-Marker -Name 'defender'
    if (-not $added) { return }
    foreach ($kind in @('ExclusionPath', 'ExclusionProcess')) {
        $values = @($added.$kind)
        if ($values.Count -eq 0) { continue }
        $arguments = @{ $kind = $values }
        Remove-MpPreference @arguments
    }
    Remove-Marker -Name 'defender'
}

function Get-DefenderFact {
    <#
    .SYNOPSIS
    "excluded" for a path or program that Windows Defender leaves alone.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Name)
    if (-not (Get-Command -Name Get-MpPreference -ErrorAction SilentlyContinue)) { return }
    $preference = Get-MpPreference
    if ((@($preference.ExclusionPath) + @($preference.ExclusionProcess)) -contains $Name) { return 'excluded' }
}
