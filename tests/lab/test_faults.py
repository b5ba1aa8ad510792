"""Faults at every stage of a node's life: whatever happens, the next ``up`` goes on, and nothing is lost.

One cluster is built, changed and taken down through all of them. Each row of the table is a test of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lab import limited_disk, mirror_faults, run
from lab.down import erase
from lab.snapshot import Snapshot, differences, snapshot
from lab.up import up
from tests.lab.fault_story import Story
from tests.lab.fault_table import BUILDING, CHANGING, REMOVAL_LIMITS, REMOVING, Row
from tests.lab.site import Site, linux_host, make_site, windows_host, windows_snapshot

pytestmark = [pytest.mark.lab, pytest.mark.minutes(30), pytest.mark.timeout(2400)]
HOSTS = ("cp1", "lin1", "win1")
UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview", "--run-program")


@pytest.fixture(scope="module")
def site(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one node of each kind, each on a disk that can be full."""
    erase(HOSTS)
    for name in HOSTS:
        limited_disk.mount(run.RUN_FOLDER / "hosts" / name)
    up(HOSTS)
    mirror_faults.forget()
    made = make_site(tmp_path_factory.mktemp("faults") / "project")
    made.configure(windowsNodes=made.windows_nodes[:1])
    yield made
    mirror_faults.forget()
    erase(HOSTS)
    up(HOSTS)


def state() -> dict[str, Snapshot]:
    """Return what the hosts consist of."""
    linux = {name: snapshot(linux_host(name)) for name in HOSTS if name != "win1"}
    return linux | {"win1": windows_snapshot(windows_host("win1"))}


@pytest.fixture(scope="module")
def untouched(site: Site) -> dict[str, Snapshot]:
    """What the hosts were like before anything was done to them."""
    return state()


@pytest.fixture(scope="module")
def built(site: Site, untouched: dict[str, Snapshot]) -> Story:
    """The cluster, built through the faults of the table."""
    return played(Story(site, BUILDING, UP))


@pytest.fixture(scope="module")
def changed(site: Site, built: Story) -> Story:
    """The cluster with a setting of its Windows node changed, which touches most of that node's steps."""
    node = site.windows_nodes[0] | {"logFolder": r"C:\logs"}
    site.configure(windowsNodes=[node])
    return played(Story(site, CHANGING, UP))


@pytest.fixture(scope="module")
def removed(site: Site, changed: Story) -> Story:
    """The cluster taken down; a step is taken back within the limit that it was last run with."""
    site.configure(**site.changes, timeLimits=REMOVAL_LIMITS)
    result = site.up()
    assert result.returncode == 0, result.text[-6000:]
    return played(Story(site, REMOVING, DESTROY, limits=REMOVAL_LIMITS))


def played(story: Story) -> Story:
    """Play a story, which says how each of its runs ended."""
    story.play()
    return story


def check(story: Story, row: Row) -> None:
    """Assert that a row happened, ended as the table says, and that the next run at the latest got past the step."""
    found = next(each for each in story.played if each.row is row)
    assert not found.open, "the step has never begun with this fault"
    assert not found.trouble, "\n".join(found.trouble)
    assert found.passed_in, "no later run got past the step"
    # Between them lie only runs with another fault of the same step, and such as did not come to its end.
    others = {each.run for each in story.played if each.row.stumbles == row.stumbles and each is not found}
    assert set(range(found.run + 1, found.passed_in)) <= others | story.cut_short(row.stumbles)


def check_all(story: Story) -> None:
    """Assert that no run failed for any other reason than a fault, and that the last one succeeded."""
    assert not story.unexpected, "\n\n".join(story.unexpected)
    assert story.runs[-1].returncode == 0


@pytest.mark.parametrize("row", BUILDING, ids=str)
def test_a_cluster_is_built_through_a_fault(built: Story, row: Row) -> None:
    check(built, row)


def test_every_node_is_ready_and_nothing_is_left_to_do(site: Site, built: Story) -> None:
    check_all(built)
    ready = {
        name: [each["status"] for each in node["status"]["conditions"] if each["type"] == "Ready"]
        for name, node in site.nodes().items()
    }
    assert ready == {name: ["True"] for name in HOSTS}
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0


@pytest.mark.parametrize("row", CHANGING, ids=str)
def test_a_setting_is_changed_through_a_fault(changed: Story, row: Row) -> None:
    check(changed, row)


def test_the_changed_setting_is_everywhere(site: Site, changed: Story) -> None:
    check_all(changed)
    assert windows_host("win1").files.path(r"C:\logs\kubelet.log").exists()
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0


@pytest.mark.parametrize("row", REMOVING, ids=str)
def test_everything_is_taken_down_through_a_fault(removed: Story, row: Row) -> None:
    check(removed, row)


def test_every_host_is_as_it_was_found(removed: Story, untouched: dict[str, Snapshot]) -> None:
    check_all(removed)
    time.sleep(2)
    after = state()
    found = {name: differences(untouched[name], after[name]) for name in HOSTS}
    assert not {name: each for name, each in found.items() if each}
