<#
.SYNOPSIS
What only the scripts of the first boot use: accounts, OpenSSH, rights, MTU, the metadata route. Part of the module Stubs.
.DESCRIPTION
A row of table "users": Name, Administrator; of table "published": Name (the address), Body.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-LocalUser {
    <#
    .SYNOPSIS
    Stub of Get-LocalUser.
    #>
    [CmdletBinding()]
    param()
    Get-StubRow -Table 'users'
}

function ConvertTo-SecureString {
    <#
    .SYNOPSIS
    Stub of ConvertTo-SecureString; what is in it is kept by nobody.
    #>
    [CmdletBinding()]
    param([string] $String, [switch] $AsPlainText, [switch] $Force)
    if (-not ($AsPlainText -and $Force)) { throw 'The stubs make secure strings of plain text only' }
    return [pscustomobject]@{ Length = $String.Length }
}

function New-LocalUser {
    <#
    .SYNOPSIS
    Stub of New-LocalUser, with the rule of Windows Server about passwords.
    #>
    [CmdletBinding()]
    param([string] $Name, [object] $Password, [switch] $PasswordNeverExpires)
    if ($Password.Length -lt 8) { throw 'The password does not meet the password policy requirements.' }
    if (@(Get-StubRow -Table 'users' -Value $Name).Count -gt 0) { throw "User $Name already exists." }
    $row = [pscustomobject]@{ Name = $Name; Administrator = $false; PasswordNeverExpires = [bool]$PasswordNeverExpires }
    Set-StubRow -Table 'users' -Row $row
    return $row
}

function Add-LocalGroupMember {
    <#
    .SYNOPSIS
    Stub of Add-LocalGroupMember for the administrators.
    #>
    [CmdletBinding()]
    param([string] $SID, [string] $Member)
    if ($SID -ne 'S-1-5-32-544') { throw "The stubs have no group $SID" }
    $row = @(Get-StubRow -Table 'users' -Value $Member)
    if ($row.Count -eq 0) { throw "Principal $Member was not found." }
    if ($row[0].Administrator) {
        Write-Error -Message "$Member is already a member of group Administrators." -Category ResourceExists -ErrorId 'MemberExists'
        return
    }
    $row[0].Administrator = $true
    Set-StubRow -Table 'users' -Row $row[0]
}

function Add-WindowsCapability {
    <#
    .SYNOPSIS
    Stub of Add-WindowsCapability for OpenSSH: a service that waits to be started, and a rule for private networks.
    #>
    [CmdletBinding()]
    param([switch] $Online, [string] $Name)
    if (-not ($Online -and ($Name -eq 'OpenSSH.Server~~~~0.0.1.0'))) { throw "The stubs have no capability $Name" }
    $null = New-Service -Name 'sshd' -BinaryPathName 'sshd.exe' -StartupType 'Manual'
    $null = New-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -Profile 'Private' -Protocol 'TCP' -LocalPort '22'
    return [pscustomobject]@{ Online = $true; RestartNeeded = $false }
}

function Initialize-StubSshd {
    <#
    .SYNOPSIS
    What sshd does when it starts: keys and configuration, where there are none.
    #>
    [CmdletBinding()]
    param()
    $folder = 'C:\ProgramData\ssh'
    if (Test-Path -Path "$folder\sshd_config") { return }
    $null = New-Item -ItemType Directory -Force -Path $folder
    Set-Content -Path "$folder\sshd_config" -Value @('#PasswordAuthentication yes', 'Subsystem sftp sftp-server.exe') -Encoding Ascii
    Set-Content -Path "$folder\ssh_host_ed25519_key.pub" -Value 'ssh-ed25519 AAAAC3Nz system@win1' -Encoding Ascii
}

function Set-Acl {
    <#
    .SYNOPSIS
    Stub of Set-Acl; keeps what Get-Acl of Processes.ps1 was given.
    #>
    [CmdletBinding()]
    param([string] $Path, [object] $AclObject)
    Set-StubRow -Table 'acl' -Row ([pscustomobject]@{ Name = $Path; Rights = $AclObject.Sddl })
}

function Set-NetIPInterface {
    <#
    .SYNOPSIS
    Stub of Set-NetIPInterface.
    #>
    [CmdletBinding()]
    param([int] $InterfaceIndex, [string] $AddressFamily = '', [int] $NlMtuBytes)
    $row = Get-NetAdapter -InterfaceIndex $InterfaceIndex
    $row.NlMtu = $NlMtuBytes
    Set-StubRow -Table 'adapters' -Row $row
}

function Invoke-RestMethod {
    <#
    .SYNOPSIS
    Stub of Invoke-RestMethod for the metadata route, which answers only who names himself in a header.
    #>
    [CmdletBinding()]
    param([string] $Method, [string] $Uri, [hashtable] $Headers = @{}, [string] $Body = '', [int] $TimeoutSec = 0)
    if (($Method -ne 'Put') -or ($Headers['Metadata-Flavor'] -ne 'Stub')) { throw 'The remote server returned an error: (403) Forbidden.' }
    Set-StubRow -Table 'published' -Row ([pscustomobject]@{ Name = $Uri; Body = $Body })
    return ''
}
