"""What the lab finds in the control groups of a host, which may go while it looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import cgroups


def make(root: Path, *groups: str) -> None:
    """Have groups of a host there, each with one process: its number is its place."""
    for number, group in enumerate(groups, start=1):
        (root / "lab-cp1" / group).mkdir(parents=True, exist_ok=True)
        (root / "lab-cp1" / group / "cgroup.procs").write_text(f"{number}\n")


def test_processes_are_found_in_every_group_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "_hierarchies", lambda: [tmp_path])
    make(tmp_path, ".", "kubepods", "kubepods/besteffort/pod1")
    assert cgroups.members("cp1") == {1, 2, 3}
    assert cgroups.members("cp2") == set()


def test_a_group_that_goes_meanwhile_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "_hierarchies", lambda: [tmp_path])
    make(tmp_path, ".", "kubepods")
    # As one that was listed and is gone when it is opened.
    (tmp_path / "lab-cp1/gone").symlink_to(tmp_path / "nothing", target_is_directory=True)
    (tmp_path / "lab-cp1/kubepods/cgroup.procs").unlink()
    assert cgroups.members("cp1") == {1}
