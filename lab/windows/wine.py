"""Running real Windows programs of a host under Wine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from lab.windows.folder import HOME, HostFolder

WINE = "/usr/lib/wine/wine64"
LOADER = ("setarch", "--addr-no-randomize", WINE)
"""What runs a Windows program.

Wine's loader lies below the page that Windows shares with every program (0x7ffe0000), and Linux puts its heap at random
somewhere in the GiB behind it: where they meet, one program in some thousands ends at once, with 1 and without a word.
"""
SERVER = "/usr/lib/wine/wineserver64"
# Wine takes the rest of a program's environment from here; nothing else of this machine's own is let in.
_KEPT = ("LANG", "PATH", "TERM", "CASEMENT_TREE")
# Names that Wine fills in by itself from its registry, or that would change how Wine runs.
_WINE_OWN = frozenset(
    (
        *(
            "path",
            "pathext",
            "temp",
            "tmp",
            "windir",
            "systemroot",
            "systemdrive",
            "username",
            "userprofile",
            "comspec",
        ),
        *("os", "home", "pwd", "computername", "appdata", "localappdata", "programdata", "programfiles", "public"),
        "allusersprofile",
    )
)


def wine_environment(folder: HostFolder, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process of the host; ``variables`` are those a Windows program is to see."""
    made = {name: os.environ[name] for name in _KEPT if name in os.environ}
    made |= {
        "HOME": str(folder.root / "home"),
        "WINEPREFIX": str(folder.prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
        "DISPLAY": "",
    }
    for name, value in (variables or {}).items():
        if name.lower() == "path":
            made["WINEPATH"] = value
        elif name.lower() not in _WINE_OWN and not name.upper().startswith("WINE") and "(" not in name:
            made[name] = value
    return made


def run_windows_program(
    folder: HostFolder,
    program: str,
    arguments: Sequence[str],
    *,
    stdin: bytes | None = None,
    variables: Mapping[str, str] | None = None,
    directory: str = HOME,
) -> tuple[int, bytes, bytes]:
    """Run a Windows program to its end; return its exit code (0 to 255, all that Wine passes on), stdout and stderr.

    ``program`` is a Windows path, or the name of a program of system32. Runs in the namespace of the caller.
    """
    # Files, not pipes: what a program leaves running (Wine's own services, the first time) would hold a pipe open.
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as errors:
        given.write(stdin or b"")
        given.seek(0)
        done = subprocess.run(
            [*LOADER, program, *arguments],
            stdin=given,
            stdout=output,
            stderr=errors,
            check=False,
            cwd=working_directory(folder, directory),
            env=wine_environment(folder, variables),
        )
        output.seek(0)
        errors.seek(0)
        return done.returncode, output.read(), errors.read()


def working_directory(folder: HostFolder, directory: str) -> Path:
    r"""Return where a program is started that asks for this folder; ``C:\\`` when that is not there."""
    # Wine takes the current drive from here: it must lie on C:, or kubeadm.exe writes to another one.
    path = folder.path(directory)
    return path if path.is_dir() else folder.drive_c


def processes_in(folder: HostFolder) -> Iterator[Path]:
    """Yield the folder in ``/proc`` of each process of a host's Wine, as this machine sees them; its server's too."""
    mine = f"WINEPREFIX={folder.prefix}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        variables = b""
        with suppress(OSError):
            variables = (process / "environ").read_bytes()
        if mine in variables.split(b"\0"):
            yield process


def stop_wine(folder: HostFolder) -> None:
    """End every Windows program of the host; the registry is written out first. Quiet when none runs."""
    subprocess.run([SERVER, "-k"], env=wine_environment(folder), capture_output=True, check=False)
    subprocess.run([SERVER, "-w"], env=wine_environment(folder), capture_output=True, check=False, timeout=30)
