<#
.SYNOPSIS
The machine's store of trusted root certificates. Part of the module Casement.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Test-TrustedRoot {
    <#
    .SYNOPSIS
    Whether the store has this certificate.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Thumbprint)
    return (Invoke-Native -FilePath 'certutil.exe' -ArgumentList @('-store', 'Root', $Thumbprint) -AnyCode).ExitCode -eq 0
}

function Add-TrustedRoot {
    <#
    .SYNOPSIS
    Puts a certificate, given as PEM text, into the store.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Certificate, [Parameter(Mandatory = $true)] [string] $Thumbprint)
    $file = "$script:Root\$Thumbprint.cer"
    [System.IO.File]::WriteAllText($file, $Certificate)
    try {
        $null = Invoke-Native -FilePath 'certutil.exe' -ArgumentList @('-f', '-addstore', 'Root', $file)
    } finally {
        Remove-Present -Path $file
    }
    Write-Log -Message "this host trusts certificate $Thumbprint now"
}

function Remove-TrustedRoot {
    <#
    .SYNOPSIS
    Takes a certificate out of the store, if it is there.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Thumbprint)
    if (-not (Test-TrustedRoot -Thumbprint $Thumbprint)) { return }
    $null = Invoke-Native -FilePath 'certutil.exe' -ArgumentList @('-delstore', 'Root', $Thumbprint)
    Write-Log -Message "this host no longer trusts certificate $Thumbprint"
}
