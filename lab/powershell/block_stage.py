"""Functions, script files and script blocks as stages of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.powershell.arguments import Argument
from lab.powershell.binding import Binder, Bound
from lab.powershell.errors import ExitScript, ReturnFromBlock
from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.members import property_of
from lab.powershell.scopes import Scope, ScriptBlock, Session
from lab.powershell.script_parameters import ScriptParameter, describe, is_advanced
from lab.powershell.source import Place
from lab.powershell.validation import check, converted, default_value
from lab.powershell.values import Hashtable, PSObject

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner
from lab.powershell.stages import Stage


class BlockStage(Stage):
    """A function, script file or script block: a scope of its own, unless it is dot-sourced."""

    def __init__(
        self,
        engine: CommandRunner,
        place: Place,
        block: ScriptBlock,
        arguments: Sequence[Argument],
        *,
        name: str = "",
        dotted: bool = False,
        script: bool = False,
        entry: bool = False,
    ) -> None:
        super().__init__(engine, place)
        self.block = block
        self.name = name
        self.dotted = dotted
        self.script = script
        self.entry = entry
        self.input: list[object] = []
        self.session: Session = block.session
        self.scope = self.session.current if dotted else Scope(self.session.current, script=script)
        self.advanced = is_advanced(block.syntax)
        self.parameters = describe(engine, block.syntax)
        self.bound: Bound = Binder(self.parameters, advanced=self.advanced, command=name).bind(arguments)
        self.from_pipeline = [one for one in self.parameters if one.options.get("valuefrompipeline")]
        self.by_name = [one for one in self.parameters if one.options.get("valuefrompipelinebypropertyname")]
        self.started = False

    @contextmanager
    def _inside(self) -> Iterator[None]:
        before, self.session.current = self.session.current, self.scope
        outer, self.engine.session = self.engine.session, self.session
        here = self.engine.here
        try:
            yield
        except ReturnFromBlock:
            pass
        except ExitScript as jump:
            if not self.script:
                raise
            self.engine.set_variable("global", "LASTEXITCODE", jump.code)
            self.engine.succeeded = jump.code == 0
        finally:
            self.session.current = before
            self.engine.session = outer
            self.engine.here = here

    def begin(self) -> None:
        """Bind the arguments and run the begin block."""
        with self._inside():
            self._set_parameters()
            if self.block.syntax.begin:
                self.engine.run_block(self.block.syntax.begin, self.emit_elements)

    def emit_elements(self, value: object) -> None:
        """Pass on one object; blocks have taken arrays apart already."""
        self.emit(value)

    def process(self, item: object) -> None:
        """Run the process block for one object, or keep it for $input."""
        if not self.block.syntax.process and not self.from_pipeline and not self.by_name:
            self.input.append(item)
            return
        with self._inside():
            self._bind_item(item)
            self.scope.variables["_"] = item
            self.engine.run_block(self.block.syntax.process, self.emit_elements)

    def end(self) -> None:
        """Run the process block without input, then the end block."""
        with self._inside():
            if not self.piped and self.block.syntax.process:
                self.engine.run_block(self.block.syntax.process, self.emit_elements)
        with self._inside():
            if not self.dotted:
                self.scope.variables["input"] = list(self.input)
            self.engine.run_block(self.block.syntax.end, self.emit_elements)

    def _set_parameters(self) -> None:
        scope, bound = self.scope, self.bound
        given = Hashtable(ordered=True)
        for preference, value in bound.preferences.items():
            scope.variables[preference.lower()] = value
        for parameter in self.parameters:
            key = parameter.name.lower()
            if key in bound.values:
                value = converted(parameter, bound.values[key])
                check(self.engine, parameter, value)
                given[parameter.name] = value
                self._set(parameter, value)
        for parameter in self.parameters:
            if parameter.name.lower() not in bound.values:
                self._set_default(parameter)
        if not self.dotted or self.entry:
            scope.variables["psboundparameters"] = given
            scope.variables["args"] = bound.rest
            scope.variables["myinvocation"] = self._invocation()
            if self.advanced:
                scope.variables["pscmdlet"] = self.engine.pscmdlet(self.name)

    def _invocation(self) -> PSObject:
        command = PSObject({"Name": self.name, "Path": self.block.syntax.place.source.name})
        return PSObject(
            {
                "MyCommand": command,
                "InvocationName": self.name,
                "ScriptName": self.place.source.name,
                "BoundParameters": None,
            },
            type_name=f"{AUTOMATION}.InvocationInfo",
        )

    def _set(self, parameter: ScriptParameter, value: object) -> None:
        key = parameter.name.lower()
        self.scope.variables[key] = value
        if parameter.declaration.type is not None:
            self.scope.types[key] = parameter.declaration.type

    def _set_default(self, parameter: ScriptParameter) -> None:
        pipeline = parameter in self.from_pipeline or parameter in self.by_name
        if parameter.options.get("mandatory") and not (pipeline and self.piped):
            raise fault(
                "Cannot process command because of one or more missing mandatory parameters: " + parameter.name + ".",
                f"MissingMandatoryParameter,{self.name}",
                type_name=f"{AUTOMATION}.ParameterBindingException",
                category="InvalidArgument",
            )
        default = parameter.declaration.default
        value = default_value(parameter) if default is None else converted(parameter, self.engine.value(default))
        self._set(parameter, value)

    def _bind_item(self, item: object) -> None:
        for parameter in self.from_pipeline:
            if parameter.name.lower() not in self.bound.values:
                value = converted(parameter, item)
                check(self.engine, parameter, value)
                self._set(parameter, value)
        for parameter in self.by_name:
            found, value = property_of(item, parameter.name)
            if found and parameter not in self.from_pipeline and parameter.name.lower() not in self.bound.values:
                self._set(parameter, converted(parameter, value))
