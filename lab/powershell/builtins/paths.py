"""Paths: joining, splitting, testing and listing them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PureWindowsPath

from lab.powershell.builtins.shared import engine_of, existing, missing, paths_of
from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.convert import elements
from lab.powershell.errors import Unsupported
from lab.powershell.faults import fault
from lab.powershell.patterns import has_wildcards, wildcard, wildcard_any
from lab.powershell.text import text_of
from lab.powershell.values import PSObject


@cmdlet("Join-Path", positional=["Path:string[]", "ChildPath:string"], mandatory=["Path", "ChildPath"], pipeline="Path")
def join_path(call: CmdletCall) -> Iterator[object]:
    """Two paths, one below the other."""
    child = call.text("ChildPath").replace("/", "\\").lstrip("\\")
    for path in call.items("Path"):
        base = text_of(path).replace("/", "\\")
        yield (base if base.endswith("\\") else base + "\\") + child


@cmdlet(
    "Split-Path",
    positional=["Path:string[]"],
    named=["LiteralPath:string[]"],
    switches=["Parent", "Leaf", "Qualifier", "NoQualifier", "IsAbsolute"],
    pipeline="Path",
)
def split_path(call: CmdletCall) -> Iterator[object]:
    """A part of a path."""
    for path in paths_of(call):
        text = path.replace("/", "\\")
        head, _, leaf = text.rstrip("\\").rpartition("\\")
        qualifier = PureWindowsPath(text).drive
        if call.switch("Leaf"):
            yield leaf
        elif call.switch("Qualifier"):
            yield qualifier
        elif call.switch("NoQualifier"):
            yield text[len(qualifier) :]
        elif call.switch("IsAbsolute"):
            yield bool(PureWindowsPath(text).root and qualifier)
        else:
            yield head + "\\" if head.endswith(":") else head


@cmdlet(
    "Test-Path",
    positional=["Path:string[]"],
    named=["LiteralPath:string[]", "PathType:string"],
    aliases={"PSPath": "LiteralPath", "Type": "PathType"},
    pipeline="Path",
)
def test_path(call: CmdletCall) -> Iterator[object]:
    """Whether paths exist."""
    engine = engine_of(call)
    kind = call.text("PathType", "Any").lower()
    for path in paths_of(call):
        if path.lower().startswith("env:"):
            yield path[4:] in engine.host.environment()
            continue
        if not path:
            raise fault("Cannot bind argument to parameter 'Path' because it is an empty string.", "ParameterBinding")
        found = [engine.host.path(one) for one in engine.files.expand(path, literal=call.given("LiteralPath"))]
        if kind != "any":
            found = [one for one in found if one.is_dir() == (kind == "container")]
        yield bool(found)


@cmdlet("Resolve-Path", positional=["Path:string[]"], named=["LiteralPath:string[]"], pipeline="Path")
def resolve_path(call: CmdletCall) -> Iterator[object]:
    """The full paths of what exists, as objects."""
    for path in existing(call):
        yield PSObject(
            {"Path": path, "ProviderPath": path}, type_name="System.Management.Automation.PathInfo", text=path
        )


@cmdlet("Convert-Path", positional=["Path:string[]"], named=["LiteralPath:string[]"], pipeline="Path")
def convert_path(call: CmdletCall) -> Iterator[object]:
    """The full paths of what exists, as strings."""
    yield from existing(call)


@cmdlet("Get-Item", positional=["Path:string[]"], named=["LiteralPath:string[]"], switches=["Force"], pipeline="Path")
def get_item(call: CmdletCall) -> Iterator[object]:
    """The items at paths."""
    engine = engine_of(call)
    for path in existing(call):
        yield engine.files.item(path)


def _listed(call: CmdletCall, path: str) -> Iterator[str]:
    files = engine_of(call).files
    recurse = call.switch("Recurse") or call.given("Depth")
    for one in files.expand(path, literal=call.given("LiteralPath")):
        if not files.host.path(one).is_dir() or (has_wildcards(path) and not recurse):
            yield one
        elif recurse:
            yield from files.walk(one)
        else:
            yield from (f"{one.rstrip(chr(92))}\\{name}" for name in files.names(one))


@cmdlet(
    "Get-ChildItem",
    positional=["Path:string[]", "Filter:string"],
    named=["LiteralPath:string[]", "Include:string[]", "Exclude:string[]"],
    switches=["Recurse", "File", "Directory", "Force", "Name"],
    pipeline="Path",
)
def get_child_item(call: CmdletCall) -> Iterator[object]:
    """What is in folders."""
    files = engine_of(call).files
    if call.given("Include") and not call.switch("Recurse"):
        raise Unsupported("Get-ChildItem -Include without -Recurse, which finds nothing")
    keep, drop = wildcard(call.text("Filter", "*")), wildcard_any(call.get("Exclude", []))
    include = wildcard_any(call.get("Include", "*"))
    for path in paths_of(call) or [files.location()]:
        if not has_wildcards(path) and not os.path.lexists(files.real(path)):
            missing(call, files.full(path))
            continue
        for one in _listed(call, path):
            name, folder = PureWindowsPath(one).name, files.host.path(one).is_dir()
            if not keep(name) or drop(name) or not include(name):
                continue
            if (folder and call.switch("File")) or (not folder and call.switch("Directory")):
                continue
            item = files.item(one)
            # FileInfo.ToString() of 5.1: an item out of a listing shows its name only.
            item.text = name
            yield name if call.switch("Name") else item


@cmdlet("Get-Location")
def get_location(call: CmdletCall) -> Iterator[object]:
    """The current folder."""
    path = engine_of(call).location()
    yield PSObject({"Path": path, "ProviderPath": path}, type_name="System.Management.Automation.PathInfo", text=path)


def _go(call: CmdletCall, path: str) -> None:
    engine = engine_of(call)
    full = engine.files.full(path)
    if not engine.host.path(full).is_dir():
        missing(call, full)
        return
    engine.set_variable("global", "__location", full)


@cmdlet("Set-Location", positional=["Path:string"], named=["LiteralPath:string"])
def set_location(call: CmdletCall) -> None:
    """Make a folder the current one."""
    _go(call, paths_of(call)[0])


def _stack(call: CmdletCall) -> list[object]:
    engine = engine_of(call)
    found, value = engine.find_variable("global", "__locations", engine.here)
    if not found:
        value = []
        engine.set_variable("global", "__locations", value)
    return value if isinstance(value, list) else elements(value)


@cmdlet("Push-Location", positional=["Path:string"], named=["LiteralPath:string"])
def push_location(call: CmdletCall) -> None:
    """Remember the current folder and go to another."""
    before = engine_of(call).location()
    if paths_of(call):
        _go(call, paths_of(call)[0])
    _stack(call).append(before)


@cmdlet("Pop-Location")
def pop_location(call: CmdletCall) -> None:
    """Go back to the folder remembered last."""
    stack = _stack(call)
    if stack:
        _go(call, text_of(stack.pop()))


CMDLETS = (
    join_path,
    split_path,
    test_path,
    resolve_path,
    convert_path,
    get_item,
    get_child_item,
    get_location,
    set_location,
    push_location,
    pop_location,
)
