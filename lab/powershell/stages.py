"""The stages of a pipeline: objects are pushed from one to the next, one at a time, as PowerShell does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.powershell.arguments import Argument
from lab.powershell.cmdlet import Cmdlet, CmdletCall
from lab.powershell.cmdlet_binding import bind_cmdlet
from lab.powershell.convert import elements
from lab.powershell.errors import PowerShellError, StopUpstream, Unsupported
from lab.powershell.faults import NetFault
from lab.powershell.runtime import Emit
from lab.powershell.scopes import ScriptBlock
from lab.powershell.source import Place
from lab.powershell.syntax_statements import CommandExpression
from lab.powershell.values import NOTHING, ErrorRecord

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner


class Stage:
    """One command of a pipeline. `sinks` is where its streams go, `emit` takes its output."""

    def __init__(self, engine: CommandRunner, place: Place) -> None:
        self.engine = engine
        self.place = place
        self.sinks: dict[str, Emit] = dict(engine.sinks)
        self.emit: Emit = lambda _: None
        self.piped = False

    @contextmanager
    def streams(self) -> Iterator[None]:
        """Send the streams where this command's redirections say."""
        before, self.engine.sinks = self.engine.sinks, self.sinks
        try:
            yield
        finally:
            self.engine.sinks = before

    def output(self, value: object) -> None:
        """Give an object, or each element of an array, to the next stage."""
        for item in elements(value):
            self.emit(item)

    def begin(self) -> None:
        """Before the first object."""

    def process(self, item: object) -> None:
        """One object from the stage before."""
        raise Unsupported("pipeline input for this command", str(self.place))

    def end(self) -> None:
        """After the last object."""


class ExpressionStage(Stage):
    """An expression at the head of a pipeline."""

    def __init__(self, engine: CommandRunner, node: CommandExpression) -> None:
        super().__init__(engine, node.place)
        self.node = node

    def end(self) -> None:
        """Evaluate it and pass its elements on."""
        self.output(self.engine.value(self.node.expression))


class CmdletStage(Stage):
    """A cmdlet written in Python: it runs once all of its input is there."""

    def __init__(self, engine: CommandRunner, place: Place, cmdlet: Cmdlet, arguments: Sequence[Argument]) -> None:
        super().__init__(engine, place)
        self.cmdlet = cmdlet
        self.call: CmdletCall = bind_cmdlet(engine, cmdlet, arguments)

    def process(self, item: object) -> None:
        """Keep the object."""
        self.call.pipeline.append(item)

    def end(self) -> None:
        """Run it."""
        self.call.piped = self.piped
        before = self.engine.here
        self.engine.here = self.place
        try:
            for made in self.cmdlet(self.call):
                if made is not NOTHING:
                    self.emit(made)
        except NetFault as error:
            record = ErrorRecord(error.exception, f"{error.exception.type_name},{self.cmdlet.name}")
            record.activity = self.cmdlet.name
            raise PowerShellError(record) from error
        except Unsupported as error:
            error.position = error.position or str(self.place)
            raise
        except PowerShellError as error:
            self.engine.locate(error.record, self.place)
            raise
        self.engine.here = before


class FilterStage(Stage):
    """ForEach-Object and Where-Object with script blocks, which see one object at a time."""

    def __init__(self, engine: CommandRunner, place: Place, blocks: Sequence[ScriptBlock | None], keep: bool) -> None:
        super().__init__(engine, place)
        self.first, self.each, self.last = blocks
        self.keep = keep
        # The blocks see the variables of whoever wrote this pipeline, not those of a function that feeds it.
        self.scopes = [(block.session, block.session.current) for block in blocks if block is not None]

    def _run(self, block: ScriptBlock | None, item: object) -> None:
        if block is None:
            return
        before = [session.current for session, _ in self.scopes]
        for session, scope in self.scopes:
            session.current = scope
        try:
            self._apply(block, item)
        finally:
            for (session, _), scope in zip(self.scopes, before, strict=True):
                session.current = scope

    def _apply(self, block: ScriptBlock, item: object) -> None:
        if self.keep:
            if self.engine.test(block, item):
                self.emit(item)
        else:
            self.engine.run_inline(block, item, self.emit)

    def begin(self) -> None:
        """The -Begin block."""
        self._run(self.first, None)

    def process(self, item: object) -> None:
        """The -Process block, or the test."""
        self._run(self.each, item)

    def end(self) -> None:
        """The -End block."""
        if not self.piped and not self.keep:
            self._run(self.each, None)
        self._run(self.last, None)


class FirstStage(Stage):
    """Select-Object -First: stops what feeds it once it has enough."""

    def __init__(self, engine: CommandRunner, place: Place, count: int) -> None:
        super().__init__(engine, place)
        self.left = count

    def process(self, item: object) -> None:
        """Pass the object on while there is need."""
        if self.left > 0:
            self.left -= 1
            self.emit(item)
        if self.left <= 0:
            raise StopUpstream(self)


def adopt(stage: Stage, following: Stage | None, emit: Emit) -> None:
    """Let a stage's output go to the next one, or to where the pipeline's output goes."""
    if following is None:
        stage.emit = emit
        return
    following.piped = True

    def pass_on(item: object) -> None:
        with following.streams():
            following.process(item)

    stage.emit = pass_on
