"""What Windows PowerShell 5.1 on Windows Server brings: approved verbs, and the cmdlets our scripts may use.

A cmdlet stands here with the module it comes from and those of its parameters that 5.1 knows and we need; whoever uses
another one looks it up in the 5.1 documentation first and adds it.
"""

from __future__ import annotations

_VERBS = """
    Add Clear Close Copy Enter Exit Find Format Get Hide Join Lock Move New Open Optimize Pop Push Redo Remove Rename
    Reset Resize Search Select Set Show Skip Split Step Switch Undo Unlock Watch
    Backup Checkpoint Compare Compress Convert ConvertFrom ConvertTo Dismount Edit Expand Export Group Import Initialize
    Limit Merge Mount Out Publish Restore Save Sync Unpublish Update
    Approve Assert Complete Confirm Deny Disable Enable Install Invoke Register Request Restart Resume Start Stop Submit
    Suspend Uninstall Unregister Wait
    Debug Measure Ping Repair Resolve Test Trace
    Connect Disconnect Read Receive Send Write
    Block Grant Protect Revoke Unblock Unprotect
    Use
"""
APPROVED_VERBS = frozenset(_VERBS.split())
"""``Get-Verb`` of Windows PowerShell 5.1."""

COMMON_PARAMETERS = frozenset({"ErrorAction", "Confirm"})

_TABLE = """
Microsoft.PowerShell.Core
  Export-ModuleMember Function
  ForEach-Object Process
  Get-Command Name
  Import-Module Name
  Set-StrictMode Version
  Where-Object FilterScript
Microsoft.PowerShell.Management
  Add-Content Path Value Encoding
  Copy-Item Path Destination Force
  Get-ChildItem Path Filter Force File Recurse
  Get-Content Path Tail Raw
  Get-Item Path
  Get-ItemProperty Path Name
  Get-Process Name Id
  Get-Service Name
  Join-Path Path ChildPath
  Move-Item Path Destination Force
  New-Item Path ItemType Force
  New-ItemProperty Path Name Value PropertyType Force
  New-Service Name BinaryPathName DisplayName Description StartupType DependsOn
  Pop-Location
  Push-Location Path
  Remove-Item LiteralPath Path Recurse Force
  Remove-ItemProperty Path Name
  Set-Service Name StartupType
  Split-Path Path Parent Leaf
  Start-Process FilePath ArgumentList NoNewWindow PassThru
  Start-Service Name
  Stop-Process Id Force
  Stop-Service Name Force
  Test-Path Path LiteralPath PathType
Microsoft.PowerShell.Security
  Get-Acl Path
Microsoft.PowerShell.Utility
  Add-Type TypeDefinition
  ConvertFrom-Json InputObject
  ConvertTo-Json InputObject Depth Compress
  Get-FileHash Path Algorithm
  New-Object TypeName ArgumentList
  Select-Object First Last Property ExcludeProperty ExpandProperty
  Sort-Object Property Descending
  Start-Sleep Seconds Milliseconds
CimCmdlets
  Get-CimInstance ClassName Filter
  Invoke-CimMethod InputObject MethodName Arguments
ConfigDefender
  Add-MpPreference ExclusionPath ExclusionProcess
  Get-MpPreference
  Remove-MpPreference ExclusionPath ExclusionProcess
DnsClient
  Get-DnsClientServerAddress InterfaceIndex AddressFamily
  Get-DnsClient InterfaceIndex
  Set-DnsClient InterfaceIndex ConnectionSpecificSuffix
  Set-DnsClientServerAddress InterfaceIndex ServerAddresses
Hyper-V
  Get-VMSwitch
NetAdapter
  Disable-NetAdapterChecksumOffload Name
  Enable-NetAdapterChecksumOffload Name
  Get-NetAdapter InterfaceIndex Name
  Get-NetAdapterChecksumOffload Name
NetSecurity
  Get-NetFirewallAddressFilter AssociatedNetFirewallRule
  Get-NetFirewallPortFilter AssociatedNetFirewallRule
  Get-NetFirewallRule Name
  New-NetFirewallRule Name DisplayName Direction Action Enabled Profile Protocol LocalPort RemoteAddress
  Remove-NetFirewallRule Name
  Set-NetFirewallRule Name Direction Action Enabled Profile Protocol LocalPort RemoteAddress
NetTCPIP
  Get-NetIPAddress AddressFamily IPAddress InterfaceIndex
  Get-NetIPInterface AddressFamily InterfaceIndex
  Get-NetRoute AddressFamily DestinationPrefix InterfaceIndex
  New-NetIPAddress InterfaceIndex IPAddress PrefixLength DefaultGateway
  New-NetRoute DestinationPrefix InterfaceIndex NextHop PolicyStore
ScheduledTasks
  Disable-ScheduledTask TaskName
  Enable-ScheduledTask TaskName
  Get-ScheduledTask TaskName
  New-ScheduledTaskAction Execute Argument
  New-ScheduledTaskPrincipal UserId LogonType RunLevel
  New-ScheduledTaskSettingsSet ExecutionTimeLimit RestartCount RestartInterval MultipleInstances Priority
    AllowStartIfOnBatteries DontStopIfGoingOnBatteries
  New-ScheduledTaskTrigger AtStartup
  Register-ScheduledTask TaskName Action Trigger Principal Settings Force
  Start-ScheduledTask TaskName
  Stop-ScheduledTask TaskName
  Unregister-ScheduledTask TaskName
ServerManager
  Get-WindowsFeature Name
  Install-WindowsFeature Name
  Uninstall-WindowsFeature Name
"""


def _read(table: str) -> dict[str, tuple[str, frozenset[str]]]:
    cmdlets: dict[str, tuple[str, frozenset[str]]] = {}
    module = name = ""
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            module = line
            continue
        if line.startswith("    "):
            cmdlets[name] = (module, cmdlets[name][1] | set(line.split()))
            continue
        name, *parameters = line.split()
        cmdlets[name] = (module, frozenset(parameters))
    return cmdlets


CMDLETS = _read(_TABLE)
"""Module and parameters of each cmdlet by its name."""

CMDLETS_AT_FIRST_BOOT = CMDLETS | _read("""
Dism
  Add-WindowsCapability Online Name
Microsoft.PowerShell.LocalAccounts
  Add-LocalGroupMember SID Member
  Get-LocalUser
  New-LocalUser Name Password PasswordNeverExpires
Microsoft.PowerShell.Management
  Restart-Service Name
  Set-Content Path Value Encoding
Microsoft.PowerShell.Security
  ConvertTo-SecureString String AsPlainText Force
  Set-Acl Path AclObject
Microsoft.PowerShell.Utility
  Invoke-RestMethod Method Uri Headers Body TimeoutSec
NetTCPIP
  Set-NetIPInterface InterfaceIndex AddressFamily NlMtuBytes
""")
"""The same with those that only the scripts of ``scripts/boot`` may use."""

_AUTOMATIC = """
    args consolefilename error executioncontext foreach home host input matches myinvocation nestedpromptlevel pid
    profile psboundparameters pscmdlet pscommandpath psculture pshome psscriptroot psuiculture psversiontable pwd
    shellid stacktrace switch this true false
"""
AUTOMATIC_VARIABLES = frozenset(_AUTOMATIC.split())
"""Variables that PowerShell sets itself; giving them another value fails, or is lost, or surprises."""
