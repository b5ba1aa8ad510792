"""Commands through the real engine and the stand-in: what an operator would see, and what the state keeps."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.engine import Engine
from tests.engine.ssh_server import Reply, Request, SshServer, ssh_server

pytestmark = pytest.mark.engine

PREFACE = """\
    import json, os
    import pulumi
    from pulumi_command import remote
    at = remote.ConnectionArgs(**json.loads(os.environ["AT"]))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with ssh_server(tmp_path) as running:
        yield running


@pytest.fixture
def engine(tmp_path: Path, server: SshServer) -> Callable[[str], Engine]:
    """Return an engine for a program, which finds its connection as ``at``."""
    at = json.dumps({"host": "127.0.0.1", "port": server.port, "password": "correct horse", "dial_error_limit": 0})

    def make(program: str) -> Engine:
        project = tmp_path / "project"
        project.mkdir(exist_ok=True)
        (project / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
        (project / "__main__.py").write_text(textwrap.dedent(PREFACE) + textwrap.dedent(program))
        return Engine(project, tmp_path / "home", environment={"AT": at}).prepare()

    return make


def test_commands_live_from_preview_to_destroy(engine: Callable[[str], Engine], server: SshServer) -> None:
    async def handle(request: Request) -> Reply:
        return Reply(f"did {request.command}\n", "on the way\n")

    server.handler = handle
    program = """
        one = remote.Command(
            "one", connection=at, create={create!r}, delete="undo", stdin="a='b'", triggers=[{trigger}])
        two = remote.Command("two", connection=at, create="second", opts=pulumi.ResourceOptions(depends_on=[one]))
        pulumi.export("said", one.stdout)
    """
    stack = engine(program.format(create="first", trigger=1))
    assert stack.operations() == {"test-dev": "create", "one": "create", "two": "create"}
    done = stack.up().checked()
    assert server.commands == ["first", "second"]
    assert "on the way" in done.stdout
    assert 'said: "did first"' in done.stdout
    stack.run("preview", "--expect-no-changes").checked()
    stack = engine(program.format(create="changed", trigger=1))
    assert stack.operations() == {"one": "update"}
    stack.up().checked()
    stack = engine(program.format(create="changed", trigger=2))
    stack.up().checked()
    # Like the real one: the new command runs, and only then the delete of the old one.
    assert server.commands[2:] == ["changed", "changed", "undo"]
    stack.destroy().checked()
    assert server.commands[5:] == ["undo"]
    assert server.requests[5].stdin == "a='b'"
    assert "one" not in stack.resources()


def test_the_connection_is_secret_in_the_state_and_a_secret_stdin_stays_one(
    engine: Callable[[str], Engine], server: SshServer
) -> None:
    stack = engine(
        'remote.Command("one", connection=at, create="c", stdin=pulumi.Output.secret("token=abc"), logging="none")'
    )
    done = stack.up().checked()
    kept = stack.resources()["one"]
    assert server.requests[0].stdin == "token=abc"
    assert "ciphertext" in kept["inputs"]["connection"]
    assert "ciphertext" in kept["outputs"]["stdin"]
    assert kept["outputs"]["stdout"] == ""
    assert "token=abc" not in done.text
    assert stack.resources(show_secrets=True)["one"]["outputs"]["stdin"]["plaintext"] == '"token=abc"'


def test_a_command_that_fails_is_shown_with_all_it_printed_and_leaves_no_resource(
    engine: Callable[[str], Engine], server: SshServer
) -> None:
    async def handle(request: Request) -> Reply:
        return Reply(stderr="".join(f"line {number}\n" for number in range(20_000)), exit_status=1)

    server.handler = handle
    stack = engine('remote.Command("one", connection=at, create="break", logging="none")')
    failed = stack.up()
    assert failed.returncode == 1
    assert 'Process exited with status 1: running "break":' in failed.text
    assert "line 19999" in failed.text
    assert "one" not in stack.resources()


def test_an_error_hook_runs_a_command_again_whose_connection_was_cut(
    engine: Callable[[str], Engine], server: SshServer
) -> None:
    async def handle(request: Request) -> Reply:
        return Reply(cut=True) if len(server.requests) < 3 else Reply("done")

    server.handler = handle
    stack = engine("""
        def retry(args):
            return "without exit status or exit signal" in args.errors[0] and len(args.errors) < 5
        hook = pulumi.ErrorHook("retry", retry)
        remote.Command("one", connection=at, create="restart", opts=pulumi.ResourceOptions(
            hooks=pulumi.ResourceHookBinding(on_error=[hook])))
    """)
    stack.up().checked()
    assert server.commands == ["restart", "restart", "restart"]
    assert stack.resources()["one"]["outputs"]["stdout"] == "done"


def test_a_command_with_nothing_but_an_update_runs_when_its_input_changes_and_at_no_other_time(
    engine: Callable[[str], Engine], server: SshServer
) -> None:
    async def handle(request: Request) -> Reply:
        return Reply(f"did {request.command}")

    server.handler = handle
    program = 'remote.Command("one", connection=at, update="upgrade", stdin={stdin!r})'
    stack = engine(program.format(stdin="version=1"))
    stack.up().checked()
    assert not server.requests
    assert stack.resources()["one"]["outputs"]["stdout"] == ""
    stack.run("preview", "--expect-no-changes").checked()
    stack = engine(program.format(stdin="version=2"))
    assert stack.operations() == {"one": "update"}
    stack.up().checked()
    assert [(each.command, each.stdin) for each in server.requests] == [("upgrade", "version=2")]
    stack.destroy().checked()
    assert len(server.requests) == 1


def test_a_hook_that_raises_refuses_a_change_in_preview_already(
    engine: Callable[[str], Engine], server: SshServer
) -> None:
    program = """
        def check(args):
            if args.new_inputs["stdin"] < args.old_inputs["stdin"]:
                raise ValueError(f"{{args.name}}: no way back; next: go on")
        hook = pulumi.ResourceHook("check", check, pulumi.ResourceHookOptions(on_dry_run=True))
        remote.Command("one", connection=at, update="upgrade", stdin="version={version}", opts=pulumi.ResourceOptions(
            hooks=pulumi.ResourceHookBinding(before_update=[hook])))
    """
    stack = engine(program.format(version=2))
    stack.up().checked()
    stack = engine(program.format(version=1))
    for refused in (stack.run("preview"), stack.up()):
        assert refused.returncode != 0
        assert "one: no way back; next: go on" in refused.text
    assert not server.requests
    stack = engine(program.format(version=3))
    stack.run("preview").checked()


def test_a_folder_is_copied_and_copied_again_when_a_file_changes(
    engine: Callable[[str], Engine], server: SshServer, tmp_path: Path
) -> None:
    scripts = tmp_path / "project" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "a.sh").write_text("one")
    stack = engine(
        'remote.CopyToRemote("up", connection=at, source=pulumi.FileArchive("scripts"), remote_path="/casement")'
    )
    stack.up().checked()
    copied = server.root / "casement" / "scripts" / "a.sh"
    assert copied.read_text() == "one"
    (scripts / "a.sh").write_text("two")
    stack.up().checked()
    assert copied.read_text() == "two"
    stack.destroy().checked()
    assert copied.exists()
