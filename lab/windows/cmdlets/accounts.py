"""Get-LocalUser and its family; see lab/windows/openssh.py, which lets users in."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows import openssh
from lab.windows.cmdlets.machine_of import machine_of

_ADMINISTRATORS = "S-1-5-32-544"
_CLASS = "Microsoft.PowerShell.Commands.LocalUser"


@cmdlet("Get-LocalUser")
def get_user(call: CmdletCall) -> Iterator[object]:
    """Get all users."""
    for name in openssh.users(machine_of(call).folder):
        yield PSObject({"Name": name, "Enabled": True}, type_name=_CLASS)


@cmdlet(
    "New-LocalUser",
    named=["Name:string", "Password"],
    switches=["PasswordNeverExpires"],
    mandatory=["Name", "Password"],
)
def new_user(call: CmdletCall) -> Iterator[object]:
    """Make a user, whose password nobody is asked for here."""
    folder, name = machine_of(call).folder, call.text("Name")
    if name.lower() in {known.lower() for known in openssh.users(folder)}:
        call.error(f"User {name} already exists.", category="ResourceExists", error_id="UserExists", target=name)
        return
    openssh.keep_user(folder, name, administrator=False)
    yield PSObject({"Name": name, "Enabled": True}, type_name=_CLASS)


@cmdlet("Add-LocalGroupMember", named=["SID:string", "Member:string"], mandatory=["SID", "Member"])
def add_member(call: CmdletCall) -> None:
    """Make a user an administrator; other groups are not modelled."""
    folder, name = machine_of(call).folder, call.text("Member")
    known = {each.lower(): each for each in openssh.users(folder)}
    if call.text("SID") != _ADMINISTRATORS:
        raise call.fail(f"the group {call.text('SID')} is not modelled", category="InvalidArgument")
    if name.lower() not in known:
        call.error(f"Principal {name} was not found.", category="ObjectNotFound", error_id="PrincipalNotFound")
    elif openssh.users(folder)[known[name.lower()]]:
        said = f"{name} is already a member of group Administrators."
        call.error(said, category="ResourceExists", error_id="MemberExists", target="Administrators")
    else:
        openssh.keep_user(folder, known[name.lower()], administrator=True)


@cmdlet(
    "ConvertTo-SecureString",
    positional=["String:string"],
    switches=["AsPlainText", "Force"],
    mandatory=["String", "AsPlainText"],
)
def secure_string(call: CmdletCall) -> Iterator[object]:
    """Make a text one that is not shown; nothing here reads it."""
    del call
    yield PSObject({}, type_name="System.Security.SecureString")


CMDLETS = catalogue(get_user, new_user, add_member, secure_string)
