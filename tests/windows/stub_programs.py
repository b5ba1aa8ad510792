r"""Stand-ins for the programs that the Windows scripts run, over the state that the stubs of cmdlets share.

Each does what the scripts rely on and no more: the files, services and rows that the real program leaves, its answers,
its exit codes. Run by name in this process for the interpreter, and as ``python -m tests.windows.stub_programs NAME
ARGUMENTS`` for real PowerShell, whose programs are two-line shell scripts (`program_text`) at the places where Windows
has them. To add one: write a function, and name it in `ON_THE_PATH` or
stub_node_programs.py.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.windows import stub_node_programs
from tests.windows.stub_drive import DONE, Drive, Reply, after


def program_text(name: str, about: str = "") -> str:
    """Return the text of a program's file: what is downloaded, unpacked and started."""
    return f'#!/bin/sh\n# {about or name}\nexec "$STUB_PYTHON" -m tests.windows.stub_programs {name} "$@"\n'


def _curl(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    drive.write(after(arguments, "--output"), content(arguments[-1]))
    return DONE


def content(url: str) -> str:
    """Return what any address holds."""
    leaf = url.rpartition("/")[2]
    return program_text(leaf if leaf.endswith(".exe") else leaf.partition("-")[0] + ".exe", url)


MEMBERS = {
    "docker": ("docker.exe", "dockerd.exe"),
    "cri-dockerd": ("cri-dockerd.exe",),
    "containerd": ("containerd.exe", "ctr.exe", "containerd-shim-runhcs-v1.exe"),
    "crictl": ("crictl.exe",),
    "cni-plugins": ("win-overlay.exe", "win-bridge.exe", "host-local.exe", "flannel.exe"),
}
"""What archives hold, by how their names begin."""


def _tar(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if arguments[0] == "-czf":
        packed = drive.path(after(arguments, "-C"))
        names = sorted(str(path.relative_to(packed)) for path in packed.rglob("*"))
        drive.write(arguments[1], "\n".join(names))
        return (0, "", "") if names else (1, "", "tar.exe: nothing to pack")
    source = drive.path(after(arguments, "-xf")).read_text()
    leaf = source.splitlines()[1].rpartition("/")[2]
    for name in next(names for start, names in MEMBERS.items() if leaf.startswith(start)):
        drive.write(f"{after(arguments, '-C')}\\bin\\{name}", program_text(name))
    return DONE


def _icacls(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if not drive.path(arguments[0]).exists():
        return 2, "", f"{arguments[0]}: The system cannot find the file specified."
    drive.put("acl", {"Name": arguments[0].replace("/", "\\"), "Rights": list(arguments[1:])})
    return DONE


def _sc(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    action, name, *rest = arguments
    row = drive.row("services", name)
    if row is None:
        return 1060, "", "The specified service does not exist as an installed service."
    if action == "delete":
        drive.drop("services", row["Name"])
        key = rf"HKLM\SYSTEM\CurrentControlSet\Services\{row['Name']}|"
        for value in [each["Name"] for each in drive.rows("registry") if each["Name"].startswith(key)]:
            drive.drop("registry", value)
        return DONE
    if action == "failure":
        drive.put("services", {**row, "Recovery": " ".join(rest)})
        return DONE
    return 1639, "", f"sc.exe {action} is not one of the stubs"


def _certutil(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    action, _store, name = [word for word in arguments if word != "-f"]
    if action == "-addstore":
        drive.put("certificates", {"Name": name.replace("/", "\\").rpartition("\\")[2].removesuffix(".cer")})
        return DONE
    if not drive.row("certificates", name):
        return 1, "CertUtil: -store command FAILED: 0x80092004", ""
    if action == "-delstore":
        drive.drop("certificates", name)
    return DONE


def _netsh(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    words = list(arguments)
    if words[2:4] == ["show", "dynamicportrange"]:
        row = drive.rows("ports")[0]
        return 0, f"Start Port      : {row['Start']}\nNumber of Ports : {row['Count']}", ""
    if words[2:4] == ["set", "dynamicportrange"]:
        given = dict(word.split("=") for word in words[4:])
        drive.put("ports", {"Name": given["protocol"], "Start": given["startport"], "Count": given["numberofports"]})
    return DONE


def _shutdown(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if drive.row("restarts", "planned"):
        return 1190, "", "A system shutdown has already been scheduled."
    drive.put("restarts", {"Name": "planned", "Arguments": list(arguments)})
    return DONE


def _hns(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    method, path, _body = arguments
    kind, _, identity = path.strip("/").partition("/")
    table = {"networks": "hnsNetworks", "endpoints": "hnsEndpoints", "policylists": "hnsPolicies"}[kind.lower()]
    if method == "GET":
        return 0, json.dumps({"Success": True, "Output": drive.rows(table)}), ""
    for row in drive.rows(table):
        if row["ID"] == identity:
            drive.drop(table, row["Name"])
            return 0, json.dumps({"Success": True}), ""
    return 0, json.dumps({"Success": False, "Error": "Element not found."}), ""


ON_THE_PATH: dict[str, Callable[[Drive, Sequence[str], str], Reply]] = {
    "curl.exe": _curl, "tar.exe": _tar, "icacls.exe": _icacls, "sc.exe": _sc, "netsh.exe": _netsh,
    "certutil.exe": _certutil, "shutdown.exe": _shutdown,
    "w32tm.exe": lambda _drive, _arguments, _stdin: (0, "time.example.org", ""), "hns": _hns,
}  # fmt: skip
"""Programs of Windows itself; ``hns`` stands for the library behind [Casement.Hns]."""
PROGRAMS = {**ON_THE_PATH, **stub_node_programs.PROGRAMS}


def run(drive: Drive, name: str, arguments: Sequence[str], stdin: str) -> Reply:
    """Run a program by the last part of its path."""
    return PROGRAMS[name](drive, arguments, stdin)


def main() -> int:
    """Run one as a process; standard input is read only by the one program that is given any."""
    name, *arguments = sys.argv[1:]
    stdin = sys.stdin.read() if name == "host-local.exe" else ""
    code, out, err = run(Drive(Path(os.environ["STUB_ROOT"])), name, arguments, stdin)
    # A process of Linux ends with eight bits of it: Start-Pwsh.ps1 reads the rest here.
    (Path(os.environ["STUB_ROOT"]) / "bin" / "exit-code").write_text(str(code))
    sys.stdout.write(f"{out}\n" if out else "")
    sys.stderr.write(f"{err}\n" if err else "")
    return code


if __name__ == "__main__":
    sys.exit(main())
