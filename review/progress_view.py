"""Progress as a person reads it: a table that is drawn again and again, or a line for each phase of each node."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from operations.moments import Moment, What
from review.progress import Progress, Reached, Row, State

_STYLES = {State.FAILED: "bold red", State.RUNNING: "", State.WAITING: "dim", State.DONE: "green"}
_ORDER = (State.FAILED, State.RUNNING, State.WAITING, State.DONE)
_AROUND = 6
"""Lines of a terminal that the table leaves to its head, its last line, and what stands around it."""
_SILENCE = 60
"""Seconds after which it is told what runs, where only lines can be printed."""
_TOLD = {"error": "bold red", "warning": "yellow"}


def lasted(seconds: float) -> str:
    """Return a time as minutes and seconds, ``3:07``, or with hours, ``1:03:07``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def table(progress: Progress, now: float, most_rows: int) -> Table:
    """Return the table of nodes; where there are more than fit, those that need no attention are only counted."""
    shown = Table(box=None, pad_edge=False, expand=True, header_style="dim")
    for name in ("node", "phase", "steps", ""):
        shown.add_column(name, no_wrap=True)
    shown.add_column("now", ratio=1, no_wrap=True, overflow="ellipsis")
    shown.add_column("time", justify="right", no_wrap=True)
    rows = sorted(progress.rows, key=lambda row: _ORDER.index(row.state))[:most_rows]
    for row in progress.rows:
        if row in rows:
            shown.add_row(*_cells(progress, row, now), style=_STYLES[row.state])
    hidden = Counter(row.state for row in progress.rows if row not in rows)
    left_out = ", ".join(f"{count} {state}" for state, count in hidden.items())
    whole = f"{sum(task.state is State.DONE for task in progress.tasks)}/{len(progress.tasks)}"
    began = now if progress.began is None else progress.began
    shown.add_row("all", "", whole, "", f"and {left_out}" if left_out else "", lasted(now - began), style="bold")
    return shown


def _cells(progress: Progress, row: Row, now: float) -> Iterator[RenderableType]:
    yield row.name
    yield str(row.phase())
    yield f"{row.done}/{len(row.tasks)}"
    yield ProgressBar(total=len(row.tasks), completed=row.done, width=12)
    yield Text(_now(progress, row, now))
    yield "" if row.began is None else lasted((row.ended or now) - row.began)


def _now(progress: Progress, row: Row, now: float) -> str:
    if row.failed:
        return f"failed: {', '.join(task.step for task in row.failed)}"
    if row.running:
        task = row.running[0]
        return f"{task.step} {lasted(now - task.began)}" + (f"  {task.said}" if task.said else "")
    return "" if row.state is State.DONE else progress.waits_for(row)


class View:
    """Shows progress: on a terminal as a table, elsewhere by lines. Warnings and errors are shown whole, at once."""

    def __init__(
        self,
        progress: Progress,
        console: Console,
        *,
        every_line: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with nothing shown; ``every_line`` is to print all that steps tell, too."""
        self._progress = progress
        self._console = console
        self._every_line = every_line
        self._clock = clock
        self._width = max((len(row.name) for row in progress.rows), default=0)
        self._last = 0.0
        self._live = Live(
            get_renderable=self._table, console=console, refresh_per_second=2, transient=False, redirect_stdout=False
        )

    def __enter__(self) -> View:
        """Show the table from now on, where there is a terminal."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last table standing."""
        if self._console.is_terminal:
            self._live.stop()

    def take(self, moment: Moment) -> None:
        """Show what has happened."""
        ended = self._progress.take(moment)
        if moment.what is What.SAID:
            self._tell(moment)
        if self._console.is_terminal:
            return
        if ended:
            self._line(moment.at, _phase_line(ended, self._width))
        elif moment.what is What.FAILED and moment.urn:
            self._line(moment.at, f"{moment.name} failed")
        elif moment.at - self._last >= _SILENCE and self._last:
            for row in self._progress.rows:
                if row.running:
                    self._line(moment.at, f"{row.name:<{self._width}}  {_now(self._progress, row, moment.at)}")
        self._last = self._last or moment.at

    def _tell(self, moment: Moment) -> None:
        about = self._progress.about(moment)
        if moment.severity in _TOLD:
            head = f"{moment.severity}: {moment.name or ''}".rstrip(": ")
            self._console.print(f"[{_TOLD[moment.severity]}]{escape(head)}[/]: {escape(moment.whole)}", soft_wrap=True)
        elif self._every_line and moment.text:
            name = f"{about[0].name:<{self._width}}  {about[1].step}: " if about else ""
            self._console.print(Text(f"{name}{moment.text}"), soft_wrap=True)

    def _line(self, at: float, text: str) -> None:
        self._last = at
        self._console.print(Text(f"{lasted(at - (self._progress.began or at)):>7}  {text}"), soft_wrap=True)

    def _table(self) -> RenderableType:
        return table(self._progress, self._clock(), max(1, self._console.height - _AROUND))


def _phase_line(ended: Reached, width: int) -> str:
    return f"{ended.row.name:<{width}}  {ended.phase:<10}  ({ended.row.done}/{len(ended.row.tasks)})"
