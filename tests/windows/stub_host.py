r"""A host made of stubs: a folder for its drives, tables for all else, and what a script has changed of both.

Limits, for whoever reads a result: the stubs know what the scripts use, and what Windows does beyond that is not seen
here. Paths are compared with case, and slashes like backslashes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.windows import stub_programs
from tests.windows.stub_drive import CONTROL, Drive, Row, service

REPOSITORY = Path(__file__).resolve().parents[2]
BOOT = REPOSITORY / "scripts/boot"
BOOT_FOLDER = r"C:\k\casement\windows\boot"
"""Where the stubs have them; a cloud hands them to the machine in its own ways."""
STUBS = Path(__file__).parent / "stubs"
VARIABLES = {"COMPUTERNAME": "WIN1", "NUMBER_OF_PROCESSORS": "4"}
SLEEPS = 300
"""How often a script may sleep before it is ended."""
_VOLATILE = ("stub", r"k\casement\windows", r"k\casement\log", "k\\casement\\collected\\")
_OWN = r"k\casement"
"""Our own folder; empty folders in it say nothing."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def first_state() -> dict[str, list[Row]]:
    """Return the tables of a Windows Server 2022 as it comes, with one adapter."""
    system = {
        "Name": "system", "ClassName": "Win32_OperatingSystem", "Caption": "Microsoft Windows Server 2022 Standard",
        "BuildNumber": "20348", "Version": "10.0.20348", "ProductType": 3, "TotalVisibleMemorySize": 8388608,
        "LastBootUpTime": "2026-01-02 03:00:00", "CSName": "WIN1",
    }  # fmt: skip
    disk = {
        "Name": "C:", "ClassName": "Win32_LogicalDisk", "DeviceID": "C:", "FreeSpace": 64424509440,
        "Size": 107374182400, "FileSystem": "NTFS", "DriveType": 3,
    }  # fmt: skip
    adapter = {
        "Name": "Ethernet", "InterfaceAlias": "Ethernet", "InterfaceIndex": 4, "Status": "Up",
        "MacAddress": "00-15-5D-00-00-01", "Dhcp": "Disabled", "NlMtu": 1500, "InterfaceMetric": 15,
        "ConnectionSpecificSuffix": "example.org", "ChecksumOffload": "RxTxEnabled", "ServerAddresses": ["10.77.0.1"],
    }  # fmt: skip
    address = {
        "Name": "10.77.0.21", "IPAddress": "10.77.0.21", "InterfaceAlias": "Ethernet", "InterfaceIndex": 4,
        "PrefixLength": 24,
    }  # fmt: skip
    route = {
        "Name": "0.0.0.0/0 on 4", "DestinationPrefix": "0.0.0.0/0", "InterfaceIndex": 4, "InterfaceAlias": "Ethernet",
        "NextHop": "10.77.0.1", "RouteMetric": 256,
    }  # fmt: skip
    memory = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
    names = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName"
    environment = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    values = (
        (memory, "BootId", "DWord", 7),
        (rf"{names}\ComputerName", "ComputerName", "String", "WIN1"),
        (rf"{names}\ActiveComputerName", "ComputerName", "String", "WIN1"),
        (environment, "Path", "ExpandString", r"%SystemRoot%\system32;%SystemRoot%"),
        (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "UBR", "DWord", 2700),
        (CONTROL, "PreshutdownOrder", "MultiString", ["DeviceInstall", "UsoSvc"]),
    )
    state: dict[str, list[Row]] = {
        "cim": [
            system, disk,
            {"Name": "KB5", "ClassName": "Win32_QuickFixEngineering", "HotFixID": "KB5"},
            {"Name": "pagefile", "ClassName": "Win32_PageFileUsage", "AllocatedBaseSize": 1024},
            {"Name": "System", "ClassName": "Win32_Process", "ProcessId": 4, "ParentProcessId": 0},
        ],
        "registry": [
            {"Name": f"{key}|{name}", "Key": key, "Value": name, "Kind": kind, "Data": data}
            for key, name, kind, data in values
        ],
        "services": [service(name, f"{name}.exe", state="Running") for name in ("w32time", "WinDefend", "hns")],
        "features": [{"Name": "Containers", "InstallState": "Available"}],
        "ports": [{"Name": "tcp", "Start": "49152", "Count": "16384"}],
        "users": [{"Name": "Administrator", "Administrator": True}],
        "adapters": [adapter], "addresses": [address], "routes": [route],
    }  # fmt: skip
    empty = (
        "acl", "certificates", "defender", "firewall", "hnsEndpoints", "hnsNetworks", "hnsPolicies", "images",
        "annotations", "pods", "processes", "published", "restarts", "tasks",
    )  # fmt: skip
    return state | {table: [] for table in empty}


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    code: int
    out: str
    err: str


class StubMachine(Drive):
    """A host in a folder."""

    @staticmethod
    def fresh(root: Path) -> StubMachine:
        """Return a new one in an empty folder, with our scripts uploaded."""
        machine = StubMachine(root)
        shutil.copytree(STUBS, machine.path(r"C:\stub"))
        machine.save(first_state())
        for folder in (r"C:\Program Files", r"C:\ProgramData", r"C:\k"):
            machine.write(rf"{folder}\kept.txt", "of others")
        _upload(machine)
        (root / "bin").mkdir()
        for name in stub_programs.ON_THE_PATH:
            (root / "bin" / name).write_text(stub_programs.program_text(name))
            (root / "bin" / name).chmod(0o755)
        return machine

    def copy(self, root: Path) -> StubMachine:
        """Return another host that is as this one is."""
        shutil.copytree(self.root, root)
        return StubMachine(root)

    def snapshot(self) -> dict[str, Any]:
        """Return all that scripts may change: every field of every row, every file, every empty folder."""
        found: dict[str, Any] = {}
        for table, rows in self.state().items():
            for row in rows:
                # Rights go with what they are on.
                if table == "acl" and not self.path(row["Name"]).exists():
                    continue
                found[f"{table} {row['Name']}"] = {k: plain(v) for k, v in row.items() if k != "Name"}
        drive = self.root / "C"
        for path in drive.rglob("*"):
            name = re.sub(r"\.old-\d+$", ".old", str(path.relative_to(drive)).replace("/", "\\"))
            if name.startswith(_VOLATILE):
                continue
            if path.is_file():
                text = _TIME.sub("TIME", path.read_text(encoding="utf-8"))
                found[f"file C:\\{name}"] = plain(text)
            elif not any(path.iterdir()) and not name.startswith(_OWN):
                found[f"folder C:\\{name}"] = ""
        return found


def plain(value: Any) -> Any:
    """Return a value of a row with all paths written alike, and without lists of one."""
    if isinstance(value, str):
        return value.replace("\\\\", "/").replace("\\", "/")
    if isinstance(value, list):
        return [plain(each) for each in value]
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what was added (+), taken away (-) and changed (~, with the new value), sorted."""
    lines = [f"- {name}" for name in before.keys() - after.keys()]
    lines += [f"+ {name}" for name in after.keys() - before.keys()]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        if isinstance(new, dict):
            fields = sorted(key for key in new.keys() | old.keys() if new.get(key) != old.get(key))
            lines += [f"~ {name} {field}={new.get(field)}" for field in fields]
        elif old != new:
            lines.append(f"~ {name}")
    return sorted(lines)


def _upload(machine: Drive) -> None:
    """Lay our scripts out where they are uploaded to."""
    source = REPOSITORY / "scripts/windows"
    shutil.copytree(source, machine.path(r"C:\k\casement\windows"))
    for path in BOOT.glob("*.ps1"):
        machine.write(rf"{BOOT_FOLDER}\{path.name}", path.read_text())
