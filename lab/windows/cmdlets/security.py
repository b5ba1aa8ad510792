"""Get-Acl, Set-Acl, and Add-Type for the one type that the project adds."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.errors import Unsupported
from lab.powershell.values import NOTHING, PSObject
from lab.windows.cmdlets.machine_of import machine_of
from lab.windows.types import HNS_SOURCE, HNS_TYPE, source_digest

_ADMINISTRATORS_ONLY = "O:BAD:PAI(A;;FA;;;BA)(A;;FA;;;SY)"


@cmdlet("Get-Acl", positional=["Path:string"], mandatory=["Path"])
def get_acl(call: CmdletCall) -> Iterator[object]:
    """Tell whether a file or folder inherits its access rules; the object takes others, for Set-Acl."""
    path = machine_of(call).path(call.text("Path"))
    if not path.exists():
        call.error(
            f"Cannot find path '{call.text('Path')}' because it does not exist.", category="ObjectNotFound",
            error_id="GetAcl_PathNotFound_Exception", exception="System.Management.Automation.ItemNotFoundException",
        )  # fmt: skip
        return
    protected = path.stat().st_mode & 0o007 == 0
    kind = "DirectorySecurity" if path.is_dir() else "FileSecurity"
    found = PSObject(
        {"Path": call.text("Path"), "AreAccessRulesProtected": protected, "Sddl": ""},
        type_name=f"System.Security.AccessControl.{kind}",
    )

    def set_form(text: object) -> object:
        found.properties["Sddl"] = str(text)
        return NOTHING

    found.methods["setsecuritydescriptorsddlform"] = set_form
    yield found


@cmdlet("Set-Acl", positional=["Path:string", "AclObject"], mandatory=["Path", "AclObject"])
def set_acl(call: CmdletCall) -> None:
    """Give a file to administrators and SYSTEM alone; other rights are not modelled."""
    rights = call.get("AclObject")
    if not isinstance(rights, PSObject) or rights.properties.get("Sddl") != _ADMINISTRATORS_ONLY:
        raise call.fail("these access rules are not modelled", category="InvalidArgument")
    path = machine_of(call).path(call.text("Path"))
    path.chmod(0o700 if path.is_dir() else 0o600)


@cmdlet("Add-Type", named=["TypeDefinition:string"], mandatory=["TypeDefinition"])
def add_type(call: CmdletCall) -> None:
    """Add the type Casement.Hns. Raises Unsupported for a source that this model does not know by its hash."""
    found = source_digest(call.text("TypeDefinition"))
    if found != HNS_SOURCE:
        raise Unsupported(f"a C# source with digest {found}: lab/windows/types.py models the one of {HNS_SOURCE}")
    machine_of(call).added_types.add(HNS_TYPE)


CMDLETS = catalogue(get_acl, set_acl, add_type)
