"""The stack file's repairs: which steps they run again, which are refused, and how they get into the file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from operations.findings import Finding
from operations.problem import OperationError
from operations.recording import record_repairs, repairs_of
from plan.cluster import plan_cluster
from plan.repairs import named_steps
from plan.rules import repairs_are_of_steps
from tests.unit.example_site import Site

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FILE = """\
# Our site.
config:
  casement:nodeCidrs: [10.77.0.0/24] # all of them
  casement:windowsNodes:
    - name: win1
      # with a comment

  aws:region: eu-1

# The end.
encryptionsalt: v1:abc
"""


def finding(repair: str | None, name: str = "kubelet") -> Finding:
    return Finding("win1", "service", name, "a", "b", repair=repair)


def test_a_repair_changes_the_input_of_its_step_and_the_proof_of_the_cluster(site: Site) -> None:
    before = named_steps(plan_cluster(site.parse()))
    after = named_steps(plan_cluster(site.parse(repairs={"win1-firewall-open": "because", "cp1-swap-off": "so"})))
    assert {name for name, step in after.items() if step != before[name]} == {
        "win1-firewall-open",
        "cp1-swap-off",
        "cluster-cluster-verified",
    }
    assert after["win1-firewall-open"].parameters["repair"] == "because"
    assert set(after) == set(before)


def test_steps_are_named_as_their_resources_are(site: Site) -> None:
    names = set(named_steps(plan_cluster(site.parse())))
    assert {"cp1-control-plane-initialised", "lin1-joined", "win2-ready", "win1-flannel-announced"} <= names


def test_a_repair_of_no_step_is_refused_with_a_remedy(site: Site) -> None:
    configuration = site.parse(repairs={"win9-firewall-open": "gone", "win1-swap-off": "x", "win1-joined": "y"})
    swap, firewall = repairs_are_of_steps(configuration)
    assert (firewall.key, firewall.value) == ("repairs.win9-firewall-open", "gone")
    assert "win1-firewall-open" in firewall.remedy
    assert swap.key == "repairs.win1-swap-off"
    assert "take it out of the stack file" in swap.remedy


def test_a_repair_says_when_and_what_and_brings_what_must_follow() -> None:
    repairs = repairs_of(
        [
            finding("win1-kubelet-service-registered"),
            finding("win1-kubelet-service-registered", "other"),
            finding("win1-flannel-started"),
            finding(None),
        ],
        NOW,
    )
    assert repairs == {
        "win1-flannel-announced": "2026-11-24T09:00:00Z service kubelet",
        "win1-flannel-started": "2026-11-24T09:00:00Z service kubelet",
        "win1-kubelet-service-registered": "2026-11-24T09:00:00Z service kubelet, service other",
    }


def test_repairs_get_into_a_file_that_keeps_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    path.write_text(FILE)
    record_repairs(path, "casement", {"win1-a": "one: two"})
    assert path.read_text() == FILE.replace(
        "  aws:region: eu-1\n", "  aws:region: eu-1\n  casement:repairs:\n    win1-a: 'one: two'\n"
    )
    record_repairs(path, "casement", {"win1-b": "three", "win1-a": "four"})
    assert path.read_text() == FILE.replace(
        "  aws:region: eu-1\n", "  aws:region: eu-1\n  casement:repairs:\n    win1-a: four\n    win1-b: three\n"
    )


@pytest.mark.parametrize("present", ["{}", "\n    win1-a: old # why\n    win1-c: kept"])
def test_repairs_that_are_there_already_are_replaced_in_their_place(present: str, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    path.write_text(FILE.replace("  aws:region", f"  casement:repairs: {present}\n  aws:region"))
    record_repairs(path, "casement", {"win1-a": "new"})
    text = path.read_text()
    found = yaml.safe_load(text)["config"]["casement:repairs"]
    assert found == ({"win1-a": "new", "win1-c": "kept"} if "kept" in present else {"win1-a": "new"})
    assert text.index("casement:repairs") < text.index("aws:region")
    assert "# with a comment" in text


def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    text = "config:\n  {casement:nodeCidrs: [10.77.0.0/24]}\n"
    path.write_text(text)
    with pytest.raises(OperationError, match="win1-a: new"):
        record_repairs(path, "casement", {"win1-a": "new"})
    assert path.read_text() == text
