"""Step to command line and standard input, for bash and for PowerShell. All quoting of the project is here.

Parameters travel on standard input, never on the command line: values need no quoting for cmd.exe, PowerShell or
sshd, a preview shows them as they are, and a secret takes the same road without showing in a process list.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from config.nodes import Os

from plan.step import Parameter, Step

LINUX_UPLOAD = ".casement"
"""Folder, in the SSH user's home, that scripts are copied into."""
WINDOWS_UPLOAD = "/C:/k/casement"
"""The same on Windows, as its SFTP server spells it."""
_WINDOWS_HOME = r"C:\k\casement"
_POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"
_BASH_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Shell:
    """How one operating system is spoken to over SSH."""

    scripts: str
    """Folder of the project that holds its scripts."""
    upload: str
    """Remote folder the scripts are copied into, as SFTP spells it."""
    make_upload: str
    """Command line that makes that folder."""
    remove_upload: str
    """Command line that removes it, and everything in it."""


SHELLS: Mapping[Os, Shell] = {
    "linux": Shell(
        scripts="scripts/linux",
        upload=LINUX_UPLOAD,
        make_upload=f"mkdir -p -m 700 {LINUX_UPLOAD}",
        remove_upload=f"rm -rf {LINUX_UPLOAD}",
    ),
    "windows": Shell(
        scripts="scripts/windows",
        upload=WINDOWS_UPLOAD,
        # No dollar sign and no inner double quote: the line means the same to cmd.exe and to PowerShell.
        make_upload=f'{_POWERSHELL} -Command "New-Item -ItemType Directory -Force -Path {_WINDOWS_HOME} | Out-Null"',
        remove_upload=(
            f'{_POWERSHELL} -Command "Remove-Item -Recurse -Force -ErrorAction SilentlyContinue -Path {_WINDOWS_HOME};'
            r" if (-not (Get-ChildItem -Force -Path C:\k -ErrorAction SilentlyContinue))"
            r' { Remove-Item -Force -ErrorAction SilentlyContinue -Path C:\k }; exit 0"'
        ),
    ),
}


def command_line(step: Step, os: Os, script: str, revision: str, as_root: bool) -> str:
    """Return the command line that runs one of the step's scripts.

    ``revision`` is not read by anything: it stands in the line so that a changed script is a changed line.
    """
    if os == "windows":
        runner = rf"-File {_WINDOWS_HOME}\windows\Invoke-Step.ps1"
        return f"{_POWERSHELL} {runner} -Script {script} -Revision {revision} -TimeLimitSeconds {step.time_limit}"
    sudo = "" if as_root else "sudo -n "
    return f"{sudo}timeout -k 10 {step.time_limit} bash {LINUX_UPLOAD}/linux/step.sh {script} {revision}"


def bash_input(parameters: Mapping[str, Parameter]) -> str:
    """Return parameters as bash assignments; a tuple becomes an array, a boolean ``true`` or ``false``.

    Raises ValueError for a name that bash would not take as a variable of ours.
    """
    lines = []
    for name, value in parameters.items():
        if not _BASH_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no parameter name for bash: use lower case, digits and underscores")
        lines.append(f"{name}={_bash_value(value)}\n")
    return "".join(lines)


def _bash_value(value: Parameter) -> str:
    if isinstance(value, tuple):
        return "(" + " ".join(shlex.quote(item) for item in value) + ")"
    if isinstance(value, bool):
        return "true" if value else "false"
    return shlex.quote(str(value))


def powershell_input(parameters: Mapping[str, Parameter]) -> str:
    """Return parameters as one JSON object, which Invoke-Step.ps1 turns into named parameters."""
    return json.dumps(dict(parameters), indent=1, ensure_ascii=True) + "\n"


def standard_input(parameters: Mapping[str, Parameter], os: Os) -> str:
    """Return what a script of this operating system reads its parameters from."""
    return powershell_input(parameters) if os == "windows" else bash_input(parameters)
