"""What test-host.sh tells of a Linux machine, and how the probe tells the faults of a way apart; both run for real."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from plan import preflight
from plan.shells import bash_input
from plan.step import Parameter, Step
from tests.windows import sample

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts" / "linux"
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
HERE = "127.0.0.1"


def run(folder: Path, step: Step, **changes: Parameter) -> subprocess.CompletedProcess[str]:
    """Run a step on this machine, with other parameters than the plan's."""
    shutil.copytree(SCRIPTS, folder / "linux", dirs_exist_ok=True)
    command = [*AS_ROOT, "bash", str(folder / "linux" / "step.sh"), step.script, "abc", step.name, "300"]
    stdin = bash_input({**step.parameters, **changes})
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)


def inspection() -> Step:
    return preflight.control_plane(sample.settings()).inspecting[0]


def test_a_machine_is_described_by_the_names_of_the_windows_report(tmp_path: Path) -> None:
    changes: dict[str, Parameter] = {"address": HERE, "api_endpoint": f"{HERE}:1", "node_cidrs": ("127.0.0.0/8",)}
    ran = run(tmp_path, inspection(), **changes, report_only=True)
    assert ran.returncode == 0, ran.stderr
    facts = json.loads(ran.stdout)
    assert (facts["computerName"], facts["build"]) == (platform.node(), platform.release())
    assert (facts["adapter"]["name"], facts["adapter"]["addresses"]) == ("lo", ["127.0.0.1/8"])
    assert facts["apiEndpoint"] == {"endpoint": f"{HERE}:1", "answer": "refused"}
    defaults = subprocess.run(["ip", "-4", "route", "show", "default"], capture_output=True, text=True, check=True)
    assert [route["nextHop"] in defaults.stdout for route in facts["routes"]] == [True] * len(
        defaults.stdout.splitlines()
    )
    assert facts["memoryMiB"] > 0
    assert facts["freeDiskMiB"] > 0
    assert {"system", "processors", "lastBoot", "pendingRestart", "time", "containerServices", "proxies", "adapters",
            "routes", "problems", "warnings"} <= set(facts)  # fmt: skip
    assert preflight.table({"cp1": facts}).splitlines()[1].startswith("cp1")


@pytest.mark.parametrize("runs", ["", "chrony"])
def test_the_time_service_is_told_and_none_is_started_for_the_asking(tmp_path: Path, runs: str) -> None:
    """Whoever asks timedatectl starts systemd-timedated, which ends half a minute later."""
    programs = {"systemctl": f'[[ "$1 $2" != "is-active --quiet" || $3 == {runs}.service ]]', "timedatectl": ": >asked"}
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/bash\ncd {tmp_path}\n{text}\n")
        (tmp_path / name).chmod(0o755)
    facts = tmp_path / "facts.sh"
    facts.write_text(f'PATH={tmp_path}:$PATH\n. "{SCRIPTS}/host-facts.sh"\ntime_facts\n')
    told = json.loads(subprocess.run(["bash", "-eu", facts], capture_output=True, text=True, check=True).stdout)
    assert (told["synchronised"], told["source"]) == (runs != "", runs)
    assert not (tmp_path / "asked").exists()


def test_every_problem_is_told_at_once_and_refused(tmp_path: Path) -> None:
    changes: dict[str, Parameter] = {"address": "192.0.2.7", "api_endpoint": "no-such-host.invalid:6443"}
    ran = run(tmp_path, inspection(), **changes)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no interface has the address 192.0.2.7; correct the node's address" in ran.stderr
    assert "from the API server's no-such-host.invalid:6443; let this machine reach it" in ran.stderr


@dataclass
class Answers:
    """What answers datagrams as Watch-Underlay.ps1 does, with the faults of a way."""

    clock: float = 0
    mtu: int = 1500
    passes_in: int = 65535
    """Largest datagram that gets here."""
    passes_out: int = 65535
    """Largest datagram that gets away from here."""
    loses: int = 0
    """Of four datagrams, how many are lost."""
    back_port: int = 1
    """Where the second answer goes; nobody listens on the first port."""
    largest: int = 0
    seen: list[int] = field(default_factory=list)

    def reply(self, opened: socket.socket) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                data, sender = opened.recvfrom(65535)
            except OSError:
                return
            number, size = data.split(b" ", 3)[1:3]
            self.seen.append(len(data))
            if len(data) > self.passes_in or len(self.seen) % 4 < self.loses:
                continue
            self.largest = max(self.largest, len(data))
            now = int((time.time() + self.clock) * 1000)
            head = f"casement-answer {int(number)} {int(size)} {now} {self.largest} {self.mtu} ".encode()
            answer = head.ljust(len(data), b".")[: len(data)]
            if len(answer) <= self.passes_out:
                opened.sendto(answer, sender)
            if self.back_port:
                opened.sendto(answer, (sender[0], self.back_port))


Probe = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def probe(tmp_path: Path) -> Probe:
    """Return a function that probes a host that answers in this way."""
    return partial(probe_from, tmp_path)


def probe_from(folder: Path, answers: Answers, **changes: Parameter) -> subprocess.CompletedProcess[str]:
    """Probe a host that answers in this way, with the scripts in a folder of the test."""
    settings = sample.settings()
    step = preflight.windows(settings, settings.windows_nodes[0], ssh_port=1).probing[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((HERE, 0))
        threading.Thread(target=answers.reply, args=[opened], daemon=True).start()
        return run(folder, step, **{"address": HERE, "port": opened.getsockname()[1], **changes})


LOSSES: dict[str, tuple[Answers, dict[str, Parameter]]] = {
    "there": (Answers(passes_in=1372), {}),
    "back": (Answers(passes_out=1000), {}),
    "some": (Answers(loses=1), {"mtu": 1500}),
    "all": (Answers(passes_in=0), {}),
}
"""Ways that lose datagrams; each that is lost is waited for."""
Lost = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """Return what the probe of each way of `LOSSES` came to; they wait at the same time, on machines of their own."""
    with ThreadPoolExecutor(len(LOSSES)) as pool:
        probing = {
            name: pool.submit(probe_from, tmp_path_factory.mktemp(name), answers, **changes)
            for name, (answers, changes) in LOSSES.items()
        }
    return lambda name: probing[name].result()


def found(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    facts: dict[str, Any] = json.loads(ran.stdout)
    return facts


def test_a_way_that_is_open_is_measured(probe: Probe) -> None:
    facts = found(probe(Answers(clock=2.5), mtu=1500))
    assert (facts["underlay"], facts["mtu"]) == ("full-size datagrams arrive", 1500)
    assert (facts["answered"], facts["asked"], facts["back"], facts["warnings"]) == (10, 10, "proven", [])
    assert abs(facts["clockOffsetMs"] - 2500) < 500


def test_a_black_hole_on_the_way_there_is_told_with_the_mtu_to_set(lost: Lost) -> None:
    said = lost("there").stderr
    assert "but 1500 bytes do not get to it" in said
    assert 1392 <= int(said.split("set casement:mtu to ")[1].split(",")[0]) <= 1400
    assert "netsh interface ipv4 set subinterface NAME mtu=" in said


def test_a_black_hole_on_the_way_back_is_told_from_one_on_the_way_there(lost: Lost) -> None:
    assert "but 1500 bytes do not come back from it" in lost("back").stderr


def test_no_more_is_asked_of_the_way_than_the_stack_file_does(probe: Probe) -> None:
    facts = found(probe(Answers(mtu=1400, passes_in=1372), mtu=1400))
    assert (facts["mtu"], facts["warnings"]) == (1400, [])


def test_adapters_of_different_mtu_are_warned_of(probe: Probe) -> None:
    (warning,) = found(probe(Answers(mtu=1400), mtu=1500))["warnings"]
    assert "the MTU of win1 is 1400, that of the Linux nodes 1500: set casement:mtu to 1400" in warning


@pytest.mark.parametrize(("clock", "said"), [(90, "ahead of"), (-90, "behind")])
def test_a_clock_that_is_more_than_a_minute_off_is_refused(probe: Probe, clock: float, said: str) -> None:
    ran = probe(Answers(clock=clock))
    assert ran.returncode == 1
    assert f"the clock of win1 is 90 s {said}" in ran.stderr
    assert "w32tm /resync /force" in ran.stderr


def test_a_way_that_loses_some_is_warned_of(lost: Lost) -> None:
    (warning,) = found(lost("some"))["warnings"]
    assert "the network loses some" in warning


def test_a_way_back_that_is_closed_is_refused(probe: Probe) -> None:
    said = probe(Answers(back_port=0)).stderr
    assert "datagrams from win1 do not get to UDP" in said


def test_a_machine_that_does_not_answer_is_told_from_one_that_nothing_gets_to(probe: Probe) -> None:
    assert "is open, but nothing answers there" in probe(Answers(), port=2).stderr


def test_a_machine_that_nothing_gets_to_is_told_with_what_tcp_says(lost: Lost) -> None:
    silent = lost("all")
    assert "no datagram gets from" in silent.stderr
    assert "TCP 1 there: refused" in silent.stderr


def test_of_a_linux_machine_the_refusal_is_the_answer(tmp_path: Path) -> None:
    settings = sample.settings(linuxWorkers=[{"name": "lin1", "address": HERE}])
    (step,) = preflight.linux(settings, settings.linux_workers[0], ssh_port=22).probing
    facts = found(run(tmp_path, replace(step, parameters={**step.parameters, "port": 2})))
    assert facts["underlay"] == "full-size datagrams arrive"
