"""Figures, tables and the place in the documentation of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.figures import BARS, better_peer, figures, ratio, ratios_by_repetition
from bench.report import BEGIN, END, LEAST_REPETITIONS, placed, problems, render
from bench.results import CONTESTANTS, PHASES, Failure, Machine, Measurement, Results, read, this_machine

MACHINE = Machine("A processor", 2, 8, "Debian", "6.1")
FIRST = {
    "casement": (30.0, 33.0, 31.0),
    "ansible": (44.0, 40.0, 42.0),
    "pyinfra": (50.0, 39.0, 60.0),
    "shell": (20.0,) * 3,
}


def results(times: Mapping[str, Mapping[str, Sequence[float]]], connections: int = 2) -> Results:
    """Return results with these seconds by phase and contestant; ours without a change makes these connections."""
    made = Results("2026-01-02", MACHINE, {"pulumi": "3"}, {name: f"run {name}" for name in CONTESTANTS}, 3)
    for phase, by_name in times.items():
        for name, seconds in by_name.items():
            for repetition, each in enumerate(seconds):
                made.measurements.append(Measurement(name, phase, repetition, each, connections))
    return made


def test_the_median_counts_and_the_spread_is_shown() -> None:
    found = figures(results({"first": FIRST}))["first"]["casement"]
    assert (found.median, found.least, found.most, found.repetitions) == (31.0, 30.0, 33.0, 3)


def test_the_better_peer_is_the_measure_and_never_the_floor() -> None:
    phase = figures(results({"first": FIRST}))["first"]
    assert better_peer(phase) == "ansible"
    assert ratio(phase, "casement") == pytest.approx(31 / 42)
    assert ratio(phase, "shell") == pytest.approx(20 / 42)
    alone = {name: one for name, one in phase.items() if name in ("casement", "shell")}
    assert ratio(alone, "casement") is None


def test_in_each_repetition_the_peer_that_was_better_then_is_the_measure() -> None:
    measured = results({"first": FIRST}).measurements
    assert ratios_by_repetition(measured, "first") == pytest.approx([30 / 44, 33 / 39, 31 / 42])
    without = [each for each in measured if (each.contestant, each.repetition) != ("pyinfra", 1)]
    assert ratios_by_repetition(without, "first") == pytest.approx([30 / 44, 31 / 42])


def test_a_bar_is_met_up_to_its_very_value() -> None:
    at = {"casement": (8.0,), "ansible": (10.0,), "pyinfra": (11.0,)}
    assert BARS["first"] == 0.8
    assert "| first run, against Ansible | 0.80 | 0.80 | 0.80 | met |" in render(results({"first": at}))
    above = {**at, "casement": (8.1,)}
    assert "| 0.80 | 0.81 | 0.81 | **not met** |" in render(results({"first": above}))


def test_any_connection_of_ours_without_a_change_is_told() -> None:
    unchanged = {"casement": (1.0, 1.0), "ansible": (9.0, 9.0), "pyinfra": (9.0, 9.0)}
    assert "| no change, SSH connections | 0 | 0 |  | met |" in render(results({"unchanged": unchanged}, 0))
    seen = results({"unchanged": unchanged}, 0)
    seen.measurements[1] = replace(seen.measurements[1], connections=1)
    assert "| no change, SSH connections | 0 | 1 |  | **not met** |" in render(seen)


def test_every_row_has_as_many_cells_as_its_table() -> None:
    lines = render(results(dict.fromkeys(PHASES, FIRST))).splitlines()
    tables = [list(block.splitlines()) for block in "\n".join(lines).split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    for table in tables:
        assert len(table) > 2
        assert len({line.count("|") for line in table}) == 1


def test_what_is_incomplete_or_failed_is_not_for_the_documentation() -> None:
    full = results(dict.fromkeys(PHASES, FIRST))
    assert problems(full) == []
    failed = replace(full, failures=[Failure("pyinfra", "setting", 1, "no answer")])
    assert problems(failed) == ["pyinfra failed in repetition 1, one setting changed: no answer"]
    few = results({phase: {**FIRST, "shell": (20.0,) * (LEAST_REPETITIONS - 1)} for phase in PHASES})
    assert [each.partition(":")[0] for each in problems(few)] == [f"shell script, {title}" for title in PHASES.values()]


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    written = replace(results({"first": FIRST}), machine=this_machine(), failures=[Failure("shell", "first", 2, "why")])
    written.write(tmp_path / "new/results.json")
    assert read(tmp_path / "new/results.json") == written
    assert written.machine.cores >= 1


def test_the_tables_take_the_place_between_the_marks() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"
    once = placed(page, "new")
    assert once == f"# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nAfter.\n"
    assert placed(once, "newer") == once.replace("new", "newer")


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}", f"{BEGIN}{END}{END}"])
def test_a_page_without_its_marks_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        placed(page, "new")
