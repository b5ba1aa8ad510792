"""A stack brought up through the real engine as a person follows it, and the outputs that it then has."""

from __future__ import annotations

import argparse
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from plan.phases import Phase
from review.up import up
from tests.engine.built_site import BuiltSite, bare_site
from tests.engine.cloud_site import step_of
from tests.engine.kube_cluster import cluster
from tests.engine.ssh_server import Reply, Request

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

STACK = "site"
Followed = Callable[..., tuple[int, list[str]]]
PHASE = re.compile(r"^ +\d+:\d\d  (\S+) +(.+?) +\((\d+)/(\d+)\)$")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    """A site of machines that nothing was done to. Its API server is its own, since the site changes all of it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "kube").mkdir()
    with cluster(folder / "kube") as kube, bare_site(folder, kube) as site:
        yield site


@pytest.fixture
def followed(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """Return a function that changes the stack file and brings it up; it returns exit code and lines printed."""

    def follow(
        ask: Callable[[str], str] | None = None, *, at_end: bool = False, **changes: Any
    ) -> tuple[int, list[str]]:
        for name, value in site.changed(**changes).variables().items():
            monkeypatch.setenv(name, value)
        options = argparse.Namespace(
            stack=STACK,
            yes=ask is None,
            refresh=False,
            every_line=False,
            policy_pack=[],
            time_limit=600,
            state_at_end=at_end,
        )
        file = io.StringIO()
        code = up(options, site.folder, Console(file=file, width=100), ask)
        return code, file.getvalue().splitlines()

    return follow


def phases(lines: list[str]) -> dict[str, list[str]]:
    """Return the phases that each node has come to the end of, in the order in which it was told."""
    found: dict[str, list[str]] = {}
    for line in lines:
        told = PHASE.match(line)
        if told:
            found.setdefault(told[1], []).append(told[2])
    return found


def test_nothing_is_done_when_the_answer_is_no(site: BuiltSite, followed: Followed) -> None:
    answers = iter(["perhaps", "no"])
    code, lines = followed(lambda _: next(answers))
    assert (code, lines[-1]) == (1, "nothing was done")
    assert not list(answers), "asked until it is answered"
    assert any(line.split()[:3] == ["win1", "Windows", "new"] for line in lines)
    assert not site.site.server.commands


def test_each_node_is_followed_through_its_phases_to_the_end(site: BuiltSite, followed: Followed) -> None:
    code, lines = followed(at_end=True)
    assert code == 0, "\n".join(lines)
    found = phases(lines)
    linux = [Phase.MACHINE, Phase.PREFLIGHT, Phase.PREPARED, Phase.JOINED, Phase.READY]
    assert found["lin1"] == linux
    assert found["win1"] == found["win2"] == [*linux[:-1], Phase.NETWORKED, Phase.READY]
    assert found["cp1"] == linux[:-1]
    assert found["cluster"] == [Phase.NETWORKED, Phase.PROVEN]
    last = {told[1]: (told[3], told[4]) for told in map(PHASE.match, lines) if told}
    assert all(done == whole for done, whole in last.values())
    (summary,) = (line for line in lines if line.startswith("site is up: "))
    done, _, whole = summary.split()[3:6]
    assert done == whole == str(sum(int(count) for count, _ in last.values()))
    assert any(line.startswith("win1  Windows") and "10.77.0.21" in line for line in lines)
    assert {"win1-ready", "cluster-cluster-verified"} <= set(site.changed().resources()), "the state was written"


def test_what_would_be_lost_with_the_engine_keeps_the_state_from_being_written_at_the_end(
    site: BuiltSite, followed: Followed
) -> None:
    before = len(site.site.server.commands)
    code, lines = followed(at_end=True, windowsNodes=site.keys["windowsNodes"][:1])
    text = " ".join(" ".join(lines).split())
    assert code == 1
    assert re.search(r"error: win2-\S+ is taken back or replaced \(delete\)", text)
    assert "do it without STATE_AT_END" in text
    assert len(site.site.server.commands) == before


def test_the_list_of_outputs_can_be_read_and_the_picture_is_one(site: BuiltSite) -> None:
    stack = site.changed()
    listed = stack.run("stack", "output").checked().stdout
    # But for what comparing a change with needs in plain, nothing is wider than a terminal may be.
    assert max(len(line) for line in listed.splitlines() if not line.startswith("    cluster ")) < 180
    assert len(listed.splitlines()) < 40
    rows = dict(re.findall(r"^    (\w+) +(\S.*)$", listed, re.MULTILINE))
    assert {name for name, value in rows.items() if value == "[secret]"} == {
        *("checks", "diagram", "kubeconfig", "machines", "preflight"),
    }
    assert re.search(r"^ +win1 +Windows +10\.77\.0\.21 +10\.244\.3\.0/24 +Windows Server 2022 ", listed, re.MULTILINE)
    drawn = stack.run("stack", "output", "--show-secrets", "diagram").checked().stdout
    texts = [each.text for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"cp1", "lin1", "win1", "win2", "10.77.0.21", "pods 10.244.3.0/24"} <= set(texts)
    checks = json.loads(stack.run("stack", "output", "--show-secrets", "checks").checked().stdout)
    assert checks["node-ready"]["results"]["win1"]["ok"] is True


def test_a_failure_is_told_whole_with_its_remedy_and_with_the_exit_code_of_pulumi(
    site: BuiltSite, followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(request: Request) -> Reply:
        if step_of(request.command) == "kubelet-service-registered":
            return Reply(stderr="12:00:01 looking\nerror: no space left on device\n", exit_status=1)
        return await site.site.answer(request)

    monkeypatch.setattr(site.site.server, "handler", answer)
    first, second = site.keys["windowsNodes"]
    code, lines = followed(windowsNodes=[first | {"logFolder": r"D:\logs"}, second])
    assert code == 1
    text = "\n".join(lines)
    assert "12:00:01 looking\nerror: no space left on device" in text
    assert "win1-kubelet-service-registered failed. Likely cause: " in text
    assert "failed: win1: kubelet-service-registered" in text
    assert not [line for line in lines if line.startswith("site is up")]
    monkeypatch.setattr(site.site.server, "handler", site.site.answer)
    code, lines = followed(windowsNodes=[first | {"logFolder": r"D:\logs"}, second])
    assert code == 0
    assert set(phases(lines)) == {"win1", "cluster"}, "only what is left is done"


def test_a_wrong_file_is_refused_with_all_that_is_wrong_and_nothing_runs(site: BuiltSite, followed: Followed) -> None:
    before = len(site.site.server.commands)
    code, lines = followed(podCidr="10.96.0.0/20", vni=1)
    text = " ".join(" ".join(lines).split())
    assert code == 1
    assert "The configuration has 2 problems" in text
    assert "podCidr" in text
    assert "vni" in text
    assert len(site.site.server.commands) == before
