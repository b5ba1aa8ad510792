"""Changes of a site that runs, through the real engine, as a reviewer sees them: each comment is a file in ``golden``.

``CASEMENT_GOLDEN=write`` writes the files anew; look at each as GitHub shows it before it is committed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plan.effects import Effect
from review.__main__ import main
from review.engine import preview
from review.markdown import LIMIT, comment
from review.model import Node, Review
from review.understand import understand
from tests.engine.built_site import NEWER, BuiltSite, built_site
from tests.engine.kube_cluster import cluster
from tests.unit.cloud_site import GCE

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

STACK = "site"
GOLDEN = Path(__file__).parent / "golden"
PLANTED = ("hunter2-in-a-url", "hunter3-in-a-document", "PRIVATE KEY")
"""Secrets that stand in the configuration in plain, where no rule can know that they are some."""
PORT = re.compile(r"(?<=ssh_port=)\d{5}")
DIGEST = re.compile(r"\b[0-9a-f]{12}\b")
"""Revisions and digests: they change with every script."""

Reviewed = Callable[..., Review]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    """A site that was brought up. Its API server is one of its own, since the site changes what all of it shares."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "kube").mkdir()
    with (
        cluster(folder / "kube") as kube,
        built_site(folder, kube, nodeCidrs=["10.77.0.0/24", "10.240.0.0/24"]) as site,
    ):
        yield site


@pytest.fixture
def reviewed(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Reviewed:
    """Return a function that reviews a change of the stack file."""

    def review(**changes: Any) -> Review:
        for name, value in site.changed(**changes).variables().items():
            monkeypatch.setenv(name, value)
        found = understand(STACK, preview(STACK, site.folder))
        assert not [line for line in key if line in str(found.as_json()) or line in comment([found])]
        return found

    key = [line for line in site.site.server.user_key.splitlines() if line and "-----" not in line]
    assert key
    return review


def golden(name: str, review: Review) -> None:
    """Compare the comment with the one that somebody has looked at, and see that no secret is in it."""
    text = comment([review])
    assert len(text.encode()) < LIMIT
    assert not [secret for secret in PLANTED if secret in text or secret in str(review.as_json())]
    shown = PORT.sub("(port)", DIGEST.sub("(digest)", text))
    file = GOLDEN / f"{name}.md"
    if os.environ.get("CASEMENT_GOLDEN") == "write":
        file.write_text(shown)
    assert shown == file.read_text()


def node(review: Review, name: str) -> Node:
    return next(each for each in review.nodes if each.name == name)


def names(nodes: tuple[Node, ...]) -> list[str]:
    return [each.name for each in nodes]


def test_no_change(reviewed: Reviewed) -> None:
    review = reviewed()
    assert not review.changes
    assert {each.fate for each in review.nodes} == {"unchanged"}
    golden("no-change", review)


def test_a_new_node(site: BuiltSite, reviewed: Reviewed) -> None:
    windows = site.keys["windowsNodes"]
    review = reviewed(windowsNodes=[*windows, windows[0] | {"name": "win3", "managementIp": "10.77.0.23"}])
    assert node(review, "win3").fate == "new"
    assert names(review.having(Effect.RESTARTS)) == ["win3"]
    assert not review.having(Effect.DRAINS)
    assert {each.name for each in review.nodes if each.fate == "unchanged"} == {"cp1", "lin1", "win1", "win2"}
    golden("new-node", review)


def test_another_version(reviewed: Reviewed) -> None:
    review = reviewed(versions={"kubernetes": NEWER})
    assert names(review.having(Effect.DRAINS)) == ["cp1", "lin1", "win1", "win2"]
    assert names(review.having(Effect.API_AWAY)) == ["cp1"]
    assert not review.having(Effect.RESTARTS)
    assert set(review.counts) == {"update"}
    golden("version", review)


def test_another_range_of_pods_is_refused_and_reaches_no_node(site: BuiltSite, reviewed: Reviewed) -> None:
    review = reviewed(podCidr="10.200.0.0/16")
    assert not review.succeeded
    (error,) = (" ".join(each.split()) for each in review.errors if "podCidr" in each)
    assert "podCidr: 10.200.0.0/16" in error
    assert "this one was made with 10.244.0.0/16 remedy: write 10.244.0.0/16" in error
    before = len(site.site.server.commands)
    assert site.changed(podCidr="10.200.0.0/16").up().returncode != 0
    assert not site.site.ran(before)


def test_a_node_is_removed(site: BuiltSite, reviewed: Reviewed) -> None:
    review = reviewed(windowsNodes=site.keys["windowsNodes"][:1])
    assert node(review, "win2").fate == "removed"
    assert names(review.having(Effect.DRAINS)) == names(review.having(Effect.LEAVES)) == ["win2"]
    assert node(review, "win2").drain_seconds == 300
    golden("node-removed", review)


def test_a_machine_from_somewhere_else_under_the_same_name_is_refused(site: BuiltSite, reviewed: Reviewed) -> None:
    moved = {"name": "win2", "managementIp": "10.240.0.22", "source": "gce"}
    review = reviewed(
        windowsNodes=[site.keys["windowsNodes"][0], moved],
        gce={**GCE, "publicControlPlane": False},
    )
    assert not review.succeeded
    assert any("source of win2: gce" in each and "take the node out" in each for each in review.errors)


def test_another_control_plane_needs_its_word_and_is_shouted(site: BuiltSite, reviewed: Reviewed) -> None:
    other = site.keys["controlPlane"] | {"name": "cp2"}
    refused = reviewed(controlPlane=other)
    assert not refused.succeeded
    assert any("controlPlane.replaces: cp1" in " ".join(each.split()) for each in refused.errors)
    review = reviewed(controlPlane=other | {"replaces": "cp1"})
    assert any("THE CONTROL PLANE `cp1` IS REPLACED" in each for each in review.alarms)
    golden("control-plane-replaced", review)


def test_secrets_of_the_configuration_are_not_shown(reviewed: Reviewed) -> None:
    review = reviewed(
        windowsContainerdConfiguration={"plugins": {"registry": {"url": "http://me:hunter2-in-a-url@example.com"}}},
        kubeletConfiguration={"staticPodURLHeader": {"Token": "hunter3-in-a-document"}},
    )
    assert review.changes
    golden("secrets", review)


def test_a_wrong_file_is_told_with_all_that_is_wrong(reviewed: Reviewed) -> None:
    review = reviewed(podCidr="10.96.0.0/20")
    assert not review.succeeded
    assert "remedy" in review.errors[0]
    golden("wrong-file", review)


def test_a_preview_that_cannot_start_says_why(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", site.changed().variables()["PATH"])
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///there-is-no-such-folder")
    events = preview(STACK, site.folder)
    assert not events.succeeded
    assert any("there-is-no-such-folder" in text for severity, text in events.diagnostics if severity == "error")


def test_the_command_line_looks_at_every_stack_of_the_backend_that_has_a_file(
    reviewed: Reviewed, site: BuiltSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed()
    monkeypatch.setattr("review.__main__.PROJECT_FOLDER", site.folder)
    text, data = tmp_path / "review.md", tmp_path / "review.json"
    assert main(["preview", "--output", str(text), "--json", str(data)]) == 0
    assert "- **`site`**: nothing changes" in text.read_text()
    assert [each["environment"] for each in json.loads(data.read_text())] == ["site"]
