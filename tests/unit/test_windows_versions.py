"""Programs on a Windows host: put into place, made to wait, exchanged, brought back, by the project's own scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.powershell_machine import Machine, Ran
from tests.unit.windows_scripts import make_host, with_module

TARGET = r"C:\Program Files\tools"
STORE = r"C:\k\versions"
KUBECONFIG = r"C:\etc\kubernetes\kubelet.conf"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    host, _ = make_host(tmp_path)
    host.programs["curl.exe"] = lambda arguments, _stdin: _curl(host, arguments)
    host.programs["tar.exe"] = lambda arguments, _stdin: _tar(host, arguments)
    return host


def _curl(host: Machine, arguments: Sequence[str]) -> tuple[int, bytes, bytes]:
    """What an address holds stands in the address itself."""
    place = host.path(arguments[arguments.index("--output") + 1])
    place.write_text(arguments[-1])
    return 0, b"", b""


def _tar(host: Machine, arguments: Sequence[str]) -> tuple[int, bytes, bytes]:
    """An archive of ``https://releases/a=1,b=1.tgz`` holds the files a.exe and b.exe, with these texts."""
    text = host.path(arguments[1]).read_text().rpartition("/")[2].removesuffix(".tgz")
    folder = host.path(arguments[3]) / "bin"
    folder.mkdir(parents=True)
    for part in text.split(","):
        (folder / f"{part.partition('=')[0]}.exe").write_text(part)
    return 0, b"", b""


def program(release: str) -> str:
    """Return the arguments for a release, ``a=1,b=1``, as PowerShell."""
    url = f"https://releases/{release}.tgz"
    digest = hashlib.sha256(url.encode()).hexdigest()
    return f"-Name tools -Url '{url}' -Digest {digest}"


def digest_of(release: str) -> str:
    return hashlib.sha256(f"https://releases/{release}.tgz".encode()).hexdigest()


def install(machine: Machine, release: str) -> bool:
    """Run Install-Archive and return whether it says that something has changed."""
    ran = with_module(machine, f"Install-Archive {program(release)} -Target '{TARGET}'")
    assert ran.code == 0, ran.err
    return ran.lines == ["True"]


def enable(machine: Machine, release: str) -> Ran:
    return with_module(machine, f"Enable-Archive -Name tools -Digest {digest_of(release)}")


def join(machine: Machine) -> None:
    machine.path(KUBECONFIG).parent.mkdir(parents=True)
    machine.path(KUBECONFIG).write_text("a credential")


def in_place(machine: Machine) -> dict[str, str]:
    return {path.stem: path.read_text() for path in machine.path(TARGET).iterdir()}


def waiting(machine: Machine) -> dict[str, set[str]]:
    """Return what waits, by the first digits of its version."""
    return {
        folder.name.removeprefix("tools-"): {path.read_text() for path in folder.glob("*.exe")}
        for folder in machine.path(STORE).glob("*")
    }


def interrupted(machine: Machine) -> None:
    """Leave what an installation of ``a=1,b=1`` leaves that was cut off when the first file was in place."""
    machine.path(TARGET).parent.mkdir(parents=True)
    machine.path(TARGET).write_text("in the way")
    assert with_module(machine, f"Install-Archive {program('a=1,b=1')} -Target '{TARGET}'").code == 1
    machine.path(TARGET).unlink()
    machine.path(TARGET).mkdir()
    (machine.path(STORE) / f"tools-{digest_of('a=1,b=1')[:12]}" / "a.exe").rename(machine.path(TARGET) / "a.exe")


def test_what_was_put_into_place_in_part_is_finished(machine: Machine) -> None:
    interrupted(machine)
    assert install(machine, "a=1,b=1")
    assert in_place(machine) == {"a": "a=1", "b": "b=1"}
    assert not install(machine, "a=1,b=1")


def test_what_was_put_into_place_in_part_makes_room_for_another_version(machine: Machine) -> None:
    interrupted(machine)
    assert install(machine, "b=2")
    assert in_place(machine) == {"b": "b=2"}


def test_what_was_put_into_place_in_part_can_be_taken_away(machine: Machine) -> None:
    interrupted(machine)
    assert with_module(machine, "Uninstall-Archive -Name tools").code == 0
    assert in_place(machine) == {}


def test_what_does_not_fit_on_the_disk_does_not_keep_it_full(machine: Machine) -> None:
    def full(arguments: Sequence[str], _stdin: bytes | None) -> tuple[int, bytes, bytes]:
        (machine.path(arguments[3]) / "part.exe").write_text("as much as there was room for")
        return 1, b"", b"Write failed"

    machine.programs["tar.exe"] = full
    assert with_module(machine, f"Install-Archive {program('a=1')} -Target '{TARGET}'").code == 1
    assert not list(machine.path(r"C:\k").rglob("part.exe"))


def test_a_program_goes_into_place_once_and_a_damaged_one_is_put_right_without_an_upgrade(machine: Machine) -> None:
    assert install(machine, "a=1,b=1")
    assert in_place(machine) == {"a": "a=1", "b": "b=1"}
    join(machine)
    assert not install(machine, "a=1,b=1")
    (machine.path(TARGET) / "b.exe").write_text("broken")
    assert install(machine, "a=1,b=1")
    assert (machine.path(TARGET) / "b.exe").read_text() == "b=1"


def test_on_a_member_another_version_waits_until_it_is_enabled_and_the_former_one_is_kept(machine: Machine) -> None:
    install(machine, "a=1,b=1")
    join(machine)
    assert not install(machine, "a=2,c=2")
    assert in_place(machine) == {"a": "a=1", "b": "b=1"}
    assert waiting(machine) == {digest_of("a=2,c=2")[:12]: {"a=2", "c=2"}}
    assert enable(machine, "a=2,c=2").code == 0
    assert in_place(machine) == {"a": "a=2", "c": "c=2"}
    assert waiting(machine) == {digest_of("a=1,b=1")[:12]: {"a=1", "b=1"}}
    assert enable(machine, "a=1,b=1").code == 0
    assert in_place(machine) == {"a": "a=1", "b": "b=1"}


def test_a_version_that_is_made_to_wait_is_no_change_that_anything_is_restarted_for(machine: Machine) -> None:
    def install_as_step(release: str) -> bool:
        ran = with_module(
            machine, f"Set-StepName -Name tried\n$null = Install-Archive {program(release)} -Target '{TARGET}'"
        )
        assert ran.code == 0, ran.err
        return machine.path(r"C:\k\casement\state\changed-tried.json").exists()

    assert install_as_step("a=1")
    with_module(machine, "Set-StepName -Name tried\nRemove-Change")
    join(machine)
    assert not install_as_step("a=2")
    assert set(waiting(machine)) == {digest_of("a=2")[:12]}


def test_before_a_host_is_a_member_another_version_goes_into_place_at_once(machine: Machine) -> None:
    install(machine, "a=1")
    assert install(machine, "a=2")
    assert in_place(machine) == {"a": "a=2"}


def test_an_exchange_that_was_cut_off_goes_back_or_on(machine: Machine) -> None:
    install(machine, "a=1,b=1")
    join(machine)
    install(machine, "a=2,b=2")
    # Cut off when the former files are aside, and one of the new ones is in place.
    old = machine.path(STORE) / f"tools-{digest_of('a=1,b=1')[:12]}"
    new = machine.path(STORE) / f"tools-{digest_of('a=2,b=2')[:12]}"
    old.mkdir()
    record = machine.path(r"C:\k\casement\state\archive-tools.json")
    (old / "files.json").write_text(record.read_text())
    for name in ("a.exe", "b.exe"):
        (machine.path(TARGET) / name).rename(old / name)
    (new / "a.exe").rename(machine.path(TARGET) / "a.exe")
    assert enable(machine, "a=1,b=1").code == 0
    assert {name: text for name, text in in_place(machine).items() if name in "ab"} == {"a": "a=1", "b": "b=1"}
    assert not install(machine, "a=2,b=2")
    assert enable(machine, "a=2,b=2").code == 0
    assert {name: text for name, text in in_place(machine).items() if name in "ab"} == {"a": "a=2", "b": "b=2"}


def test_only_the_former_version_is_kept_and_none_is_thrown_away_during_an_exchange(machine: Machine) -> None:
    install(machine, "a=1")
    join(machine)
    install(machine, "a=2")
    enable(machine, "a=2")
    with_module(machine, "$null = Save-Exchange -Name tools")
    install(machine, "a=3")
    assert set(waiting(machine)) == {digest_of("a=1")[:12], digest_of("a=3")[:12], "kubelet-configuration"}
    with_module(machine, "Remove-Exchange")
    install(machine, "a=4")
    assert set(waiting(machine)) == {digest_of("a=4")[:12]}


def test_kubelets_configuration_and_every_program_come_back(machine: Machine) -> None:
    install(machine, "a=1")
    join(machine)
    folder = machine.path(r"C:\var\lib\kubelet")
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("before")
    install(machine, "a=2")
    with_module(machine, "$null = Save-Exchange -Name tools")
    enable(machine, "a=2")
    (folder / "config.yaml").write_text("after")
    (folder / "instance-config.yaml").write_text("new")
    ran = with_module(machine, "Restore-Exchange -Exchange (Get-Marker -Name 'exchange')\nRemove-Exchange")
    assert ran.code == 0, ran.err
    assert in_place(machine) == {"a": "a=1"}
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"config.yaml": "before"}
    assert set(waiting(machine)) == {digest_of("a=2")[:12]}


def test_taking_a_program_away_leaves_nothing_of_it(machine: Machine) -> None:
    install(machine, "a=1")
    join(machine)
    install(machine, "a=2")
    (machine.path(TARGET) / "other.exe").write_text("not ours")
    assert with_module(machine, "Uninstall-Archive -Name tools").code == 0
    assert in_place(machine) == {"other": "not ours"}
    assert not machine.path(STORE).exists()


@pytest.mark.parametrize(("told", "ready"), [("03:04:04", False), ("03:04:05", True), ("03:04:06", True)])
def test_a_node_is_back_by_what_its_kubelet_has_said_since_it_was_started(
    machine: Machine, told: str, ready: bool
) -> None:
    said = f"v1.36.4;MemoryPressure|False|2026-01-02T09:00:00Z;Ready|True|2026-01-02T{told}Z;"
    machine.programs[r"C:\k\kubelet.exe"] = lambda _arguments, _stdin: (0, b"Kubernetes v1.36.4\n", b"")
    machine.programs[r"C:\k\kubectl.exe"] = lambda _arguments, _stdin: (0, said.encode(), b"")
    ran = with_module(machine, "Wait-NodeReady -NodeName win1 -Since 2026-01-02T03:04:05Z")
    assert (ran.code == 0) == ready, ran.err


@pytest.mark.parametrize(("fails", "said"), [(1, ""), (1000, "kubectl.exe ended with exit code 1: it said nothing")])
def test_a_question_to_the_cluster_is_asked_again_for_a_minute(machine: Machine, fails: int, said: str) -> None:
    answers = iter([(1, b"", b"")] * fails + [(0, b"win1\n", b"")])
    machine.programs[r"C:\k\kubectl.exe"] = lambda _arguments, _stdin: next(answers)
    ran = with_module(machine, "(Invoke-NodeKubectl -ArgumentList @('get', 'node')).Output")
    assert (ran.code, ran.lines) == ((0, ["win1"]) if fails == 1 else (1, []))
    assert said in ran.err
