"""What step.sh and lib.sh promise of any step: a time limit, a lock, whole files, and errors that say what to do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts/linux"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="steps run as root")


@dataclass(frozen=True)
class Runner:
    """A copy of the runner, as it stands on a host, with scripts of the test."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def start(self, script: str, limit: int = 30, path: str = "") -> subprocess.Popen[str]:
        (self.folder / "linux/a.sh").write_text(f"# shellcheck shell=bash\n{script}\n")
        line = ["bash", str(self.folder / "linux/step.sh"), "a.sh", "0", "step-a", str(limit)]
        variables = os.environ | {"PATH": f"{path}{os.environ['PATH']}"}
        return subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, text=True, env=variables, start_new_session=True
        )

    def run(self, script: str, limit: int = 30) -> tuple[int, str]:
        process = self.start(script, limit)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err


def runs(pid: str) -> bool:
    """Return whether a process is there and more than what is left of one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail after ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "does not come true"
        time.sleep(0.02)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    (tmp_path / "linux").mkdir()
    for name in ("step.sh", "lib.sh", "records.sh", "versions.sh"):
        shutil.copy(SCRIPTS / name, tmp_path / "linux" / name)
    return Runner(tmp_path)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own with room for one page."""
    folder = tmp_path / "full"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "full", str(folder)], check=False).returncode:
        pytest.skip("no mounts here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_step_that_hangs_is_ended_at_its_limit_with_all_that_it_started(runner: Runner) -> None:
    pids = runner.folder / "pids"
    hang = f"sleep 300 & echo $! >{pids}; (trap '' TERM; echo $BASHPID >>{pids}; sleep 301; sleep 302)"
    began = time.monotonic()
    code, said = runner.run(hang, limit=3)
    assert code in (124, 137)
    assert time.monotonic() - began < 60
    assert "step step-a took longer than its time limit of 3 s" in said
    assert "run 'pulumi up' again" in said
    assert "raise timeLimits.step-a" in said
    # What was killed is gone as soon as the kernel gets to it.
    eventually(lambda: not [pid for pid in pids.read_text().split() if runs(pid)])
    assert runner.run("say done")[0] == 0, "the lock is free"


def test_a_step_that_was_killed_says_so(runner: Runner) -> None:
    code, said = runner.run("kill -KILL $$")
    assert code == 137
    assert "killed by another program, or for want of memory" in said


def test_a_command_that_fails_unexpectedly_is_named_with_what_to_do(runner: Runner) -> None:
    expected = "one() { false || true; }\none\nif ls /nowhere; then :; fi\nx=$(ls /nowhere) || true"
    code, said = runner.run(f"{expected}\nls /nowhere")
    assert code == 2
    assert said.count("error: step step-a failed: ls /nowhere (exit code 2, a.sh line 6)") == 1
    assert "run 'pulumi up' again" in said


def test_a_full_disk_is_named(runner: Runner, full_disk: Path) -> None:
    code, said = runner.run(f"state_folder={full_disk}\nhead -c 100000 /dev/zero >{full_disk}/x")
    assert code == 1
    assert f"the disk that holds {full_disk} is full" in said


def test_a_file_is_whole_or_as_it_was(runner: Runner, full_disk: Path) -> None:
    (full_disk / "f").write_text("old")
    text = runner.folder / "text"
    text.write_text("x" * 100_000)
    code, said = runner.run(f"write_file {full_disk}/f 644 <{text}")
    assert code == 1, said
    assert (full_disk / "f").read_text() == "old"


def test_an_archive_that_does_not_fit_is_not_taken_for_unpacked(runner: Runner, full_disk: Path) -> None:
    made = runner.folder / "made"
    (made / "bin").mkdir(parents=True)
    (made / "bin/program").write_bytes(os.urandom(100_000))
    archive = runner.folder / "a.tgz"
    subprocess.run(["tar", "-C", str(made), "-czf", str(archive), "bin"], check=True)
    digest = subprocess.run(["sha256sum", archive], capture_output=True, text=True, check=True).stdout.split()[0]
    install = f"install_program thing file://{archive} sha256:{digest} {full_disk}"
    for _ in range(2):
        code, said = runner.run(install)
        assert code != 0, "the truncated file is not in place"
        assert "No space left on device" in said
        assert "is in place" not in said
    subprocess.run(["mount", "-o", "remount,size=1m", str(full_disk)], check=True)
    code, said = runner.run(install)
    assert (code, (full_disk / "bin/program").read_bytes()) == (0, (made / "bin/program").read_bytes()), said
    code, said = runner.run(install)
    assert (code, "thing is in place" in said) == (0, True), said


def test_a_change_whose_step_did_not_end_is_a_change_for_the_next_run(runner: Runner) -> None:
    change = f"write_file {runner.folder}/f 644 <<<text; "
    assert runner.run(f"{change} false")[0] == 1
    assert "changed=true" in runner.run(f"{change} say changed=$changed")[1]
    assert "changed=false" in runner.run(f"{change} say changed=$changed")[1]


def test_a_step_waits_for_the_one_before_it_and_says_for_which(runner: Runner) -> None:
    begun, go = runner.folder / "begun", runner.folder / "go"
    first = runner.start(f"touch {begun}; until [[ -e {go} ]]; do sleep 0.05; done; say first-ended", limit=60)
    eventually(begun.exists)
    second = runner.start("say second")
    assert second.stderr is not None
    said = ""
    while "still running here: step-a, until " not in said:
        line = second.stderr.readline()
        assert line, said
        said += line
    assert "second" not in said
    go.touch()
    assert "first-ended" in "".join(first.communicate(timeout=60))
    assert "second" in "".join(second.communicate(timeout=60))
    assert (first.returncode, second.returncode) == (0, 0)


def test_waiting_ends_before_the_step_does_and_says_what_it_waited_for(runner: Runner) -> None:
    code, said = runner.run('wait_until "pigs fly" rest bash -c "echo no wings; exit 1"', limit=11)
    assert code == 1
    assert re.search(r"gave up after [23] s waiting until pigs fly", said)
    assert "last answer: no wings" in said
    assert "raise timeLimits.step-a" in said


@pytest.fixture
def failing_step(runner: Runner, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A step that fails on a machine whose systemd is in this state."""
    systemctl = tmp_path / "bin/systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text(f"#!/bin/sh\necho {request.param}\n")
    systemctl.chmod(0o755)
    process = runner.start("false", path=f"{systemctl.parent}:")
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("failing_step", ["stopping", "unknown"], indirect=True)
def test_what_fails_while_its_machine_shuts_down_ends_with_the_connection(failing_step: subprocess.Popen[str]) -> None:
    assert failing_step.stderr is not None
    assert any(line == "this machine is shutting down\n" for line in failing_step.stderr)
    failing_step.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        failing_step.wait(1)


@pytest.mark.parametrize("failing_step", ["degraded", "offline"], indirect=True)
def test_what_fails_on_any_other_machine_is_an_answer(failing_step: subprocess.Popen[str]) -> None:
    assert failing_step.wait(20) == 1
    assert failing_step.stderr is not None
    assert "shutting down" not in failing_step.stderr.read()
