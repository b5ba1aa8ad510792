"""The picture of a run shows its lines as they were, and says how many are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.recording import COLUMNS, drawn, main, trimmed

LOG = """\
building kubernetes: kubectl
win1 (10.77.0.21) answers 7.1 s
Updating (lab):

@ Updating....
 \x1b[32m+  pulumi:pulumi:Stack casement-lab creating (0s)\x1b[0m
 +  command:remote:Command cp1-joined creating (0s)
 +  command:remote:Command cp1-joined created (9s)
 +  command:remote:Command lin1-joined created (9s)
 +  command:remote:Command win1-joined creating (0s)
 +  command:remote:Command win1-joined created (12s)
Outputs:
    nodes: {}

Resources:
    + 9 created

Duration: 7m1s

NAME   STATUS
win1   Ready

Checks
  node-ready       cp1           0.1 s  Ready
  node-ready       win1          0.1 s  Ready
  linux-to-linux   cp1 -> lin1   0.2 s  answered

Reach it    .venv/bin/python -m lab kubectl get pods -A
Take down   make lab-down
"""
GAP = "\x1b[2m    ... {} left out\x1b[0m"


def test_lines_are_shown_as_they_were_and_those_left_out_are_counted() -> None:
    lines = LOG.splitlines()
    shown = list(trimmed(lines))
    assert shown == [
        GAP.format("2 lines"),
        *lines[2:8],
        GAP.format("2 lines"),
        lines[10],
        GAP.format("3 lines"),
        *lines[14:16],
        GAP.format("1 line"),
        *lines[17:23],
        lines[23],
        GAP.format("1 line"),
        *lines[25:],
    ]


def test_the_picture_has_every_line_once_and_cuts_long_ones(tmp_path: Path) -> None:
    picture = drawn(["\x1b[32mgreen\x1b[0m", "x" * (COLUMNS + 1)])
    assert picture.count("green") == 1
    assert f"{'x' * (COLUMNS - 1)}…" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_a_run_that_did_not_come_to_its_end_gives_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, picture = tmp_path / "log", tmp_path / "lab.svg"
    log.write_text(LOG.replace("Take down", "error"))
    assert main([str(log), str(picture)]) == 1
    assert "does not end as `make lab` does" in capsys.readouterr().err
    log.write_text(LOG)
    assert main([str(log), str(picture)]) == 0
    assert picture.read_text().startswith("<svg")
