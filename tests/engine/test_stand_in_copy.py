"""CopyToRemote of the stand-in for the command provider: where files land, and when they are copied again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from lab.providers.command import COPY, CommandProvider
from tests.engine.ssh_server import SshServer, ssh_server
from tests.engine.stand_in import CallError, StandIn, stand_in

SIGNATURE = rpc._special_sig_key


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with ssh_server(tmp_path) as running:
        yield running


@pytest.fixture
def copy() -> Iterator[StandIn]:
    with stand_in(CommandProvider(), COPY) as running:
        yield running


def asset(hash: str = "1", **more: str) -> dict[str, str]:
    return {SIGNATURE: rpc._special_asset_sig, "hash": hash, **more}


def archive(path: Path | str, hash: str = "1") -> dict[str, str]:
    return {SIGNATURE: rpc._special_archive_sig, "hash": hash, "path": str(path)}


def inputs(server: SshServer, source: dict[str, str], path: str) -> dict[str, Any]:
    return {"connection": server.connection(), "source": source, "remotePath": path}


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "linux"
    (made / "lib").mkdir(parents=True)
    (made / "step.sh").write_text("step")
    (made / "lib" / "common.sh").write_text("common")
    return made


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_lands_inside_the_remote_path(copy: StandIn, server: SshServer, folder: Path, exists: bool) -> None:
    if exists:
        (server.root / "k" / "casement").mkdir(parents=True)
    copy.create(inputs(server, archive(folder), "/k/casement"))
    assert files(server.root) == {"k/casement/linux/lib/common.sh": "common", "k/casement/linux/step.sh": "step"}


def test_a_folder_with_a_slash_lands_as_the_remote_path(copy: StandIn, server: SshServer, folder: Path) -> None:
    copy.create(inputs(server, archive(f"{folder}/"), "/there"))
    assert files(server.root) == {"there/lib/common.sh": "common", "there/step.sh": "step"}


def test_a_folder_overwrites_files_and_leaves_others(copy: StandIn, server: SshServer, folder: Path) -> None:
    (server.root / "linux").mkdir()
    (server.root / "linux" / "step.sh").write_text("a longer text than the new one")
    (server.root / "linux" / "mine").write_text("mine")
    copy.create(inputs(server, archive(folder), "/"))
    assert files(server.root)["linux/step.sh"] == "step"
    assert files(server.root)["linux/mine"] == "mine"


def test_a_folder_cannot_replace_a_file(copy: StandIn, server: SshServer, folder: Path) -> None:
    (server.root / "linux").write_text("a file")
    with pytest.raises(CallError, match="remote path /linux exists but is not a directory"):
        copy.create(inputs(server, archive(folder), "/"))


def test_a_file_lands_in_a_folder_or_as_the_path(copy: StandIn, server: SshServer, folder: Path) -> None:
    (server.root / "in").mkdir()
    source = asset(path=str(folder / "step.sh"))
    for target in ("/in", "/a/b/new.sh", "/a/b/new.sh"):
        copy.create(inputs(server, source, target))
    assert files(server.root) == {"in/step.sh": "step", "a/b/new.sh": "step"}


def test_a_text_needs_a_file_as_its_path(copy: StandIn, server: SshServer) -> None:
    (server.root / "in").mkdir()
    copy.create(inputs(server, asset(text="hello"), "/in/hello"))
    assert files(server.root) == {"in/hello": "hello"}
    with pytest.raises(CallError, match="remote path /in is a directory; when using a text asset, remotePath must be"):
        copy.create(inputs(server, asset(text="hello"), "/in"))


def test_a_missing_source_is_told_as_go_does(copy: StandIn, server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(CallError) as failed:
        copy.create(inputs(server, asset(path=f"{tmp_path}/no"), "/no"))
    assert str(failed.value) == f"open {tmp_path}/no: no such file or directory"


def test_only_a_new_hash_or_path_is_copied_again(copy: StandIn, server: SshServer) -> None:
    state = inputs(server, asset(text="a"), "/f")
    copy.update(state, {**state, "connection": server.connection(user="root")})
    assert server.connections == 0
    copy.update(state, {**state, "source": asset(hash="2", text="b")})
    copy.update(state, {**state, "remotePath": "/g"})
    assert files(server.root) == {"f": "b", "g": "a"}


def test_the_connection_of_a_copy_is_closed(copy: StandIn, server: SshServer) -> None:
    copy.create(inputs(server, asset(text="a"), "/f"))
    copy.create(inputs(server, asset(text="a"), "/f"))
    assert server.connections == 2
    assert server.open_connections <= 1


def test_a_changed_file_shows_as_a_changed_source(copy: StandIn, server: SshServer) -> None:
    old = inputs(server, asset(text="a"), "/f")
    assert list(copy.diff(old, {**old, "source": asset(hash="2", text="b")}).diffs) == ["source"]
    assert list(copy.diff(old, {**old, "source": asset(text="a")}).diffs) == []


def test_sources_that_are_no_path_are_refused(copy: StandIn) -> None:
    given = {"connection": {"host": "h"}, "remotePath": "p", "source": asset(uri="https://example.com/x")}
    assert copy.check(given)[1] == ["asset must be a path-based file asset or a text asset"]
    given["source"] = {SIGNATURE: rpc._special_archive_sig, "uri": "https://example.com/x.tgz"}
    assert copy.check(given)[1] == ["archive must be a path to a file or directory"]


def test_copied_files_stay_on_delete(copy: StandIn, server: SshServer) -> None:
    copy.delete(inputs(server, asset(text="a"), "/f"))
    assert server.connections == 0
