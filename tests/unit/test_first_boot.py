"""What a cloud runs on a new machine, and an administrator on an own one, in the PowerShell interpreter on models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.host import Cmdlet, StaticType
from lab.powershell.values import PSObject
from plan.first_boot import Publication, host_key_in, linux_with_mtu, open_ssh
from plan.kubeconfig import reached_at
from tests.unit.documentation import PAGES
from tests.unit.example_site import host_key
from tests.unit.powershell_machine import Machine, Ran, command, make_machine

FOLDER = r"C:\ProgramData\ssh"
KEYS = rf"{FOLDER}\administrators_authorized_keys"
URL = "http://169.254.169.254/computeMetadata/v1/instance/guest-attributes/hostkeys"


@dataclass
class Windows:
    """A new machine; what was done to it in the order it was done."""

    machine: Machine
    users: dict[str, bool] = field(default_factory=lambda: {"Administrator": True})
    """Whether each is an administrator."""
    services: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    rights: dict[str, str] = field(default_factory=dict)
    mtu: int = 1460
    published: list[tuple[str, str, object, object]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def open(self, **changes: Any) -> Ran:
        return command(self.machine, open_ssh("casement", host_key(), **changes))

    def read(self, path: str) -> list[str]:
        return self.machine.path(path).read_text().splitlines()

    def started(self) -> None:
        """Do what sshd does at its first start."""
        folder = self.machine.path(FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "sshd_config").exists():
            (folder / "sshd_config").write_text("#PasswordAuthentication yes\r\nSubsystem sftp sftp-server.exe\r\n")
            (folder / "ssh_host_ed25519_key.pub").write_text(f"{host_key()} system@win1\r\n")


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    machine = make_machine(tmp_path)
    made = Windows(machine)
    machine.cmdlets = {**_accounts(made), **_services(made), **_network(made)}
    generator = PSObject({}, methods={"GetBytes": lambda _bytes: None})
    machine.statics = {"System.Security.Cryptography.RandomNumberGenerator": StaticType(
        "System.Security.Cryptography.RandomNumberGenerator", {"Create": lambda: generator}
    )}  # fmt: skip
    return made


def _accounts(windows: Windows) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-LocalUser")
    def get_user(_call: CmdletCall) -> Iterator[object]:
        yield from (PSObject({"Name": name}) for name in windows.users)

    @cmdlet("New-LocalUser", named=["Name:string", "Password"], switches=["PasswordNeverExpires"])
    def new_user(call: CmdletCall) -> None:
        windows.users[call.text("Name")] = False

    @cmdlet("Add-LocalGroupMember", named=["SID:string", "Member:string"])
    def add_member(call: CmdletCall) -> None:
        assert call.text("SID") == "S-1-5-32-544"
        if windows.users[call.text("Member")]:
            call.error("is a member already", error_id="MemberExists")
        windows.users[call.text("Member")] = True

    @cmdlet("ConvertTo-SecureString", named=["String:string"], switches=["AsPlainText", "Force"])
    def secure(call: CmdletCall) -> Iterator[object]:
        assert call.text("String").endswith("aA1!")
        yield PSObject({})

    @cmdlet("Get-Acl", named=["Path:string"])
    def get_acl(call: CmdletCall) -> Iterator[object]:
        path = call.text("Path")
        yield PSObject({}, methods={"SetSecurityDescriptorSddlForm": lambda text: windows.rights.update({path: text})})

    @cmdlet("Set-Acl", named=["Path:string", "AclObject"])
    def set_acl(call: CmdletCall) -> None:
        windows.done.append(f"rights on {call.text('Path')}")

    return catalogue(get_user, new_user, add_member, secure, get_acl, set_acl)


def _services(windows: Windows) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-Service", named=["Name:string"])
    def get_service(call: CmdletCall) -> Iterator[object]:
        if call.text("Name") in windows.services:
            yield PSObject({"Name": call.text("Name")})

    @cmdlet("Add-WindowsCapability", named=["Name:string"], switches=["Online"])
    def add_capability(call: CmdletCall) -> None:
        windows.done.append(call.text("Name"))
        windows.services["sshd"] = "Manual"

    @cmdlet("Set-Service", positional=["Name:string"], named=["StartupType:string"])
    def set_service(call: CmdletCall) -> None:
        windows.services[call.text("Name")] = call.text("StartupType")

    @cmdlet("Start-Service", positional=["Name:string"])
    def start_service(_call: CmdletCall) -> None:
        windows.started()

    @cmdlet("Restart-Service", named=["Name:string"])
    def restart_service(call: CmdletCall) -> None:
        windows.done.append(f"restarted {call.text('Name')}")

    return catalogue(get_service, add_capability, set_service, start_service, restart_service)


def _network(windows: Windows) -> Mapping[str, Cmdlet]:
    fields = ("Name", "DisplayName", "Direction", "Protocol", "LocalPort", "Action", "Profile", "Enabled")
    named = [f"{name}:string" for name in fields]

    @cmdlet("Get-NetFirewallRule", named=["Name:string"])
    def get_rule(call: CmdletCall) -> Iterator[object]:
        if call.text("Name") in windows.rules:
            yield PSObject(dict(windows.rules[call.text("Name")]))

    def change(call: CmdletCall) -> None:
        said = {name: call.text(name) for name in fields if call.given(name)}
        windows.rules[call.text("Name")] = {**windows.rules.get(call.text("Name"), {}), **said}
        windows.done.append("opened")

    @cmdlet("Get-NetIPInterface", named=["AddressFamily:string"])
    def get_interface(_call: CmdletCall) -> Iterator[object]:
        yield PSObject({"InterfaceAlias": "Ethernet", "InterfaceIndex": 4, "NlMtu": windows.mtu})
        yield PSObject({"InterfaceAlias": "Loopback Pseudo-Interface 1", "InterfaceIndex": 1, "NlMtu": 4294967295})

    @cmdlet("Set-NetIPInterface", named=["InterfaceIndex", "AddressFamily:string", "NlMtuBytes:int"])
    def set_interface(call: CmdletCall) -> None:
        assert call.get("InterfaceIndex") == 4
        windows.mtu = int(str(call.get("NlMtuBytes")))

    @cmdlet("Invoke-RestMethod", named=["Method:string", "Uri:string", "Headers", "Body:string", "TimeoutSec:int"])
    def rest(call: CmdletCall) -> None:
        windows.published.append((call.text("Method"), call.text("Uri"), call.text("Body"), call.get("Headers")))

    return catalogue(
        get_rule,
        cmdlet("New-NetFirewallRule", named=named)(change),
        cmdlet("Set-NetFirewallRule", named=named)(change),
        get_interface,
        set_interface,
        rest,
    )


def test_a_new_machine_lets_its_administrator_in_by_key_only_and_tells_its_host_key(windows: Windows) -> None:
    ran = windows.open()
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [host_key()]
    assert windows.users["casement"] is True
    assert windows.services == {"sshd": "Automatic"}
    assert windows.read(KEYS) == [host_key()]
    assert windows.rights == {KEYS: "O:BAD:PAI(A;;FA;;;BA)(A;;FA;;;SY)"}
    assert windows.read(rf"{FOLDER}\sshd_config")[0] == "PasswordAuthentication no"
    rule = windows.rules["OpenSSH-Server-In-TCP"]
    assert (rule["Profile"], rule["LocalPort"], rule["Action"]) == ("Any", "22", "Allow")
    assert windows.done[0] == "OpenSSH.Server~~~~0.0.1.0"
    assert windows.done.index("restarted sshd") < windows.done.index("opened"), "nobody gets in with a password"
    assert (windows.mtu, windows.published) == (1460, [])


def test_at_the_next_boot_nothing_is_done_twice(windows: Windows) -> None:
    windows.open()
    windows.machine.path(KEYS).write_text(f"{host_key()}\r\nssh-ed25519 another\r\n")
    windows.done.clear()
    ran = windows.open()
    assert (ran.code, ran.lines) == (0, [host_key()])
    assert windows.read(KEYS) == [host_key(), "ssh-ed25519 another"]
    assert windows.read(rf"{FOLDER}\sshd_config").count("PasswordAuthentication no") == 1
    assert "restarted sshd" not in windows.done
    assert "OpenSSH.Server~~~~0.0.1.0" not in windows.done


def test_server_2025_brings_ssh_with_a_rule_for_private_networks_only(windows: Windows) -> None:
    windows.services["sshd"] = "Manual"
    windows.rules["OpenSSH-Server-In-TCP"] = {"Name": "OpenSSH-Server-In-TCP", "Profile": "Private"}
    assert windows.open().code == 0
    assert "OpenSSH.Server~~~~0.0.1.0" not in windows.done
    rule = windows.rules["OpenSSH-Server-In-TCP"]
    assert (rule["Profile"], rule["Enabled"]) == ("Any", "True")


def test_where_it_is_asked_for_the_adapter_gets_an_mtu_and_the_host_key_is_published(windows: Windows) -> None:
    assert windows.open(mtu=1500, published=Publication(URL, "Metadata-Flavor: Google")).code == 0
    assert windows.mtu == 1500
    kind, key = host_key().split()
    ((method, uri, body, headers),) = windows.published
    assert (method, uri, body) == ("Put", f"{URL}/{kind}", key)
    assert headers == {"Metadata-Flavor": "Google"}


def test_what_the_page_shows_lets_an_administrator_in_by_key(windows: Windows) -> None:
    (page,) = (page for page in PAGES if page.path.name == "on-premises.md")
    (text,) = (text for language, text in page.blocks() if language == "powershell" and "Add-WindowsCapability" in text)
    windows.rules["OpenSSH-Server-In-TCP"] = {"Name": "OpenSSH-Server-In-TCP", "Profile": "Private"}
    for program in ("icacls.exe", "ssh-keygen.exe"):
        windows.machine.programs[program] = lambda _arguments, _stdin: (0, b"", b"")
    ran = command(windows.machine, text.replace("ssh-ed25519 AAAA... you@example.com", host_key()))
    assert (ran.code, ran.err) == (0, "")
    assert windows.services == {"sshd": "Automatic"}
    assert windows.read(KEYS) == [host_key()]
    rule = windows.rules["OpenSSH-Server-In-TCP"]
    assert (rule["Profile"], rule["Enabled"]) == ("Any", "True")
    rights, fingerprint = windows.machine.calls
    assert rights[1] == [KEYS, "/inheritance:r", "/grant", "*S-1-5-32-544:F", "/grant", "*S-1-5-18:F"]
    assert fingerprint[1] == ["-lf", rf"{FOLDER}\ssh_host_ed25519_key.pub"]


def test_a_quote_in_a_value_ends_nothing() -> None:
    assert "-User 'it''s'" in open_ssh("it's", host_key())


def test_a_failure_is_one(windows: Windows) -> None:
    del windows.machine.cmdlets["Start-Service"]  # type: ignore[attr-defined]  # a dictionary here
    ran = windows.open()
    assert ran.code == 1
    assert ran.lines == []


def test_the_host_key_is_found_among_other_text() -> None:
    assert host_key_in(f"Enable succeeded:\n[stdout]\n{host_key()} root@cp1\n[stderr]\n") == host_key()


@pytest.mark.parametrize("text", [None, "", "cat: no such file"])
def test_without_a_host_key_nothing_is_trusted(text: str | None) -> None:
    with pytest.raises(ValueError, match="has not told its SSH host key"):
        host_key_in(text)


def test_the_mtu_of_linux_is_laid_over_what_cloud_init_writes() -> None:
    document = yaml.safe_load(linux_with_mtu(1400))
    assert document["write_files"][0]["path"] > "/etc/netplan/50-cloud-init.yaml"
    assert document["runcmd"] == [["netplan", "apply"]]


KUBECONFIG = (
    "clusters:\n- name: c\n  cluster:\n    server: https://10.240.0.10:6443\n    certificate-authority-data: AA\n"
)


def test_the_api_is_reached_from_outside_with_the_certificate_for_its_own_address() -> None:
    (cluster,) = yaml.safe_load(reached_at(KUBECONFIG, "10.240.0.10", "198.51.100.7"))["clusters"]
    assert cluster["cluster"] == {
        "server": "https://198.51.100.7:6443",
        "certificate-authority-data": "AA",
        "tls-server-name": "10.240.0.10",
    }


def test_a_load_balancer_is_reached_as_it_is() -> None:
    other = KUBECONFIG.replace("10.240.0.10", "api.example.com")
    assert yaml.safe_load(reached_at(other, "10.240.0.10", "198.51.100.7")) == yaml.safe_load(other)
