"""What the measurements of ``make scale`` are made of, and how they are shown."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench.report import placed
from bench.scale.measure import Run, Size
from bench.scale.processes import Need, Watch
from bench.scale.report import preview_line, tables

PROJECT = Path(__file__).resolve().parents[2]


def size(nodes: int, seconds: float) -> dict[str, object]:
    run = Run(seconds, 0.4, {"engine": Need(138.2, 2.4), "program": Need(90, 4), "provider command": Need(40, 1)})
    connections = dict.fromkeys(("controlPlane", "controlPlaneNotLoggedIn"), nodes)
    connections |= dict.fromkeys(("windowsNode", "windowsNodeNotLoggedIn"), 18)
    return Size(nodes, 5.0, 16, False, run, run, run, 50 * nodes, nodes << 20, connections, {"ratio": 1.1234}).as_json()


def test_the_table_has_a_column_for_each_size_in_their_order() -> None:
    lines = tables([size(100, 30.0), size(5, 3.25)])
    assert "**Each step takes 5 s, two resources a machine at once, the state is written with each resource**" in lines
    rows = {row.split(" | ")[0].strip("| "): row.strip("| ").split(" | ")[1:] for row in lines if row.startswith("|")}
    assert rows["Windows nodes"] == ["5", "100"]
    assert rows["`up`, s (load)"] == ["3.2 (0)", "30.0 (0)"]
    assert rows["- its processor time"] == ["2.4 + 4.0 + 1.0"] * 2
    assert rows["- against the work on its longest chain"] == ["1.12"] * 2
    assert rows["state, MiB"] == ["5.0", "100.0"]
    assert rows["connections to the control plane at once (not logged in yet)"] == ["5 (5)", "100 (100)"]


def test_a_preview_alone_is_a_line() -> None:
    run = {"seconds": 6.04, "load": 0.4, "needs": {"engine": {"peak_mib": 138.2, "cpu_seconds": 2.44}}}
    assert preview_line(5, run) == "5 nodes: 6.0 s at load 0; of it processor time: engine 2.4 s, 138 MiB"


def test_the_page_has_a_place_for_it() -> None:
    assert "a table" in placed((PROJECT / "docs/scale.md").read_text(), "a table")


def test_the_processes_of_one_session_are_seen_and_no_others() -> None:
    line = ["bash", "-c", "exec -a /x/bin/pulumi sleep 30"]
    with subprocess.Popen(line, start_new_session=True) as process, subprocess.Popen(line) as other:
        with Watch(process.pid) as watch, Watch(other.pid) as elsewhere:
            deadline = time.monotonic() + 25
            while not watch.needs():
                assert time.monotonic() < deadline
                time.sleep(0.2)
        process.kill()
        other.kill()
    assert set(watch.needs()) == {"engine"}
    assert 0 < watch.needs()["engine"].peak_mib < 50
    assert not elsewhere.needs()
