"""What can end a statement early: PowerShell errors, flow of control, and things the interpreter does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.powershell.values import ErrorRecord


class Unsupported(Exception):  # noqa: N818 - the word the user reads, not one more Error
    """The script uses something this interpreter does not model; no script can catch it."""

    def __init__(self, what: str, position: str = "") -> None:
        self.what = what
        self.position = position
        super().__init__(what)

    def __str__(self) -> str:
        """The one line that is shown, with the place when it is known."""
        return f"Unsupported: {self.what}" + (f" at {self.position}" if self.position else "")


class PowerShellError(Exception):
    """A terminating error travelling up to a `catch`; `thrown` tells `throw` from a failing command."""

    def __init__(self, record: ErrorRecord, *, thrown: bool = False) -> None:
        self.record = record
        self.thrown = thrown
        super().__init__(str(record))


class FlowControl(BaseException):
    """Not an error: a jump. No `catch` sees it, every `finally` does."""


class BreakLoop(FlowControl):
    """The statement `break`, with its label if it has one."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        super().__init__(label)


class ContinueLoop(FlowControl):
    """The statement `continue`, with its label if it has one."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        super().__init__(label)


class ReturnFromBlock(FlowControl):
    """The statement `return`; its value has already been emitted."""


class ExitScript(FlowControl):
    """The statement `exit`."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class StopUpstream(FlowControl):
    """`Select-Object -First` has enough: what feeds it is stopped."""

    def __init__(self, stage: object) -> None:
        self.stage = stage
        super().__init__()
