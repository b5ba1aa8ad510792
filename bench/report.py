"""The tables of a run of the benchmark, and their place in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.figures import BARS, Figure, Figures, better_peer, figures, ratio, ratios_by_repetition
from bench.results import CONTESTANTS, OURS, PHASES, Results

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
LEAST_REPETITIONS = 3
"""Fewer say nothing about the spread, and are not for the documentation."""


def problems(results: Results) -> list[str]:
    """Return why these results are not for the documentation; nothing where they are."""
    found = [
        f"{CONTESTANTS[each.contestant]} failed in repetition {each.repetition}, {PHASES[each.phase]}: {each.reason}"
        for each in results.failures
    ]
    measured = figures(results)
    for phase, title in PHASES.items():
        for name in CONTESTANTS:
            one = measured.get(phase, {}).get(name)
            count = one.repetitions if one else 0
            if count < LEAST_REPETITIONS:
                found.append(f"{CONTESTANTS[name]}, {title}: {count} repetitions, {LEAST_REPETITIONS} are the least")
    return found


def render(results: Results) -> str:
    """Return what was measured as Markdown; of an unfinished run as far as it got."""
    measured, machine = figures(results), results.machine
    names = [name for name in CONTESTANTS if any(name in phase for phase in measured.values())]
    heading = _table("", [CONTESTANTS[name] for name in names])
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    return "\n".join(
        [
            f"{results.date}, {results.repetitions} repetitions, contestants taking turns. Machine:"
            f" {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB of memory, {machine.system},"
            f" kernel {machine.kernel}. Versions: {versions}.",
            "",
            "Time as a part of the better peer's; in brackets the seconds: median, least to most.",
            "",
            *heading,
            *(_row(PHASES[phase], [_time(found, name) for name in names]) for phase, found in measured.items()),
            "",
            "SSH connections that the hosts saw:",
            "",
            *heading,
            *(_row(PHASES[phase], [_connections(found, name) for name in names]) for phase, found in measured.items()),
            "",
            *_table("casement", ["allowed", "measured", "in each repetition", ""]),
            *_bars(results, measured),
            "",
            *_table("", ["what was timed"]),
            *(_row(CONTESTANTS[name], [f"`{results.commands[name]}`"]) for name in names),
        ]
    )


def _table(corner: str, columns: Sequence[str]) -> list[str]:
    return [_row(corner, columns), f"|{'---|' * (len(columns) + 1)}"]


def _row(head: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([head, *cells])} |"


def _time(phase: Mapping[str, Figure], name: str) -> str:
    if name not in phase:
        return "-"
    one, part = phase[name], ratio(phase, name)
    seconds = f"{one.median:.1f}; {one.least:.1f} to {one.most:.1f}"
    return f"**{part:.2f}** ({seconds})" if part is not None else f"({seconds})"


def _connections(phase: Mapping[str, Figure], name: str) -> str:
    if name not in phase:
        return "-"
    least, most = phase[name].connections
    return str(most) if least == most else f"{least} to {most}"


def _bars(results: Results, measured: Figures) -> Iterator[str]:
    """Yield a row for each bar, and one for what a run without a change may not do."""
    for phase, allowed in BARS.items():
        found = measured.get(phase, {})
        part, peer = ratio(found, OURS), better_peer(found)
        if part is None or peer is None:
            continue
        each = ", ".join(f"{one:.2f}" for one in ratios_by_repetition(results.measurements, phase))
        title = f"{PHASES[phase]}, against {CONTESTANTS[peer]}"
        yield _row(title, [f"{allowed:.2f}", f"{part:.2f}", each, _verdict(part <= allowed)])
    if OURS in measured.get("unchanged", {}):
        most = measured["unchanged"][OURS].connections[1]
        title = f"{PHASES['unchanged']}, SSH connections"
        yield _row(title, ["0", str(most), "", _verdict(most == 0)])


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


def placed(page: str, text: str) -> str:
    """Return a page with the text between its marks, in the place of what stood there.

    Raises ValueError for a page that has not each mark once, in their order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"the page must have {BEGIN} and {END} once each, in this order")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
