"""What the built-in cmdlets share: the engine behind a call, and items as paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.powershell.cmdlet import CmdletCall
from lab.powershell.commands import CommandRunner
from lab.powershell.convert import elements
from lab.powershell.faults import os_fault
from lab.powershell.members import property_of
from lab.powershell.text import text_of
from lab.powershell.values import PSObject


def engine_of(call: CmdletCall) -> CommandRunner:
    """The interpreter that runs the call."""
    assert isinstance(call.engine, CommandRunner)
    return call.engine


def path_text(value: object) -> str:
    """The path an argument or a piped object stands for: the full name of an item, else its text."""
    if isinstance(value, PSObject):
        found, full = property_of(value, "FullName")
        if found:
            return text_of(full)
    return text_of(value)


def paths_of(call: CmdletCall) -> list[str]:
    """The -Path, -LiteralPath or piped paths of a call, as they were written."""
    given = call.get("LiteralPath", call.get("Path"))
    values = call.pipeline if call.piped and given is None else elements(given) if given is not None else []
    return [path_text(value) for value in values]


def existing(call: CmdletCall) -> Iterator[str]:
    """The full paths that exist for the paths of a call; the others are reported as errors."""
    files = engine_of(call).files
    for path in paths_of(call):
        found = files.expand(path, literal=call.given("LiteralPath"))
        if not found and not any(character in path for character in "*?"):
            missing(call, files.full(path))
        yield from found


def missing(call: CmdletCall, path: str) -> None:
    """Report that a path does not exist."""
    call.error(
        f"Cannot find path '{path}' because it does not exist.",
        category="ObjectNotFound",
        error_id="PathNotFound",
        target=path,
        exception="System.Management.Automation.ItemNotFoundException",
    )


@contextmanager
def file_errors(call: CmdletCall, path: str) -> Iterator[None]:
    """Report a failed file operation as the cmdlet's error."""
    try:
        yield
    except OSError as error:
        exception = os_fault(error, path).exception
        message, kind = exception.message, exception.type_name
        if isinstance(error, FileNotFoundError):
            message = f"Could not find a part of the path '{path}'."
            kind = "System.IO.DirectoryNotFoundException"
        call.error(message, category="WriteError", error_id="IOError", target=path, exception=kind)
