"""The hosts that stand behind a cloud's machines: what the clouds' own scripts and user data make of them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lab import cloud_hosts, cloud_init
from lab.metadata_server import MetadataServer
from lab.powershell.interpreter import Interpreter
from lab.powershell.survey import survey
from lab.providers.cloud_machines import NewMachine
from lab.windows import firewall, openssh
from lab.windows.folder import HostFolder
from lab.windows.powershell_host import PowerShellHost
from lab.windows.services import EXISTS, ServiceError, Services
from plan.first_boot import Publication, linux_with_mtu, open_ssh
from tests.unit.example_site import host_key

BOOT_SCRIPTS = Path(__file__).resolve().parents[2] / "scripts/boot"
DEBIAN = "debian-cloud/debian-12-bookworm-v20251014"


class KeptServices(Services):
    """The service manager of a host that is not switched on: a table."""

    def __init__(self, folder: HostFolder) -> None:
        super().__init__(folder)
        self.table: dict[str, dict[str, str]] = {}

    def _ask(self, *words: str) -> list[str]:
        verb, name, *rest = (*words, "")
        if verb == "list":
            return [self._line(each) for each in self.table]
        if verb == "create":
            if name in self.table:
                raise ServiceError(EXISTS)
            self.table[name] = {"display": rest[0], "binary": rest[1], "start": "3", "state": "1"}
        if name not in self.table:
            raise ServiceError(1060)
        if verb in ("start", "stop"):
            self.table[name]["state"] = "4" if verb == "start" else "1"
        return [self._line(name)]

    def _line(self, name: str) -> str:
        fields = {"name": name, "account": "", "pid": "1", "exit": "0", "depends": "", **self.table[name]}
        return "\t".join(f"{key}={value}" for key, value in fields.items())


class Windows:
    def __init__(self, folder: HostFolder, release: str) -> None:
        self.folder = folder
        self.powershell = PowerShellHost(folder, release)
        self.services = self.powershell.services = KeptServices(folder)

    def open(self, published: Publication) -> tuple[int, str, str]:
        """Run what a cloud runs, and return exit code, output and errors."""
        script = self.folder.path("C:/boot.ps1")
        script.write_text(open_ssh("casement", host_key(), published=published), encoding="utf-8-sig")
        out, err = list[str](), list[str]()
        code = Interpreter(self.powershell).run_file(r"C:\boot.ps1", [], "", out.append, err.append)
        return code, "".join(out).strip(), "".join(err)


@pytest.fixture(params=["2022", "2025"])
def windows(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Windows:
    folder = HostFolder(tmp_path)
    folder.path("C:/ProgramData").mkdir(parents=True)
    openssh.come_from_image(folder, request.param)
    monkeypatch.setattr(firewall, "keep", lambda _folder, rules: folder.write("firewall", rules))
    made = Windows(folder, request.param)
    if openssh.is_installed(folder):
        made.services.create(openssh.SERVICE, "", openssh.PROGRAM, "demand", ())
    return made


def test_a_host_from_an_image_is_closed_until_the_boot_script_has_run_and_takes_the_key_only(windows: Windows) -> None:
    folder = windows.folder
    assert "22" not in firewall.ruleset(firewall.rules(folder))
    assert openssh.authorized_keys(folder, "Administrator") is None
    server = MetadataServer("127.0.0.1")
    url = f"http://127.0.0.1:{server.port}/computeMetadata/v1/instance/guest-attributes/hostkeys"
    code, printed, wrong = windows.open(Publication(url, "Metadata-Flavor: Google"))
    assert (code, wrong) == (0, "")
    assert openssh.host_key(folder).with_suffix(".pub").read_text().startswith(f"{printed} ")
    assert server.attribute("127.0.0.1", "hostkeys/ssh-ed25519") == printed.split()[1]
    keys = openssh.authorized_keys(folder, "casement")
    assert keys is not None
    assert keys.read_text().split("\n")[0].strip() == host_key()
    assert openssh.authorized_keys(folder, "nobody") is None
    assert not openssh.takes_passwords(folder)
    assert "tcp dport { 22 } accept" in firewall.ruleset(firewall.rules(folder))
    assert windows.services.get("sshd").state == "Running"


def test_a_key_file_that_others_have_rights_on_lets_nobody_in_and_passwords_are_asked_for_as_configured(
    windows: Windows,
) -> None:
    server = MetadataServer("127.0.0.1")
    url = f"http://127.0.0.1:{server.port}/elsewhere"
    code, _, wrong = windows.open(Publication(url, "Metadata-Flavor: Google"))
    assert code == 1
    assert "(404)" in wrong
    keys = openssh.authorized_keys(windows.folder, "casement")
    assert keys is not None
    keys.chmod(0o644)
    assert openssh.authorized_keys(windows.folder, "casement") is None
    windows.folder.path("C:/ProgramData/ssh/sshd_config").write_text("#PasswordAuthentication no\n")
    assert openssh.takes_passwords(windows.folder)


def test_the_lab_knows_all_that_a_boot_script_names(windows: Windows) -> None:
    assert survey(BOOT_SCRIPTS.glob("*.ps1"), windows.powershell.cmdlets, windows.powershell.statics) == []


def test_user_data_become_files_and_commands_of_the_first_boot_and_netplan_sets_the_mtu(tmp_path: Path) -> None:
    root = tmp_path / "root"
    cloud_init.take_user_data(root, linux_with_mtu(1400))
    assert (root / "etc/netplan/60-casement.yaml").stat().st_mode & 0o777 == 0o600
    assert "netplan apply" in (root / "var/lib/cloud/instance/scripts/runcmd").read_text().splitlines()
    assert (root / "etc/systemd/system/multi-user.target.wants/cloud-final.service").is_symlink()
    program = (root / "usr/sbin/netplan").read_text().replace("/etc/netplan", str(root / "etc/netplan"))
    (tmp_path / "ip").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    (tmp_path / "ip").chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", program, "netplan", "apply"], env=path, check=True)
    assert (tmp_path / "asked").read_text().splitlines() == ["link set dev eth0 mtu 1400"]


def test_user_data_that_ask_for_more_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="packages are not modelled"):
        cloud_init.take_user_data(tmp_path, "#cloud-config\npackages: [curl]\n")


def test_a_host_has_the_release_of_its_image_and_other_images_are_refused() -> None:
    machine = NewMachine("m", "linux", DEBIAN, "10.77.0.11", "casement", "", "")
    assert cloud_hosts.release(machine) == ""
    for image, release in (
        ("windows-cloud/windows-server-2022-dc-core-v20251014", "2022"),
        ("MicrosoftWindowsServer:WindowsServer:2025-datacenter-core-g2:26100.6899.251011", "2025"),
    ):
        assert cloud_hosts.release(replace(machine, os="windows", image=image)) == release
    for other in (
        replace(machine, image="ubuntu-os-cloud/ubuntu-2404-noble-amd64-v20251014"),
        replace(machine, os="windows"),
    ):
        with pytest.raises(RuntimeError, match="no host of the lab"):
            cloud_hosts.release(other)


def test_metadata_servers_stand_beside_each_other() -> None:
    first, second = MetadataServer("127.0.0.1"), MetadataServer("127.0.0.1")
    assert first.port != second.port
