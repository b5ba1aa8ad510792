<#
.SYNOPSIS
Lets one administrator in by SSH, by key and never by password, and tells the host key.

.DESCRIPTION
For the first boot of a machine in a cloud, which runs it as SYSTEM; where a cloud runs it at every boot, what is there
already is left as it is. Prints the host key as TYPE BASE64.

.PARAMETER User
The administrator; made with a password that nobody knows, if there is none of this name.

.PARAMETER PublicKey
The key to log in with, as TYPE BASE64.

.PARAMETER Mtu
MTU in bytes to give every adapter; 0 leaves them as they are.

.PARAMETER AttributesUrl
Where the host key is published for whoever may read it from the cloud; empty for nowhere.

.PARAMETER AttributesHeader
What is asked for there with each request, as NAME: VALUE.

.EXAMPLE
.\Open-Ssh.ps1 -User casement -PublicKey 'ssh-ed25519 AAAA' -Mtu 0 -AttributesUrl '' -AttributesHeader ''
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $User,
    [Parameter(Mandatory = $true)] [string] $PublicKey,
    [Parameter(Mandatory = $true)] [int] $Mtu,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $AttributesUrl,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $AttributesHeader
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$administrators = 'S-1-5-32-544'
$folder = 'C:\ProgramData\ssh'
$keys = "$folder\administrators_authorized_keys"
$config = "$folder\sshd_config"
$hostKey = "$folder\ssh_host_ed25519_key.pub"
$noPassword = 'PasswordAuthentication no'

if (-not (Get-LocalUser | Where-Object { $_.Name -eq $User })) {
    [byte[]] $bytes = @(0) * 48
    [System.Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
    # The end is for password rules that ask for every kind of character.
    $secret = ConvertTo-SecureString -String ([Convert]::ToBase64String($bytes) + 'aA1!') -AsPlainText -Force
    $null = New-LocalUser -Name $User -Password $secret -PasswordNeverExpires
}
try {
    Add-LocalGroupMember -SID $administrators -Member $User
}
catch {
    if ($_.FullyQualifiedErrorId -notlike 'MemberExists*') { throw }
}

if (-not (Get-Service -Name 'sshd' -ErrorAction SilentlyContinue)) {
    # Windows Server 2025 has it already; 2022 fetches it from Windows Update.
    $null = Add-WindowsCapability -Online -Name 'OpenSSH.Server~~~~0.0.1.0'
}
# Its first start makes host keys and configuration. Nobody gets through before the firewall is opened below.
Set-Service -Name 'sshd' -StartupType Automatic
Start-Service -Name 'sshd'

$known = @()
if (Test-Path -Path $keys) { $known = @(Get-Content -Path $keys) }
if ($known -notcontains $PublicKey) { Add-Content -Path $keys -Value $PublicKey -Encoding Ascii }
# Of a file on which anybody else has rights, sshd takes no notice.
$rights = Get-Acl -Path $keys
$rights.SetSecurityDescriptorSddlForm('O:BAD:PAI(A;;FA;;;BA)(A;;FA;;;SY)')
Set-Acl -Path $keys -AclObject $rights

$lines = @(Get-Content -Path $config)
if ($lines[0] -ne $noPassword) {
    # Of several lines about the same thing the first counts.
    Set-Content -Path $config -Value (@($noPassword) + $lines) -Encoding Ascii
    Restart-Service -Name 'sshd'
}

if ($Mtu -gt 0) {
    Get-NetIPInterface -AddressFamily IPv4 |
        Where-Object { $_.InterfaceAlias -like '*Ethernet*' -and $_.NlMtu -ne $Mtu } |
        ForEach-Object { Set-NetIPInterface -InterfaceIndex $_.InterfaceIndex -AddressFamily IPv4 -NlMtuBytes $Mtu }
}

# The rule that comes with OpenSSH is for domain and private networks only, and a cloud's is a public one.
if (Get-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -ErrorAction SilentlyContinue) {
    Set-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -Enabled True -Profile Any -Action Allow
}
else {
    $null = New-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -DisplayName 'OpenSSH SSH Server (sshd)' -Direction Inbound `
        -Protocol TCP -LocalPort 22 -Action Allow -Profile Any
}

$type, $key = ([string](Get-Content -Path $hostKey)).Split(' ')[0..1]
if ($AttributesUrl) {
    $name, $value = $AttributesHeader.Split(':')
    $headers = @{ $name = $value.Trim() }
    $null = Invoke-RestMethod -Method Put -Uri "$AttributesUrl/$type" -Headers $headers -Body $key -TimeoutSec 30
}
"$type $key"
