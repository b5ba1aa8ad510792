"""Modules, commands, variables and strict mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from lab.powershell.binding import COMMON
from lab.powershell.block_stage import BlockStage
from lab.powershell.builtins.shared import engine_of
from lab.powershell.cmdlet import Cmdlet, CmdletCall, cmdlet
from lab.powershell.commands import CommandRunner
from lab.powershell.convert import elements
from lab.powershell.errors import Unsupported
from lab.powershell.faults import AUTOMATION
from lab.powershell.patterns import wildcard_any
from lab.powershell.scopes import Function, Module, Scope, ScriptBlock, Session
from lab.powershell.script_parameters import describe, is_advanced
from lab.powershell.text import text_of
from lab.powershell.values import Hashtable, PSObject

# Modules of Windows whose cmdlets are there without an import.
KNOWN = {
    "netadapter",
    "nettcpip",
    "netsecurity",
    "dnsclient",
    "servermanager",
    "scheduledtasks",
    "cimcmdlets",
    "defender",
}


@cmdlet(
    "Import-Module",
    positional=["Name:string[]"],
    switches=["Force", "Global", "PassThru", "DisableNameChecking", "SkipEditionCheck"],
    mandatory=["Name"],
)
def import_module(call: CmdletCall) -> None:
    """Load a module of script, once; or find that one of Windows' own is there."""
    engine = engine_of(call)
    for name in (text_of(one) for one in elements(call.get("Name"))):
        if not name.lower().endswith((".psm1", ".psd1")):
            if name.lower() not in KNOWN:
                raise Unsupported(f"the module {name}")
            continue
        full = engine.files.full(name)
        if full.lower().endswith(".psd1"):
            raise Unsupported("a module manifest")
        if not engine.host.path(full).is_file():
            message = f"The specified module '{name}' was not loaded because no valid module file was found."
            call.error(
                message,
                category="ResourceUnavailable",
                error_id="Modules_ModuleNotFound",
                target=name,
                exception="System.IO.FileNotFoundException",
            )
            continue
        _import(engine, full, force=call.switch("Force"))


def _import(engine: CommandRunner, path: str, *, force: bool) -> None:
    loaded = engine.modules.get(path.lower())
    if loaded is None or force:
        loaded = _load(engine, path)
        engine.modules[path.lower()] = loaded
    # Functions of a module imported by a script are there for the whole session; a module imports for itself.
    engine.session.root.functions.update(loaded.functions)


def _load(engine: CommandRunner, path: str) -> Module:
    module = Module(PureWindowsPath(path).stem, path)
    root = Scope(engine.globals.root, script=True)
    session = Session(root, root, module)
    block = engine.load(path, session)
    stage = BlockStage(engine, block.syntax.place, block, (), name=module.name, dotted=True)
    engine.run_stages([stage], engine.show)
    wanted = wildcard_any(["*"] if module.exports is None else module.exports)
    module.functions = {name: function for name, function in root.functions.items() if wanted(name)}
    return module


@cmdlet(
    "Export-ModuleMember",
    positional=["Function:string[]"],
    named=["Variable:string[]", "Alias:string[]", "Cmdlet:string[]"],
)
def export_module_member(call: CmdletCall) -> None:
    """Say which functions a module offers."""
    module = engine_of(call).session.module
    if module is None:
        raise call.fail(
            "The Export-ModuleMember cmdlet can only be called from inside a module.", category="PermissionDenied"
        )
    if call.given("Variable") or call.given("Alias"):
        raise Unsupported("Export-ModuleMember of variables or aliases")
    module.exports = [*(module.exports or []), *(text_of(one) for one in elements(call.get("Function", [])))]


@cmdlet("Get-Module", positional=["Name:string[]"], switches=["ListAvailable"])
def get_module(call: CmdletCall) -> Iterator[object]:
    """The modules that were imported, or with -ListAvailable those of Windows that are modelled."""
    engine = engine_of(call)
    keep = wildcard_any(call.get("Name", "*"))
    pairs = [(name, "") for name in sorted(KNOWN)] if call.switch("ListAvailable") else []
    pairs = pairs or [(module.name, module.path) for module in engine.modules.values()]
    for name, path in pairs:
        if keep(name):
            yield PSObject({"Name": name, "Path": path}, type_name=f"{AUTOMATION}.PSModuleInfo", text=name)


@cmdlet("Remove-Module", positional=["Name:string[]"], switches=["Force"])
def remove_module(call: CmdletCall) -> None:
    """Take a module's functions away."""
    engine = engine_of(call)
    drop = wildcard_any(call.get("Name"))
    for path, module in list(engine.modules.items()):
        if drop(module.name):
            del engine.modules[path]
            for name in module.functions:
                engine.globals.root.functions.pop(name, None)


def _parameters_of(engine: CommandRunner, block: ScriptBlock) -> Hashtable:
    made = Hashtable(ordered=True)
    for parameter in describe(engine, block.syntax):
        declared = parameter.declaration.type
        properties = {"Name": parameter.name, "ParameterType": str(declared) if declared else "object"}
        made[parameter.name] = PSObject(properties, type_name=f"{AUTOMATION}.ParameterMetadata")
    if is_advanced(block.syntax):
        for name in ("Verbose", "Debug", "ErrorAction", "WarningAction", "InformationAction"):
            assert name.lower() in COMMON
            made[name] = PSObject({"Name": name}, type_name=f"{AUTOMATION}.ParameterMetadata")
    return made


def _command(engine: CommandRunner, name: str) -> PSObject | None:
    function = engine.scope.function(name) or engine.globals.root.function(name)
    found: tuple[str, str, str, Hashtable | None] | None = None
    if isinstance(function, Function):
        found = ("Function", function.name, "", _parameters_of(engine, function.block))
    elif isinstance(known := engine.cmdlet(name), Cmdlet):
        table = Hashtable({parameter.name: parameter.name for parameter in known.signature.parameters}, ordered=True)
        found = ("Cmdlet", known.name, "", table)
    elif name.lower().endswith(".ps1"):
        path = engine.files.full(name)
        if engine.host.path(path).is_file():
            found = ("ExternalScript", path, path, _parameters_of(engine, engine.load(path)))
    elif engine.host.program_exists(name):
        found = ("Application", name, name, None)
    if found is None:
        return None
    kind, shown, path, parameters = found
    info = {"Application": "ApplicationInfo", "ExternalScript": "ExternalScriptInfo"}.get(kind, "CommandInfo")
    properties = {"Name": shown, "CommandType": kind, "Source": path, "Path": path, "Parameters": parameters}
    return PSObject(properties, type_name=f"{AUTOMATION}.{info}", text=shown)


@cmdlet("Get-Command", positional=["Name:string[]"], named=["CommandType:string", "Module:string"])
def get_command(call: CmdletCall) -> Iterator[object]:
    """What names stand for; a cmdlet is there when it is modelled."""
    engine = engine_of(call)
    for name in (text_of(one) for one in elements(call.get("Name", []))):
        made = _command(engine, name)
        kind = call.text("CommandType").lower()
        if made is None or (kind and text_of(made.properties["CommandType"]).lower() != kind):
            record = engine.not_found(name).record
            engine.report(record, call.error_action)
            continue
        yield made


@cmdlet("Set-StrictMode", named=["Version:string"], switches=["Off"])
def set_strict_mode(call: CmdletCall) -> None:
    """Turn strict mode on or off in the scope of the caller."""
    if not call.switch("Off") and call.text("Version").lower() != "latest":
        raise Unsupported("Set-StrictMode with another version than Latest")
    engine_of(call).scope.strict = not call.switch("Off")


def _scope(call: CmdletCall) -> str:
    scope = call.text("Scope").lower()
    if scope not in ("", "local", "script", "global"):
        raise Unsupported(f"-Scope {scope}")
    return scope


_NAMED = ["Scope:string"]


@cmdlet("Get-Variable", positional=["Name:string[]"], named=_NAMED, switches=["ValueOnly"])
def get_variable(call: CmdletCall) -> Iterator[object]:
    """Variables by name."""
    engine = engine_of(call)
    for name in (text_of(one) for one in elements(call.get("Name", []))):
        found, value = engine.find_variable(_scope(call), name, engine.here)
        if not found:
            message = f"Cannot find a variable with the name '{name}'."
            call.error(
                message,
                category="ObjectNotFound",
                error_id="VariableNotFound",
                target=name,
                exception=f"{AUTOMATION}.ItemNotFoundException",
            )
        elif call.switch("ValueOnly"):
            yield value
        else:
            yield PSObject({"Name": name, "Value": value}, type_name=f"{AUTOMATION}.PSVariable")


@cmdlet(
    "Set-Variable",
    positional=["Name:string", "Value"],
    named=[*_NAMED, "Option:string"],
    switches=["Force"],
    mandatory=["Name"],
)
def set_variable(call: CmdletCall) -> None:
    """Set a variable."""
    if call.given("Option"):
        raise Unsupported("Set-Variable -Option")
    engine_of(call).set_variable(_scope(call), call.text("Name"), call.get("Value"))


@cmdlet(
    "New-Variable",
    positional=["Name:string", "Value"],
    named=[*_NAMED, "Option:string"],
    switches=["Force"],
    mandatory=["Name"],
)
def new_variable(call: CmdletCall) -> None:
    """Make a variable; -Option Constant and ReadOnly are not enforced, and so refused."""
    if call.given("Option"):
        raise Unsupported("New-Variable -Option")
    engine_of(call).set_variable(_scope(call), call.text("Name"), call.get("Value"))


@cmdlet("Remove-Variable", positional=["Name:string[]"], named=_NAMED, switches=["Force"])
def remove_variable(call: CmdletCall) -> None:
    """Remove variables."""
    engine = engine_of(call)
    for name in (text_of(one).lower() for one in elements(call.get("Name"))):
        holder = engine.scope.holder(name)
        if holder is None:
            call.error(
                f"Cannot find a variable with the name '{name}'.",
                category="ObjectNotFound",
                error_id="VariableNotFound",
            )
        else:
            del holder.variables[name]


CMDLETS = (
    import_module,
    export_module_member,
    get_module,
    remove_module,
    get_command,
    set_strict_mode,
    get_variable,
    set_variable,
    new_variable,
    remove_variable,
)
