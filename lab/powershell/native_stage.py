"""Native programs as stages of a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.powershell.faults import AUTOMATION
from lab.powershell.native import command_line, split_command_line
from lab.powershell.source import Place
from lab.powershell.text import text_of
from lab.powershell.values import ErrorRecord, NetException

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner
from lab.powershell.stages import Stage


class NativeStage(Stage):
    """A native program: texts go in as lines, its stdout comes out as lines."""

    def __init__(self, engine: CommandRunner, place: Place, program: str, arguments: Sequence[str]) -> None:
        super().__init__(engine, place)
        self.program = program
        self.arguments = split_command_line(command_line(arguments))
        self.input: list[str] = []

    def process(self, item: object) -> None:
        """Keep a line of standard input."""
        self.input.append(text_of(item) + "\r\n")

    def end(self) -> None:
        """Run it and pass its lines on."""
        encoding = self.engine.pipe_encoding()
        stdin = "".join(self.input).encode(encoding, errors="replace") if self.piped else None
        try:
            code, out, err = self.engine.host.run_program(self.program, self.arguments, stdin)
        except FileNotFoundError as error:
            raise self.engine.not_found(self.program) from error
        self._errors(err)
        self.engine.set_variable("global", "LASTEXITCODE", code)
        for line in self.engine.console_text(out).splitlines():
            self.emit(line)
        self.engine.succeeded = code == 0

    def _errors(self, err: bytes) -> None:
        text = self.engine.console_text(err)
        if "2" not in self.engine.sinks:
            if text:
                self.engine.err(text)
            return
        # Redirected lines are error records in 5.1, which the preference Stop turns into an exception, even for $null.
        for line in text.splitlines():
            exception = NetException(line, f"{AUTOMATION}.RemoteException")
            record = ErrorRecord(exception, "NativeCommandError", "NotSpecified", line, activity=self.program)
            self.engine.report(record, None)
