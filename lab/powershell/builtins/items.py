"""Making, removing, copying and moving files and folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import PureWindowsPath

from lab.powershell.builtins.shared import engine_of, existing, file_errors
from lab.powershell.cmdlet import Cmdlet, CmdletCall, cmdlet
from lab.powershell.convert import elements
from lab.powershell.encodings import UTF8_PLAIN
from lab.powershell.errors import Unsupported
from lab.powershell.text import text_of


@cmdlet(
    "New-Item",
    positional=["Path:string[]"],
    named=["Name:string", "ItemType:string", "Value"],
    switches=["Force"],
    aliases={"Type": "ItemType"},
    should_process=True,
)
def new_item(call: CmdletCall) -> Iterator[object]:
    """Make a file or a folder, with the folders above it."""
    engine = engine_of(call)
    kind = call.text("ItemType", "File").lower()
    if kind not in ("file", "directory"):
        raise Unsupported(f"New-Item -ItemType {kind}")
    for path in elements(call.get("Path", [engine.location()])):
        written = text_of(path) + (f"\\{call.text('Name')}" if call.given("Name") else "")
        full = engine.files.full(written)
        real = engine.host.path(full)
        if real.exists() and not (call.switch("Force") and real.is_dir() == (kind == "directory")):
            call.error(
                f"An item with the specified name {full} already exists.",
                category="ResourceExists",
                error_id="NewItemIOError",
                target=full,
                exception="System.IO.IOException",
            )
            continue
        with file_errors(call, full):
            if kind == "directory":
                real.mkdir(parents=True, exist_ok=True)
            else:
                if call.switch("Force"):
                    real.parent.mkdir(parents=True, exist_ok=True)
                real.write_bytes(UTF8_PLAIN.encode(text_of(call.get("Value"))))
            yield engine.files.item(full)


@cmdlet(
    "Remove-Item",
    positional=["Path:string[]"],
    named=["LiteralPath:string[]"],
    switches=["Recurse", "Force"],
    aliases={"PSPath": "LiteralPath"},
    pipeline="Path",
    should_process=True,
)
def remove_item(call: CmdletCall) -> None:
    """Remove files and folders; a folder that is not empty needs -Recurse, where Windows would ask."""
    engine = engine_of(call)
    for path in list(existing(call)):
        real = engine.host.path(path)
        if real.is_dir() and not real.is_symlink() and any(real.iterdir()) and not call.switch("Recurse"):
            message = f"The item at {path} has children and -Recurse was not given; nobody can answer a prompt."
            raise call.fail(message, category="InvalidOperation", error_id="NonInteractive", target=path)
        with file_errors(call, path):
            engine.files.remove(path)


def _target(call: CmdletCall, source: str) -> str:
    """Where something ends up: inside the destination when that is a folder."""
    files = engine_of(call).files
    full = files.full(call.text("Destination"))
    if files.host.path(full).is_dir():
        return f"{full.rstrip(chr(92))}\\{PureWindowsPath(source).name}"
    return full


@cmdlet(
    "Copy-Item",
    positional=["Path:string[]", "Destination:string"],
    named=["LiteralPath:string[]"],
    switches=["Recurse", "Force", "PassThru"],
    pipeline="Path",
    should_process=True,
)
def copy_item(call: CmdletCall) -> Iterator[object]:
    """Copy files, or folders with -Recurse."""
    engine = engine_of(call)
    for path in list(existing(call)):
        target = _target(call, path)
        real, place = engine.host.path(path), engine.host.path(target)
        with file_errors(call, target):
            if not real.is_dir():
                shutil.copyfile(real, place)
            elif call.switch("Recurse"):
                shutil.copytree(real, place, dirs_exist_ok=True)
            else:
                place.mkdir(exist_ok=True)
            if call.switch("PassThru"):
                yield engine.files.item(target)


@cmdlet(
    "Move-Item",
    positional=["Path:string[]", "Destination:string"],
    named=["LiteralPath:string[]"],
    switches=["Force", "PassThru"],
    pipeline="Path",
    should_process=True,
)
def move_item(call: CmdletCall) -> Iterator[object]:
    """Move files and folders; a file that is in the way needs -Force."""
    engine = engine_of(call)
    for path in list(existing(call)):
        target = _target(call, path)
        place = engine.host.path(target)
        if place.exists() and (place.is_dir() or not call.switch("Force")):
            call.error(
                "Cannot create a file when that file already exists.",
                category="WriteError",
                error_id="MoveFileInfoItemIOError",
                target=path,
                exception="System.IO.IOException",
            )
            continue
        with file_errors(call, target):
            engine.host.path(path).replace(place)
            if call.switch("PassThru"):
                yield engine.files.item(target)


@cmdlet(
    "Rename-Item",
    positional=["Path:string", "NewName:string"],
    named=["LiteralPath:string"],
    switches=["Force", "PassThru"],
    pipeline="Path",
    mandatory=["NewName"],
)
def rename_item(call: CmdletCall) -> Iterator[object]:
    """Give one item another name in its folder."""
    engine = engine_of(call)
    for path in list(existing(call)):
        target = str(PureWindowsPath(path).with_name(PureWindowsPath(call.text("NewName")).name))
        place = engine.host.path(target)
        if place.exists():
            message = "Cannot create a file when that file already exists."
            call.error(message, category="WriteError", error_id="RenameItemIOError", exception="System.IO.IOException")
            continue
        with file_errors(call, target):
            engine.host.path(path).rename(place)
            if call.switch("PassThru"):
                yield engine.files.item(target)


def _registry_only(name: str) -> Cmdlet:
    @cmdlet(name, positional=["Path", "Name", "Value"], named=["LiteralPath", "PropertyType"], switches=["Force"])
    def refuse(call: CmdletCall) -> None:
        raise Unsupported(f"{call.name} on anything but the registry")

    return refuse


CMDLETS = (
    new_item,
    remove_item,
    copy_item,
    move_item,
    rename_item,
    *(_registry_only(f"{verb}-ItemProperty") for verb in ("Get", "Set", "New", "Remove", "Rename", "Clear")),
    _registry_only("Get-ItemPropertyValue"),
)
