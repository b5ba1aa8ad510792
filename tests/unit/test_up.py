"""``python -m review up`` beside a pulumi that is a few lines of bash: questions, exit codes, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from review.state_at_end import MANY
from tests.unit.review_events import STEPS, at, command, ended, finished, host, planned, told

PROJECT = Path(__file__).resolve().parents[2]
STEP = planned("create", STEPS, "win1-joined", None, command("script.sh", "joined"))
PULUMI = """#!/bin/bash
cd FOLDER
echo "$*" >>asked
case $1 in
  preview)
    [[ $* != *missing* ]] || { echo no such policy pack >&2; exit 1; }
    cat preview
    ;;
  stack) echo '{}' ;;
  up)
UP
    ;;
esac
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that starts the command line beside a pulumi whose ``up`` is this script."""

    def run(
        script: str, *arguments: str, nodes: int = 1, more: Sequence[dict[str, Any]] = (), **environment: str
    ) -> subprocess.Popen[str]:
        machines = [event for number in range(nodes) for event in host(f"win{number + 1}", "create")]
        events = {
            "preview": [*machines, STEP, *more, ended()],
            "begin": at(100, STEP),
            "end": [*at(110, finished("create", STEPS, "win1-joined")), ended()],
            "fail": at(110, told(STEPS, "win1-joined", "it broke\n  remedy: mend it", "error")),
        }
        for name, lines in events.items():
            (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
        pulumi = tmp_path / "pulumi"
        pulumi.write_text(PULUMI.replace("FOLDER", str(tmp_path)).replace("UP", script))
        pulumi.chmod(0o755)
        return subprocess.Popen(
            [sys.executable, "-m", "review", "up", "--stack", "here", *arguments],
            cwd=PROJECT,
            env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin", "TERM": "dumb", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def asked(folder: Path) -> list[str]:
    """Return the commands of pulumi that were run."""
    return [line.split()[0] for line in (folder / "asked").read_text().splitlines()]


def test_it_is_done_without_a_question_and_its_end_is_told(start: Start, tmp_path: Path) -> None:
    out, err = start("cat begin end", "--yes").communicate(timeout=60)
    assert (asked(tmp_path), err) == (["preview", "up", "stack"], "")
    assert "  win1  joined      (1/1)\n" in out
    assert "here is up: 1 of 1 steps are done" in out


def test_without_a_terminal_and_without_yes_nothing_is_done(start: Start, tmp_path: Path) -> None:
    process = start("cat begin end")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "make up YES=1" in err
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("code", [1, 8, 255])
def test_the_exit_code_is_that_of_pulumi_and_its_error_is_shown_whole(start: Start, code: int) -> None:
    process = start(f"cat begin fail; echo 'error: update failed' >&2; exit {code}", "--yes")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert "error: win1-joined: it broke\n  remedy: mend it\n" in out
    assert "error: update failed" in out, "what pulumi says beside its events is not lost"
    assert f"pulumi ended with {code}" in out


def test_options_reach_both_the_preview_and_the_run(start: Start, tmp_path: Path) -> None:
    start("cat begin end", "--yes", "--refresh", "--policy-pack", "policy").communicate(timeout=60)
    for line in (tmp_path / "asked").read_text().splitlines()[:2]:
        assert " --refresh" in line
        assert " --policy-pack policy" in line


def test_many_machines_are_worked_on_at_once_unless_the_user_says_how_many(start: Start, tmp_path: Path) -> None:
    cores = os.cpu_count() or 1
    script = "echo $PULUMI_PARALLEL >>parallel; cat begin end"
    start(script, "--yes").communicate(timeout=60)
    start(script, "--yes", nodes=4 * cores).communicate(timeout=60)
    start(script, "--yes", nodes=4 * cores, PULUMI_PARALLEL="7").communicate(timeout=60)
    assert (tmp_path / "parallel").read_text().split() == [str(max(4 * cores, 2)), str(8 * cores), "7"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_and_pulumi_ends_in_its_own_time(start: Start, tmp_path: Path, number: int) -> None:
    script = (
        "trap 'echo cancelled >>asked' INT TERM; cat begin; touch begun; sleep 30 & wait; cat end; kill %1; exit 130"
    )
    process = start(script, "--yes")
    deadline = time.monotonic() + 30
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "cancelled" in asked(tmp_path)
    assert "win1  joined      (1/1)" in out, "what came after the signal is shown too"


def test_a_preview_that_fails_is_told_and_nothing_is_done(start: Start, tmp_path: Path) -> None:
    process = start("cat begin end", "--yes", "--policy-pack", "missing")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: no such policy pack" in out
    assert asked(tmp_path) == ["preview"]


def test_the_state_is_written_at_the_end_only_where_that_is_asked_for(start: Start, tmp_path: Path) -> None:
    told = "echo ${PULUMI_SKIP_CHECKPOINTS:-often} >state; cat begin end"
    out, err = start(told, "--yes", "--state-at-end").communicate(timeout=60)
    assert ("here is up" in out, err, (tmp_path / "state").read_text()) == (True, "", "true\n")
    start(told, "--yes").communicate(timeout=60)
    assert (tmp_path / "state").read_text() == "often\n"


def test_where_something_would_be_lost_it_is_refused_before_anything_is_done(start: Start, tmp_path: Path) -> None:
    gone = [planned("delete", STEPS, f"win{number}-joined", command("script.sh", "joined")) for number in range(9)]
    process = start("cat begin end", "--yes", "--state-at-end", more=gone)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, asked(tmp_path)) == (1, ["preview"])
    assert "error: win0-joined is taken back or replaced (delete)" in out
    assert "(9 reasons)" in out
    assert "without STATE_AT_END" in out


def test_many_new_resources_are_worth_a_hint(start: Start) -> None:
    many = [planned("create", STEPS, f"win1-{each}", None, command("a.sh", str(each))) for each in range(MANY)]
    out, _ = start("cat begin end", "--yes", more=many).communicate(timeout=60)
    assert "hint: with so many resources" in out
    assert "hint" not in start("cat begin end", "--yes").communicate(timeout=60)[0]


def test_a_pulumi_that_was_killed_leaves_something_to_find_again(start: Start) -> None:
    out, _ = start("kill -KILL $$", "--yes", "--state-at-end").communicate(timeout=60)
    assert "killed before it had written the state: run the same again" in " ".join(out.split())
