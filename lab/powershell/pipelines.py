"""Putting the stages of a pipeline together, and running them."""

from __future__ import annotations

from collections.abc import Sequence

from lab.powershell.errors import StopUpstream
from lab.powershell.files import FileSystem
from lab.powershell.runtime import Emit
from lab.powershell.stages import (
    Stage,
    adopt,
)
from lab.powershell.statements import StatementRunner
from lab.powershell.syntax_statements import Command, CommandExpression, Pipeline, Redirection
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, is_null


class PipelineRunner(StatementRunner):
    """Runs pipelines of stages."""

    files: FileSystem

    def _stage(self, node: Command | CommandExpression) -> Stage:
        """The stage of one command."""
        raise NotImplementedError

    def run_pipeline(self, node: Pipeline, emit: Emit) -> None:
        """Run a pipeline; its output goes to `emit`, object by object."""
        stages = [self._stage(element) for element in node.elements]
        only_value = all(isinstance(element, CommandExpression) for element in node.elements)
        self.succeeded = self.succeeded if only_value else True
        self.run_stages(stages, emit)
        self.succeeded = True if only_value else self.succeeded

    def run_stages(self, stages: Sequence[Stage], emit: Emit) -> None:
        """Run stages that are bound already."""
        for at, stage in enumerate(stages):
            target = self.sink_output(stage) or emit
            following = stages[at + 1] if at + 1 < len(stages) else None
            adopt(stage, None if self.sink_output(stage) else following, target)
            if following is not None:
                following.piped = True
            self._merge(stage)
        for stage in reversed(stages):
            with stage.streams():
                stage.begin()
        stopped = -1
        for at, stage in enumerate(stages):
            if at <= stopped:
                continue
            try:
                with stage.streams():
                    stage.end()
            except StopUpstream as stop:
                if stop.stage not in stages:
                    raise
                stopped = stages.index(stop.stage) - 1

    def sink_output(self, stage: Stage) -> Emit | None:
        """Where the stage's own output is redirected to, if it is."""
        return stage.sinks.get("1")

    def _merge(self, stage: Stage) -> None:
        """Let the streams that are merged into the output go where it goes."""
        for stream, sink in list(stage.sinks.items()):
            if sink is _MERGED:
                stage.sinks[stream] = stage.emit

    def _redirect(self, stage: Stage, redirections: Sequence[Redirection]) -> None:
        stage.sinks.pop("1", None)
        for redirection in redirections:
            streams = ["1", "2", "3", "4", "5", "6"] if redirection.stream == "*" else [redirection.stream]
            if redirection.target is None:
                for stream in streams:
                    if stream != "1":
                        stage.sinks[stream] = _MERGED
                continue
            target = self.value(redirection.target)
            sink = _discard if is_null(target) else self.files.appender(text_of(target), append=redirection.append)
            for stream in streams:
                stage.sinks[stream] = sink


def _discard(_: object) -> None:
    """Take an object and forget it."""


def _MERGED(_: object) -> None:  # noqa: N802 - a mark, replaced before anything is written to it
    raise AssertionError(NOTHING)
