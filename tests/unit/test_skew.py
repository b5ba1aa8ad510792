"""Which versions may follow which."""

from __future__ import annotations

import pytest

from config.settings import Versions
from plan.shells import standard_input
from plan.skew import control_plane_refusals, node_refusals, versions_in, versions_text, warnings


@pytest.mark.parametrize(("old", "new"), [("1.36.3", "1.36.4"), ("1.36.4", "1.36.4"), ("1.35.9", "1.36.0")])
def test_a_control_plane_goes_up_by_patches_and_by_one_minor(old: str, new: str) -> None:
    assert not list(control_plane_refusals(old, new))


def test_a_control_plane_does_not_skip_a_minor_version() -> None:
    (refusal,) = control_plane_refusals("1.35.2", "1.37.0")
    assert "one minor version at a time" in refusal
    assert "Next: write the newest 1.36.x" in refusal


@pytest.mark.parametrize("refusals", [control_plane_refusals, node_refusals])
@pytest.mark.parametrize(("old", "new"), [("1.36.4", "1.36.3"), ("1.36.10", "1.36.9"), ("1.37.0", "1.36.4")])
def test_nothing_goes_back(refusals: object, old: str, new: str) -> None:
    assert callable(refusals)
    (refusal,) = refusals(old, new)
    assert f"Next: write {old}" in refusal


def test_a_node_may_be_three_minor_versions_behind_and_no_more() -> None:
    assert not list(node_refusals("1.34.1", "1.37.0"))
    (refusal,) = node_refusals("1.33.1", "1.37.0")
    assert "Next: write a 1.36.x" in refusal


def test_an_older_containerd_or_flannel_is_warned_of() -> None:
    old = {"containerd": "2.3.4", "flannel": "0.28.9", "runc": "1.4.3"}
    found = list(warnings(old, {"containerd": "2.2.9", "flannel": "0.28.10", "runc": "1.4.2"}))
    assert len(found) == 1
    assert found[0].startswith("containerd goes back from 2.3.4 to 2.2.9")


@pytest.mark.parametrize("os", ["linux", "windows"])
def test_versions_are_found_again_in_what_a_step_is_given(os: str) -> None:
    versions = Versions().model_dump()
    text = standard_input({"versions": versions_text(versions), "other": "mode=1.2.3"}, os)  # type: ignore[arg-type]
    assert versions_in(text, Versions.model_fields) == versions
