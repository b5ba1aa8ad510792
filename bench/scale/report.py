"""The figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_MIB = 1024 * 1024
Figures = Mapping[str, Any]


def tables(figures: Sequence[Figures]) -> list[str]:
    """Return, for each way of measuring, a table with a column for each number of nodes."""
    lines: list[str] = []
    for way in sorted({way_of(each) for each in figures}):
        own = [each for each in figures if way_of(each) == way]
        step_seconds, asked, state_at_end = way
        at_once = f"`--parallel {asked}`" if asked else "two resources a machine at once"
        state = "the state is written at the end" if state_at_end else "the state is written with each resource"
        lines += ["", f"**Each step takes {step_seconds:g} s, {at_once}, {state}**", ""]
        lines += _table(sorted(own, key=lambda each: each["nodes"]))
    return [*lines, ""]


def way_of(figures: Figures) -> tuple[float, int, bool]:
    """Return in which way they were measured: seconds a step, resources at once, whether the state came at the end."""
    return figures["step_seconds"], figures.get("asked") or 0, figures.get("state_at_end", False)


def preview_line(nodes: int, run: Figures) -> str:
    """Return what one preview needed, as a line of text."""
    parts = (f"{part} {need['cpu_seconds']:.1f} s, {need['peak_mib']:.0f} MiB" for part, need in run["needs"].items())
    return f"{nodes} nodes: {run['seconds']:.1f} s at load {run['load']:.0f}; of it processor time: {'; '.join(parts)}"


def _table(figures: Sequence[Figures]) -> Iterator[str]:
    yield _row(["Windows nodes", *(str(each["nodes"]) for each in figures)])
    yield _row(["---", *("---:" for _ in figures)])
    for title, cell in _ROWS.items():
        yield _row([title, *(cell(each) for each in figures)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _seconds(run: str) -> Callable[[Figures], str]:
    return lambda each: f"{each[run]['seconds']:.1f} ({each[run]['load']:.0f})"


def _cpu(run: str) -> Callable[[Figures], str]:
    def cell(each: Figures) -> str:
        needs = each[run]["needs"]
        parts = (_of(needs, part, "cpu_seconds") for part in ("engine", "program", "provider"))
        return " + ".join(f"{seconds:.1f}" for seconds in parts)

    return cell


def _of(needs: Mapping[str, Mapping[str, float]], part: str, what: str) -> float:
    return sum(need[what] for name, need in needs.items() if name.startswith(part))


def _memory(part: str) -> Callable[[Figures], str]:
    return lambda each: f"{_of(each['up']['needs'], part, 'peak_mib'):.0f}"


def _connections(machine: str) -> Callable[[Figures], str]:
    return lambda each: f"{each['connections'][machine]} ({each['connections'][f'{machine}NotLoggedIn']})"


def _ratio(each: Figures) -> str:
    return f"{each['trace']['ratio']:.2f}" if each["step_seconds"] else ""


_ROWS: Mapping[str, Callable[[Figures], str]] = {
    "resources": lambda each: str(each["resources"]),
    "preview of a new stack, s (load)": _seconds("preview_new"),
    "- processor time": _cpu("preview_new"),
    "`up`, s (load)": _seconds("up"),
    "- its processor time": _cpu("up"),
    "- against the work on its longest chain": _ratio,
    "preview without a change, s (load)": _seconds("preview_same"),
    "- and its processor time": _cpu("preview_same"),
    "memory of the engine, MiB": _memory("engine"),
    "memory of the program, MiB": _memory("program"),
    "memory of the providers, MiB": _memory("provider"),
    "state, MiB": lambda each: f"{each['state_bytes'] / _MIB:.1f}",
    "connections to the control plane at once (not logged in yet)": _connections("controlPlane"),
    "connections to a Windows node at once (not logged in yet)": _connections("windowsNode"),
}
