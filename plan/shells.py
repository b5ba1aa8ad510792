"""Step to command line and standard input, for bash and for PowerShell. All quoting of the project is here.

Parameters travel on standard input, never on the command line: values need no quoting for cmd.exe, PowerShell or
sshd, a preview shows them as they are, and a secret takes the same road without showing in a process list.
"""

from __future__ import annotations

import hashlib
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
_WINDOWS_ROOT = r"C:\k"
_POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"
_RAN = re.compile(
    r"step\.sh (?P<sh>\S+) \S+ (?P<sh_step>\S+) \d+"
    r"|Invoke-Step\.ps1 -Script (?P<ps1>\S+) -Step (?P<ps1_step>\S+)"
)
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


def _remove_if_empty(folder: str) -> str:
    quiet = "-Force -ErrorAction SilentlyContinue"
    return f"if (-not (Get-ChildItem {quiet} -Path {folder})) {{ Remove-Item {quiet} -Path {folder} }}"


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
        # What was put away for its owner, when a node that was built by hand was taken over, stays.
        remove_upload=(
            rf'{_POWERSHELL} -Command "Get-ChildItem -Force -ErrorAction SilentlyContinue -Path {_WINDOWS_HOME}\*'
            r" -Exclude former | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue;"
            f' {_remove_if_empty(_WINDOWS_HOME)}; {_remove_if_empty(_WINDOWS_ROOT)}; exit 0"'
        ),
    ),
}


def command_line(step: Step, os: Os, script: str, revision: str, as_root: bool) -> str:
    """Return the command line that runs one of the step's scripts.

    ``revision`` is only recorded: it stands in the line so that a changed script is a changed line. The script that
    takes the step back also takes away what is on record of the step.
    """
    undoing = script == step.undo
    if os == "windows":
        runner = rf"-File {_WINDOWS_HOME}\windows\Invoke-Step.ps1 -Script {script} -Step {step.name}"
        undo = " -Undo" if undoing else ""
        return f"{_POWERSHELL} {runner} -Revision {revision} -TimeLimitSeconds {step.time_limit}{undo}"
    sudo = "" if as_root else "sudo -n "
    runner = f"bash {LINUX_UPLOAD}/linux/step.sh {script} {revision} {step.name} {step.time_limit}"
    return f"{sudo}{runner}{' undo' if undoing else ''}"


def step_and_script(line: str) -> tuple[str, str] | None:
    """Return the names of step and script in a command line that ``command_line`` made; None for any other."""
    found = _RAN.search(line)
    return (found["sh_step"] or found["ps1_step"], found["sh"] or found["ps1"]) if found else None


def observing_command_line(step: Step, os: Os, folder: str, as_root: bool) -> str:
    """Return the command line that runs a step which only looks, from scripts in a folder that is there for it alone.

    ``folder`` is absolute, as SFTP spells it. Nothing of the run is recorded on the machine, and no lock is taken.
    """
    if os == "windows":
        runner = rf'-File "{windows_path(folder)}\windows\Invoke-Step.ps1" -Observe'
        return f"{_POWERSHELL} {runner} -Script {step.script} -Step {step.name} -TimeLimitSeconds {step.time_limit}"
    sudo = "" if as_root else "sudo -n "
    runner = shlex.quote(f"{folder}/linux/step.sh")
    return f"{sudo}bash {runner} {step.script} observing {step.name} {step.time_limit}"


def folder_removal(os: Os, folder: str, as_root: bool) -> str:
    """Return the command line that removes such a folder."""
    if os == "windows":
        path = windows_path(folder).replace("'", "''")
        return f"{_POWERSHELL} -Command \"Remove-Item -Recurse -Force -LiteralPath '{path}'\""
    return f"{'' if as_root else 'sudo -n '}rm -rf {shlex.quote(folder)}"


def windows_path(path: str) -> str:
    r"""Return a path that SFTP spells ``/C:/k/x`` as Windows does: ``C:\k\x``."""
    return path.lstrip("/").replace("/", "\\")


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


def input_digest(parameters: Mapping[str, Parameter], os: Os) -> str:
    """Return what a host records as ``input`` of a step that ran with these parameters: SHA-256, hexadecimal."""
    return hashlib.sha256(standard_input(parameters, os).rstrip().encode()).hexdigest()


def standard_input(parameters: Mapping[str, Parameter], os: Os) -> str:
    """Return what a script of this operating system reads its parameters from."""
    return powershell_input(parameters) if os == "windows" else bash_input(parameters)
