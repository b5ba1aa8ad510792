"""Programs of a lab's Windows host that hang while they exit, as Wine lets them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.windows import supervision
from lab.windows.folder import HostFolder
from lab.windows.processes import HalfEnded, live_threads
from lab.windows.services import Service

WITH_A_THREAD = (
    "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); print(); time.sleep(60)"
)


@contextmanager
def running(path: str, executable: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have a program run under a Windows path."""
    process = subprocess.Popen([path, *arguments], executable=executable, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_of_the_programs_in_a_command_line_those_with_one_thread_left_are_ended(tmp_path: Path) -> None:
    # Paths that no host of a running lab has.
    home = rf"C:\{tmp_path.name}-{time.time_ns()}"
    half, whole, other = (rf"{home}\{name}.exe" for name in ("kubelet", "kube-log-runner", "kube-proxy"))
    with (
        running(half, "/bin/sleep", "60") as hanging,
        running(whole, sys.executable, "-c", WITH_A_THREAD) as living,
        running(other, "/bin/sleep", "60") as of_another_service,
    ):
        assert living.stdout is not None
        living.stdout.read(1)
        assert (live_threads(hanging.pid), live_threads(living.pid)) == (1, 2)
        services = [rf"{whole.upper()} -log-file=C:\k\kubelet.log {half} --windows-service"]
        half_ended = HalfEnded(seconds=0.1)
        half_ended.end(services)
        assert hanging.poll() is None, "a program that is about to end has its time for it"
        time.sleep(0.2)
        half_ended.end(services)
        assert hanging.wait(10) == -9
        assert (living.poll(), of_another_service.poll()) == (None, None)


def test_a_process_that_is_gone_has_no_threads() -> None:
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    assert live_threads(process.pid) == 0


def service_of(line: str, state: str) -> Service:
    """Return what the service manager says of a service with this command line."""
    return Service("kubelet", "kubelet", line, "LocalSystem", "Automatic", state, 1, 0, ())


@pytest.mark.parametrize("state", ["StopPending", "StartPending"])
def test_a_service_that_does_not_do_what_it_is_told_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setitem(supervision._WITHIN, state, 0.2)
    home = rf"C:\{tmp_path.name}-{time.time_ns()}"
    kubelet, runner, log = rf"{home}\kubelet.exe", rf"{home}\kube-log-runner.exe", "--log-file"
    services = supervision.Supervision(HostFolder(tmp_path))
    with (
        # Both are Python, whose options say what it does; a real one has its own.
        running(runner, sys.executable, "-c", WITH_A_THREAD, log, kubelet, "-c", WITH_A_THREAD) as outer,
        running(kubelet, sys.executable, "-c", WITH_A_THREAD) as inner,
        running(runner, sys.executable, "-c", WITH_A_THREAD, log, "another.exe") as of_another_service,
    ):
        line = f'"{runner}" -c "{WITH_A_THREAD}" {log} {kubelet} -c "{WITH_A_THREAD}"'
        for process in (outer, inner, of_another_service):
            assert process.stdout is not None
            process.stdout.read(1)
        services._end_late(service_of(line, state))
        services._end_late(service_of(line, "Running"))
        time.sleep(0.3)
        services._end_late(service_of(line, state))
        assert (outer.poll(), inner.poll()) == (None, None), "its time begins anew each time that it is told so"
        time.sleep(0.3)
        services._end_late(service_of(line, state))
        assert (outer.wait(10), inner.wait(10)) == (-9, -9)
        assert of_another_service.poll() is None
