"""What the name of a command stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath

from lab.powershell.aliases import ALIASES
from lab.powershell.arguments import MISSING, Argument, arguments_of, native_arguments
from lab.powershell.block_stage import BlockStage
from lab.powershell.cmdlet import Cmdlet
from lab.powershell.convert import integer
from lab.powershell.encodings import ANSI, Encoding, decode
from lab.powershell.errors import PowerShellError, ReturnFromBlock, Unsupported
from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.native_stage import NativeStage
from lab.powershell.parser import parse
from lab.powershell.pipelines import PipelineRunner
from lab.powershell.runtime import Emit
from lab.powershell.scopes import Module, ScriptBlock, Session
from lab.powershell.source import ParseError, Place, Source
from lab.powershell.stages import (
    CmdletStage,
    ExpressionStage,
    FilterStage,
    FirstStage,
    Stage,
)
from lab.powershell.syntax import Literal
from lab.powershell.syntax_statements import Command, CommandExpression
from lab.powershell.text import text_of
from lab.powershell.values import ErrorRecord, PSObject, is_null

_CMDLET_NAME = re.compile(r"[A-Za-z]+-[A-Za-z][A-Za-z0-9]*")
_ITEM_CMDLETS = {f"{verb}-Item" for verb in ("Get", "New", "Remove", "Copy", "Move", "Rename", "Set", "Clear")}
_ITEM_CMDLETS |= {f"{verb}-ItemProperty" for verb in ("Get", "Set", "New", "Remove", "Rename", "Clear")}
_ITEM_CMDLETS |= {"Test-Path", "Get-ChildItem", "Get-ItemPropertyValue", "Resolve-Path"}
_QUALIFIED = re.compile(r"Microsoft\.PowerShell\.(?:Core|Management|Security|Utility)\\(\w+-\w+)", re.IGNORECASE)
_REGISTRY = re.compile(r"^(?:HKLM:|HKCU:|HKCR:|HKU:|Registry::|Microsoft\.PowerShell\.Core\\Registry::)", re.IGNORECASE)


class CommandRunner(PipelineRunner):
    """Finds commands, and makes stages of them."""

    built_in: Mapping[str, Cmdlet]
    modules: dict[str, Module]

    def _stage(self, node: Command | CommandExpression) -> Stage:
        stage = ExpressionStage(self, node) if isinstance(node, CommandExpression) else self._command(node)
        self._redirect(stage, node.redirections)
        return stage

    def _command(self, node: Command) -> Stage:
        self.here = node.place
        target = node.name.value if not node.operator and isinstance(node.name, Literal) else self.value(node.name)
        dotted = node.operator == "."
        if isinstance(target, ScriptBlock):
            return BlockStage(self, node.place, target, arguments_of(self, node.elements), dotted=dotted)
        if isinstance(target, PSObject) and target.type_name.endswith("CommandInfo"):
            target = target.properties["Name"]
        if is_null(target) or isinstance(target, list):
            message = "The expression after '&' in a pipeline element produced an object that was not valid."
            raise fault(message, "BadExpression")
        return self._named(node, text_of(target), dotted=dotted)

    def _named(self, node: Command, name: str, *, dotted: bool) -> Stage:
        qualified = _QUALIFIED.fullmatch(name)
        own = self.built_in.get(qualified[1].lower()) if qualified else None
        if own is not None:
            return self._cmdlet_stage(node, own)
        resolved = ALIASES.get(name.lower(), name)
        function = self.scope.function(resolved) or self.globals.root.function(resolved)
        if function is not None:
            arguments = arguments_of(self, node.elements)
            return BlockStage(self, node.place, function.block, arguments, name=function.name, dotted=dotted)
        cmdlet = self.cmdlet(resolved)
        if cmdlet is not None:
            return self._cmdlet_stage(node, cmdlet)
        if name.lower().endswith(".ps1"):
            return self._script_stage(node, name, dotted=dotted)
        if _CMDLET_NAME.fullmatch(resolved):
            raise Unsupported(f"the command {resolved}", str(node.place))
        if name.lower().endswith((".cmd", ".bat")):
            raise Unsupported(f"the batch file {name}", str(node.place))
        if not self.host.program_exists(name):
            raise self.not_found(name)
        return NativeStage(self, node.place, name, native_arguments(self, node.elements))

    def cmdlet(self, name: str) -> Cmdlet | None:
        """The cmdlet of a name: the host's own before the built-in ones."""
        lowered = name.lower()
        for own, cmdlet in self.host.cmdlets.items():
            if own.lower() == lowered:
                return cmdlet
        return self.built_in.get(lowered)

    def _cmdlet_stage(self, node: Command, cmdlet: Cmdlet) -> Stage:
        arguments = arguments_of(self, node.elements)
        try:
            special = self._streaming(node.place, cmdlet, arguments)
            return special or CmdletStage(self, node.place, self._registry(cmdlet, arguments), arguments)
        except Unsupported as error:
            error.position = error.position or str(node.place)
            raise

    def _registry(self, cmdlet: Cmdlet, arguments: Sequence[Argument]) -> Cmdlet:
        """The host's `Registry:` cmdlet when an item cmdlet is given a registry path."""
        if cmdlet.name not in _ITEM_CMDLETS:
            return cmdlet
        if not any(_REGISTRY.match(text_of(argument.value)) for argument in arguments if argument.value is not MISSING):
            return cmdlet
        provider = self.cmdlet(f"Registry:{cmdlet.name}")
        if provider is None:
            raise Unsupported(f"{cmdlet.name} on the registry")
        return provider

    def _streaming(self, place: Place, cmdlet: Cmdlet, arguments: Sequence[Argument]) -> Stage | None:
        """The stage for the cmdlets that must see one object at a time, when they are used with script blocks."""
        names = [argument.name.lower() for argument in arguments]
        if cmdlet.name == "Select-Object" and names == ["first", ""]:
            return FirstStage(self, place, integer(arguments[1].value))
        if cmdlet.name not in ("ForEach-Object", "Where-Object"):
            return None
        blocks: dict[str, ScriptBlock | None] = {"begin": None, "process": None, "end": None}
        name = ""
        for argument in arguments:
            value = argument.value
            name = argument.name.lower() or name or "process"
            name = "process" if name == "filterscript" else name
            if value is MISSING:
                continue
            if name not in blocks or not isinstance(value, ScriptBlock):
                return None
            if blocks[name] is not None:
                raise Unsupported(f"several script blocks for {cmdlet.name}")
            blocks[name] = value
            name = ""
        if blocks["process"] is None:
            return None
        ordered = (blocks["begin"], blocks["process"], blocks["end"])
        return FilterStage(self, place, ordered, cmdlet.name == "Where-Object")

    def _script_stage(self, node: Command, name: str, *, dotted: bool) -> Stage:
        full = self.files.full(name)
        block = self.load(full)
        arguments = arguments_of(self, node.elements)
        leaf = PureWindowsPath(full).name
        return BlockStage(self, node.place, block, arguments, name=leaf, dotted=dotted, script=not dotted)

    def load(self, path: str, session: Session | None = None) -> ScriptBlock:
        """A script file as a script block of the session that runs, or of the one given."""
        try:
            # Without a byte order mark 5.1 reads a script in the ANSI code page.
            text = decode(self.host.path(path).read_bytes(), ANSI)
        except FileNotFoundError as error:
            raise self.not_found(path) from error
        try:
            syntax = parse(Source(text, path))
        except ParseError as error:
            raise Unsupported(f"this syntax: {error}") from error
        return ScriptBlock(syntax, session or self.session)

    def not_found(self, name: str) -> PowerShellError:
        """The error of a command that does not exist."""
        message = (
            f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
            "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
        )
        return fault(
            message,
            "CommandNotFoundException",
            type_name=f"{AUTOMATION}.CommandNotFoundException",
            category="ObjectNotFound",
            target=name,
        )

    def console_text(self, raw: bytes) -> str:
        """What a program wrote, decoded as the console does: code page 437 until the script sets another."""
        codec = self.output_encoding.codec if isinstance(self.output_encoding, Encoding) else "cp437"
        return raw.decode(codec, errors="replace")

    def pipe_encoding(self) -> str:
        """The codec of what is piped to programs: `$OutputEncoding`, which is ASCII in 5.1."""
        found, value = self.find_variable("", "OutputEncoding", self.here)
        return value.codec if found and isinstance(value, Encoding) else "ascii"

    def pscmdlet(self, name: str) -> PSObject:
        """`$PSCmdlet`: ShouldProcess says yes, ThrowTerminatingError throws."""

        def throw(record: object) -> object:
            assert isinstance(record, ErrorRecord)
            raise PowerShellError(record)

        return PSObject(
            {"MyInvocation": PSObject({"InvocationName": name})},
            type_name=f"{AUTOMATION}.PSScriptCmdlet",
            methods={"ShouldProcess": lambda *_: True, "ThrowTerminatingError": throw},
        )

    def run_inline(self, block: ScriptBlock, item: object, emit: Emit, arguments: Sequence[object] = ()) -> None:
        """Run a script block in the scope its session is in, with `$_` set."""
        if arguments or block.syntax.parameters:
            given = [Argument("", value) for value in arguments]
            stage = BlockStage(self, block.syntax.place, block, given)
            stage.scope.variables["_"] = item
            self.run_stages([stage], emit)
            return
        if block.syntax.named:
            raise Unsupported("named blocks in a script block for ForEach-Object", str(block.syntax.place))
        scope = block.session.current
        outer, self.session = self.session, block.session
        had, before = "_" in scope.variables, scope.variables.get("_")
        scope.variables["_"] = item
        here = self.here
        try:
            self.run_block(block.syntax.end, emit)
        except ReturnFromBlock:
            pass
        finally:
            self.session = outer
            self.here = here
            if had:
                scope.variables["_"] = before
            else:
                scope.variables.pop("_", None)

    def call_block(self, block: ScriptBlock, arguments: list[object], this: object = None) -> list[object]:
        """Run a script block in a scope of its own and return what it emits; `$this` is whose method it is."""
        made: list[object] = []
        stage = BlockStage(self, self.here, block, [Argument("", value) for value in arguments])
        if this is not None:
            stage.scope.variables["this"] = this
        self.run_stages([stage], made.append)
        return made
