"""The picture of a run shows its lines as they were, with their numbers, so that it is seen where some are missing."""

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


def test_lines_are_shown_as_they_were_and_with_their_numbers() -> None:
    lines = LOG.splitlines()
    shown = dict(trimmed(lines))
    assert all(lines[number - 1] == line for number, line in shown.items())
    left_out = [line for number, line in enumerate(lines, 1) if number not in shown]
    assert [line.split()[-2:] for line in left_out] == [
        ["kubernetes:", "kubectl"],
        ["7.1", "s"],
        ["created", "(9s)"],
        ["creating", "(0s)"],
        ["Outputs:"],
        ["nodes:", "{}"],
        [],
        [],
        ["s", "Ready"],
    ]


def test_the_picture_has_every_line_once_and_cuts_long_ones() -> None:
    picture = drawn([(7, "\x1b[32mgreen\x1b[0m"), (1234, "x" * COLUMNS)])
    assert picture.count("green") == 1
    assert picture.count("1234") == 1
    assert f"{'x' * (COLUMNS - 6)}…" in picture
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
