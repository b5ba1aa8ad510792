"""A host made of stubs under real PowerShell, on Linux or macOS.

Drive C: is a drive of PowerShell there, so that paths that a script builds may have slashes, and .NET's file calls are
turned (stubs/Start-Pwsh.ps1). Windows PowerShell itself cannot be used: nothing would keep a script from the real C:.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.windows.stub_host import REPOSITORY, STUBS, VARIABLES, Ran, StubMachine

_NET_FILE = re.compile(r"\[System\.IO\.File\]::(\w+)")
_NET_SOCKETS = re.compile(r"System\.Net\.Sockets\.((?:Tcp|Udp)Client)\b")
_NET_PATHS = re.compile(r"\[System\.IO\.(?!File\]|IOException\])\w+\]::\w+")
_TURNED = set(re.findall(r"public static [\w\[\]]+ (\w+)\(", (STUBS / "Start-Pwsh.ps1").read_text()))
LIMIT = 120
"""Seconds after which a PowerShell is ended."""


def turned(text: str, name: str) -> str:
    """Return a script's text for real PowerShell on Linux: .NET's file calls know nothing of its drives.

    Raises ValueError for a call that stubs/Start-Pwsh.ps1 has no counterpart of.
    """
    missing = [f"File::{each}" for each in _NET_FILE.findall(text) if each not in _TURNED] + _NET_PATHS.findall(text)
    if missing:
        raise ValueError(f"{name}: {', '.join(missing)} has no counterpart in stubs/Start-Pwsh.ps1")
    return _NET_SOCKETS.sub(r"Casement.Stub.\1", _NET_FILE.sub(r"[Casement.Stub.File]::\1", text))


def turn(machine: StubMachine) -> None:
    """Turn every script of ours that is on the host."""
    for path in (*machine.path(r"C:\k").rglob("*.ps1"), *machine.path(r"C:\k").rglob("*.psm1")):
        path.write_text(turned(path.read_text(), path.name))


def run_pwsh(program: str, machine: StubMachine, script: str, sleeps: int) -> Ran:
    """Run a script, by its path, in real PowerShell."""
    own = {
        "STUB_ROOT": str(machine.root), "STUB_PYTHON": sys.executable, "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{machine.root / 'bin'}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1",
        "POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off",
    }  # fmt: skip
    start = [program, "-NoProfile", "-NonInteractive", "-File", str(machine.path(r"C:\stub\Start-Pwsh.ps1"))]
    done = subprocess.run(
        [*start, "-Root", str(machine.root), "-Path", script, "-SleepLimit", str(sleeps)],
        env={**os.environ, **VARIABLES, **own}, cwd=machine.root, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
