"""Get-WindowsFeature and its family (see lab/windows/features.py), and Add-WindowsCapability for OpenSSH."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows import features, firewall, openssh
from lab.windows.cmdlets.machine_of import machine_of, texts


def _unknown(call: CmdletCall, name: str) -> None:
    call.error(
        f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. The name was not found.",
        category="InvalidArgument", error_id="NameDoesNotExist", target=name,
    )  # fmt: skip


@cmdlet("Get-WindowsFeature", positional=["Name:string[]"])
def get_windows_feature(call: CmdletCall) -> Iterator[object]:
    """Get features by name, or all; a name that Windows does not have gives nothing."""
    states = features.states(machine_of(call).folder)
    wanted = [features.find(name) for name in texts(call.get("Name"))] if call.given("Name") else list(states)
    for name in wanted:
        if name is not None:
            working = states[name] in ("Installed", "UninstallPending")
            yield PSObject({"Name": name, "DisplayName": name, "InstallState": states[name], "Installed": working})


def _change(call: CmdletCall, wanted: str) -> Iterator[object]:
    machine, restart = machine_of(call), False
    for text in texts(call.get("Name")):
        name = features.find(text)
        if name is None:
            _unknown(call, text)
            return
        restart = features.change(machine.folder, name, wanted) or restart
    needed, code = ("Yes", "SuccessRestartRequired") if restart else ("No", "Success")
    yield PSObject({"Success": True, "RestartNeeded": needed, "ExitCode": code, "FeatureResult": []})


@cmdlet("Install-WindowsFeature", positional=["Name:string[]"], mandatory=["Name"])
def install_windows_feature(call: CmdletCall) -> Iterator[object]:
    """Ask for features; they come with the next restart."""
    return _change(call, features.INSTALLED)


@cmdlet("Uninstall-WindowsFeature", positional=["Name:string[]"], mandatory=["Name"])
def uninstall_windows_feature(call: CmdletCall) -> Iterator[object]:
    """Take features away; they go with the next restart."""
    return _change(call, features.AVAILABLE)


@cmdlet("Add-WindowsCapability", named=["Name:string"], switches=["Online"], mandatory=["Name", "Online"])
def add_windows_capability(call: CmdletCall) -> Iterator[object]:
    """Add the OpenSSH server, which Windows would fetch from Windows Update; others are not modelled."""
    machine = machine_of(call)
    if call.text("Name").lower() != openssh.CAPABILITY.lower() or not openssh.is_of_image(machine.folder):
        raise call.fail("Add-WindowsCapability failed. Error code = 0x800f0950", category="NotSpecified")
    if machine.services.find(openssh.SERVICE) is None:
        machine.services.create(openssh.SERVICE, "OpenSSH SSH Server", openssh.PROGRAM, "demand", ())
        rules = firewall.rules(machine.folder)
        firewall.keep(machine.folder, {openssh.RULE["Name"].lower(): openssh.RULE} | rules)
        openssh.note_installed(machine.folder)
    yield PSObject({"Path": "", "Online": True, "RestartNeeded": False})


CMDLETS = catalogue(get_windows_feature, install_windows_feature, uninstall_windows_feature, add_windows_capability)
