"""A trace of a real ``pulumi up`` shows every step that ran, and the chain that it was as long as."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from operations.__main__ import main
from operations.stack import open_stack
from tests.engine.built_site import BuiltSite, bare_site
from tests.engine.cloud_site import step_of
from tests.engine.kube_cluster import cluster
from tests.engine.ssh_server import Reply, Request

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

SLOW, SECONDS = "kubelet-service-registered", 6.0
"""A step that only Windows nodes have, and how long it takes."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    """A site with one node of each kind, whose machines are quick but for one step."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "kube").mkdir()
    with cluster(folder / "kube") as kube, bare_site(folder, kube) as built:
        keys = {**built.keys, "windowsNodes": built.keys["windowsNodes"][:1]}
        site = BuiltSite(built.site, keys)
        quick, server = built.site.answer, built.site.server

        async def answer(request: Request) -> Reply:
            await asyncio.sleep(SECONDS if step_of(request.command) == SLOW else 0)
            return await quick(request)

        server.handler, server.says_first = answer, "it begins\n"
        yield site


def traced(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str
) -> tuple[str, dict[str, Any]]:
    """Return picture and chain of what ``python -m operations trace`` is asked for."""
    for name, value in site.changed().variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("operations.__main__.open_stack", lambda name: open_stack(name, site.folder))
    picture, chain = folder / "trace.svg", folder / "trace.json"
    options = ["--stack", "site", "--output", str(picture), "--json", str(chain)]
    assert main(["trace", *options, *arguments]) == 0
    return picture.read_text(), json.loads(chain.read_text())


def test_a_traced_up_shows_its_steps_and_the_chain_through_the_slow_one(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    picture, told = traced(site, monkeypatch, tmp_path, "--yes")
    ran = site.site.ran()
    assert len(ran) > 40
    assert [step for step in ran if f"-{step} (create)" not in picture] == []
    chain = [link["step"] for link in told["chain"]]
    assert chain[0] in {f"{node}-workspace" for node in ("cp1", "lin1", "win1")}
    assert chain[-1] == "cluster-cluster-verified"
    slow = next(link for link in told["chain"] if link["step"] == f"win1-{SLOW}")
    assert SECONDS <= slow["spent"]["remote work"] < SECONDS + 2
    assert slow == max(told["chain"], key=lambda link: link["spent"].get("remote work", 0))
    assert sum(link["seconds"] for link in told["chain"]) <= told["seconds"]
    shown = capfd.readouterr().out
    assert "Resources:" in shown, "the terminal has what pulumi shows"
    assert f"win1-{SLOW}" in shown
    dependencies = site.changed().resources()
    for one, other in pairwise(chain):
        assert any(urn.endswith(f"::{one}") for urn in dependencies[other]["dependencies"]), f"{other} waits for {one}"


def test_the_events_of_an_up_that_changes_nothing_have_a_chain_without_work(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "events.json"
    log.write_text(site.changed().up("--json").checked().stdout)
    before = len(site.site.server.commands)
    _, told = traced(site, monkeypatch, tmp_path, "--events", str(log))
    assert (told["steps"], told["ratio"]) == (0, None)
    assert len(site.site.server.commands) == before, "a trace of a file asks no machine anything"


def test_a_file_that_holds_no_run_is_refused(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "events.json"
    log.write_text("something else\n")
    for name, value in site.changed().variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("operations.__main__.open_stack", lambda name: open_stack(name, site.folder))
    assert main(["trace", "--stack", "site", "--events", str(log)]) != 0
    assert "remedy" in capsys.readouterr().err
