#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Puts away what the node that was built by hand has left: nothing is deleted, everything is moved to a dated folder.

.DESCRIPTION
Waits until its HNS networks are gone, removes its firewall rules and environment variables (their values are written
down), and moves its files to C:\k\casement\former\DATE, which only administrators can read; kubeconfig files to a folder
secret in it. Prints where everything is, and whose credentials are to be revoked.

.EXAMPLE
.\Move-FormerNode.ps1
#>
[CmdletBinding()]
param()
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Casement.psm1')

$former = 'C:\k\casement\former'

function Get-Destination {
    <#
    .SYNOPSIS
    The dated folder of this migration; an interrupted one goes on with the folder that it has begun.
    #>
    [CmdletBinding()]
    param()
    $begun = Get-Marker -Name 'former-node'
    if ($begun) { return $begun.folder }
    $folder = "$former\$([datetime]::UtcNow.ToString('yyyyMMdd-HHmmss'))"
    Set-Marker -Name 'former-node' -Value @{ folder = $folder }
    return $folder
}

function Move-Kept {
    <#
    .SYNOPSIS
    Moves a file or a folder, and lets it have the rights of the folder it is in now.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $Destination)
    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Destination -Parent)
    Move-Item -Path $Path -Destination $Destination -Force
    # What is moved within a drive keeps the rights it had, which under C:\ are everybody's.
    $null = Invoke-Native -FilePath 'icacls.exe' -ArgumentList @($Destination, '/reset', '/T', '/C', '/Q')
    Write-Log -Message "moved $Path to $Destination"
}

function Remove-FormerSetting {
    <#
    .SYNOPSIS
    Removes firewall rules and environment variables, after writing down what they were.
    #>
    [CmdletBinding()]
    param([string] $Folder)
    foreach ($name in @(Get-FormerRule)) {
        Remove-NetFirewallRule -Name $name
        Write-Log -Message "removed firewall rule $name"
    }
    $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    foreach ($name in @(Get-FormerVariable)) {
        $value = (Get-ItemProperty -Path $key -Name $name).$name
        $null = Save-TextFile -Path "$Folder\secret\environment-$name.txt" -Text ([string]$value)
        Remove-ItemProperty -Path $key -Name $name
        Write-Log -Message "removed the machine's environment variable $name"
    }
}

if (Test-CurrentNode) {
    Write-Log -Message 'the kubelet of this host is ours already: nothing is moved'
} else {
    Wait-NetworkRemoval -NetworkName @(Get-FormerNetwork | ForEach-Object { $_.Name })
    $paths = @(Get-FormerPath)
    if (($paths.Count + @(Get-FormerRule).Count + @(Get-FormerVariable).Count) -gt 0) {
        $folder = Get-Destination
        Protect-Folder -Path @($former, $folder, "$folder\secret")
        Remove-FormerSetting -Folder $folder
        foreach ($credential in @(Get-FormerCredential)) {
            $text = "$($credential.user) at $($credential.server), found at $($credential.path)"
            $null = Save-TextFile -Path "$folder\secret\$(Split-Path -Path $credential.path -Leaf).about.txt" -Text $text
            Move-Kept -Path $credential.path -Destination "$folder\secret\$(Split-Path -Path $credential.path -Leaf)"
        }
        foreach ($path in @(Get-FormerPath)) { Move-Kept -Path $path -Destination "$folder\$($path.Substring(3))" }
        Remove-Empty -Path @('C:\etc', 'C:\run', 'C:\usr\libexec', 'C:\usr', 'C:\var\lib', 'C:\var\log', 'C:\var')
    }
    foreach ($name in @('host-network', 'former-node')) { Remove-Marker -Name $name }
}
$folders = @(Get-ChildItem -Path $former -ErrorAction SilentlyContinue | ForEach-Object { $_.FullName })
$revoke = @(foreach ($folder in $folders) {
        Get-ChildItem -Path "$folder\secret" -Filter '*.about.txt' -ErrorAction SilentlyContinue |
            ForEach-Object { [System.IO.File]::ReadAllText($_.FullName) }
    })
foreach ($credential in $revoke) { Write-Log -Message "warning: revoke the credential of $credential" }
ConvertTo-PlainJson -InputObject ([ordered]@{ folders = $folders; revoke = $revoke })
