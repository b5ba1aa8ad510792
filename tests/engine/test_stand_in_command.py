"""The stand-in for the command provider, called over gRPC: it does and says what the real plugin does and says."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import pytest

from lab.providers.command import LOCAL, REMOTE, CommandProvider
from lab.providers.values import UNKNOWN, Secret, plain
from tests.engine.ssh_server import Reply, Request, SshServer, ssh_server
from tests.engine.stand_in import CallError, StandIn, stand_in

CUT = "wait: remote command exited without exit status or exit signal"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with ssh_server(tmp_path) as running:
        yield running


@pytest.fixture
def command() -> Iterator[StandIn]:
    with stand_in(CommandProvider(), REMOTE) as running:
        yield running


def answer(reply: Reply) -> object:
    async def handle(request: Request) -> Reply:
        del request
        return reply

    return handle


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_plugin_has_the_version_of_the_sdk(command: StandIn) -> None:
    assert command.version() == "1.2.1"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"connection": {"host": "h"}, "crate": "x"}, "Unrecognized field 'crate' on 'remote.CommandInputs'"),
        ({"connection": {"host": "h", "usr": "x"}}, "Unrecognized field 'usr' on 'remote.CommandInputs'"),
        (
            {"connection": {"host": "h", "proxy": {"host": "p", "key": "x"}}},
            "Unrecognized field 'key' on 'remote.CommandInputs'",
        ),
        ({"create": "x"}, "Missing required field 'Connection' on 'remote.CommandInputs'"),
        ({"connection": {"port": 22}}, "Missing required field 'Host' on 'remote.CommandInputs'"),
        (
            {"connection": {"host": "h"}, "create": 1},
            "Field 'create' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead",
        ),
    ],
)
def test_an_input_that_the_plugin_does_not_know_is_refused(command: StandIn, inputs: object, reason: str) -> None:
    assert command.check(inputs)[1] == [reason]  # type: ignore[arg-type]  # each case is a mapping


def test_check_fills_in_defaults_and_makes_the_connection_secret(command: StandIn) -> None:
    inputs, failures = command.check({"connection": {"host": "h", "proxy": {"host": "p"}}, "create": "x"})
    endpoint = {"dialErrorLimit": 10, "perDialTimeout": 15, "port": 22, "user": "root"}
    assert failures == []
    assert isinstance(inputs["connection"], Secret)
    assert plain(inputs) == {
        "addPreviousOutputInEnv": True,
        "connection": {"host": "h", "proxy": {"host": "p", **endpoint}, **endpoint},
        "create": "x",
    }


def test_a_connection_that_is_not_known_yet_passes_check(command: StandIn) -> None:
    assert command.check({"connection": UNKNOWN, "create": UNKNOWN})[1] == []


def test_create_gives_the_output_without_its_last_newline(command: StandIn, server: SshServer) -> None:
    server.handler = answer(Reply("one\n\n", "two\r\n"))  # type: ignore[assignment]
    inputs = {"connection": server.connection(), "create": "say", "stdin": "a='b'\n"}
    created, outputs = command.create(inputs)
    assert created.startswith("thing")
    assert outputs == {**inputs, "stdout": "one\n", "stderr": "two\r"}
    assert server.requests == [Request("say", "a='b'\n", {})]


def test_a_command_that_fails_is_told_with_its_text_and_all_that_it_printed(
    command: StandIn, server: SshServer
) -> None:
    server.handler = answer(Reply(stderr="no such thing\n", exit_status=3))  # type: ignore[assignment]
    with pytest.raises(CallError) as failed:
        command.create({"connection": server.connection(), "create": 'say "é"\n'})
    assert str(failed.value) == 'Process exited with status 3: running "say \\"é\\"\\n":\nno such thing\n'
    assert not failed.value.partial


def test_a_connection_cut_while_the_command_runs_is_told_as_a_missing_exit_status(
    command: StandIn, server: SshServer
) -> None:
    server.handler = answer(Reply(cut=True))  # type: ignore[assignment]
    with pytest.raises(CallError) as failed:
        command.create({"connection": server.connection(), "create": "restart"})
    assert str(failed.value) == f'{CUT}: running "restart":\n'


def test_an_error_text_of_a_megabyte_arrives_whole(command: StandIn, server: SshServer) -> None:
    server.handler = answer(Reply(stdout="x" * 100 + "\n", stderr="y\n" * 5000, exit_status=1))  # type: ignore[assignment]
    with pytest.raises(CallError) as failed:
        command.create({"connection": server.connection(), "create": "c"})
    assert str(failed.value).count("y\n") == 5000


def test_without_a_command_nothing_is_dialled(command: StandIn) -> None:
    unreachable = {"host": "127.0.0.1", "port": free_port(), "dialErrorLimit": 0}
    _, outputs = command.create({"connection": unreachable, "delete": "x"})
    assert outputs["stdout"] == ""


def test_update_runs_create_again_where_there_is_no_update(command: StandIn, server: SshServer) -> None:
    server.handler = answer(Reply("new\n"))  # type: ignore[assignment]
    inputs = {"connection": server.connection(), "create": "c", "delete": "changed"}
    state = {**inputs, "delete": "d", "stdout": "old", "stderr": ""}
    assert command.update(state, inputs)["stdout"] == "new"
    command.update(state, {**inputs, "update": "u"})
    assert server.commands == ["c", "u"]
    assert server.requests[0].environment == {"PULUMI_COMMAND_STDOUT": "old"}


def test_delete_runs_with_the_connection_and_stdin_of_the_last_update(command: StandIn, server: SshServer) -> None:
    command.delete(
        {
            "connection": server.connection(),
            "delete": "d",
            "stdin": "s",
            "stdout": "o",
            "addPreviousOutputInEnv": False,
        }
    )
    assert server.requests == [Request("d", "s", {})]


def test_any_changed_input_is_an_update_and_new_triggers_are_a_replacement(command: StandIn) -> None:
    old = {"connection": Secret({"host": "a", "port": 22}), "create": "c", "triggers": ["1"]}
    assert list(command.diff(old, {**old, "connection": Secret({"host": "b", "port": 22})}).diffs) == ["connection"]
    assert list(command.diff(old, old).diffs) == []
    changed = command.diff(old, {**old, "triggers": ["2"], "delete": "d"})
    assert dict(changed.detailedDiff).keys() == {"triggers[0]", "delete"}
    assert list(command.diff({"create": "c"}, old).replaces) == ["triggers"]


def test_only_the_secretness_of_the_connection_is_a_change_too(command: StandIn) -> None:
    assert list(command.diff({"connection": {"host": "a"}}, {"connection": Secret({"host": "a"})}).diffs)


def test_a_preview_leaves_the_output_open_and_dials_nobody(command: StandIn, server: SshServer) -> None:
    inputs = {"connection": server.connection(), "create": "c"}
    assert command.create(inputs, preview=True)[1]["stdout"] is UNKNOWN
    state = {**inputs, "create": "b", "stdout": "o", "stderr": ""}
    assert command.update(state, inputs, preview=True)["stderr"] is UNKNOWN
    assert server.connections == 0


def test_a_refused_connection_is_tried_as_often_as_the_limit_says(command: StandIn) -> None:
    port, started = free_port(), time.monotonic()
    with pytest.raises(CallError) as failed:
        command.create({"connection": {"host": "127.0.0.1", "port": port, "dialErrorLimit": 2}, "create": "c"})
    expected = f"after 2 failed attempts: dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert str(failed.value) == expected
    assert 0.25 < time.monotonic() - started < 2


def test_a_host_that_comes_up_late_is_reached(command: StandIn, tmp_path: Path) -> None:
    port = free_port()
    with ThreadPoolExecutor(1) as pool:
        connection = {"host": "127.0.0.1", "port": port, "password": "correct horse", "dialErrorLimit": 20}
        done = pool.submit(command.create, {"connection": connection, "create": "c"})
        time.sleep(0.4)
        with ssh_server(tmp_path, port) as late:
            done.result(10)
            assert late.commands == ["c"]


def test_the_time_limit_of_a_dial_is_kept(command: StandIn) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # A full queue of connections that nobody accepts: the kernel then answers no further one.
        queue = [socket.socket() for _ in range(4)]
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        connection = {"host": "127.0.0.1", "port": deaf.getsockname()[1], "dialErrorLimit": 0, "perDialTimeout": 1}
        with pytest.raises(CallError, match=r"dial tcp 127\.0\.0\.1:\d+: i/o timeout"):
            command.create({"connection": connection, "create": "c"})
        for waiting in queue:
            waiting.close()


def test_a_wrong_password_is_told_as_a_failed_handshake(command: StandIn, server: SshServer) -> None:
    with pytest.raises(CallError) as failed:
        command.create({"connection": server.connection(password="wrong"), "create": "c"})
    assert "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none password" in str(failed.value)


def test_a_private_key_opens_the_connection(command: StandIn, server: SshServer) -> None:
    command.create({"connection": server.connection(password=None, privateKey=server.user_key), "create": "c"})
    assert server.commands == ["c"]


def test_an_encrypted_private_key_without_its_password_is_refused(command: StandIn) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase="x").decode()
    with pytest.raises(CallError, match="ssh: this private key is passphrase protected"):
        command.create({"connection": {"host": "127.0.0.1", "privateKey": key}, "create": "c"})


def test_a_pinned_host_key_lets_in_the_one_host_only(command: StandIn, server: SshServer) -> None:
    command.create({"connection": server.connection(hostKey=server.host_key), "create": "c"})
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(CallError, match="after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch"):
        command.create({"connection": server.connection(hostKey=other), "create": "c"})


def test_a_proxy_leads_to_the_host_behind_it(command: StandIn, server: SshServer, tmp_path: Path) -> None:
    with ssh_server(tmp_path / "proxy") as proxy:
        command.create({"connection": server.connection(proxy=proxy.connection()), "create": "c"})
        assert (proxy.connections, proxy.commands, server.commands) == (1, [], ["c"])
        with pytest.raises(CallError, match="proxy: after 0 failed attempts: ssh: rejected: connect failed"):
            command.create({"connection": server.connection(port=free_port(), proxy=proxy.connection()), "create": "c"})


def test_sixteen_commands_run_at_the_same_time_each_on_its_own_connection(command: StandIn, server: SshServer) -> None:
    everyone = asyncio.Barrier(16)

    async def handle(request: Request) -> Reply:
        await everyone.wait()
        return Reply(request.command)

    server.handler = handle
    with ThreadPoolExecutor(16) as pool:
        inputs = [{"connection": server.connection(), "create": str(number)} for number in range(16)]
        outputs = [outputs["stdout"] for _, outputs in pool.map(command.create, inputs)]
    assert outputs == [str(number) for number in range(16)]
    # The real plugin leaves a command's connection open as long as it lives.
    assert (server.connections, server.open_connections) == (16, 16)


def test_cancel_ends_the_dialling_but_no_running_command(command: StandIn, server: SshServer) -> None:
    running, release = threading.Event(), threading.Event()

    async def handle(request: Request) -> Reply:
        running.set()
        await asyncio.to_thread(release.wait, 10)
        return Reply(request.command)

    server.handler = handle
    with ThreadPoolExecutor(2) as pool:
        hung = pool.submit(command.create, {"connection": server.connection(), "create": "long"})
        dead = {"host": "127.0.0.1", "port": free_port(), "dialErrorLimit": -1}
        dialling = pool.submit(command.create, {"connection": dead, "create": "c"})
        running.wait(10)
        command.cancel()
        with pytest.raises(CallError, match="context canceled"):
            dialling.result(10)
        assert not hung.done()
        release.set()
        assert hung.result(10)[1]["stdout"] == "long"


def test_a_custom_timeout_ends_the_dialling(command: StandIn) -> None:
    dead = {"host": "127.0.0.1", "port": free_port(), "dialErrorLimit": -1}
    with pytest.raises(CallError, match="context deadline exceeded"):
        command.create({"connection": dead, "create": "c"}, timeout=0.5)


def test_a_line_of_64_kib_blocks_a_command_that_is_logged(command: StandIn, server: SshServer) -> None:
    server.handler = answer(Reply("x" * 70_000))  # type: ignore[assignment]
    inputs = {"connection": server.connection(), "create": "c"}
    with pytest.raises(CallError, match="Deadline Exceeded"):
        command.create(inputs, wait=1)
    assert len(command.create({**inputs, "logging": "none"})[1]["stdout"]) == 70_000


def test_a_variable_that_the_server_refuses_fails_the_command(
    command: StandIn, server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asyncssh.channel.SSHServerChannel._process_env_request", lambda *_: False)
    with pytest.raises(CallError, match='could not set environment variable "A": ssh: setenv failed'):
        command.create({"connection": server.connection(), "create": "c", "environment": {"A": "1"}})
    assert server.commands == []
    command.delete({"connection": server.connection(), "delete": "d", "stdout": "o"})
    assert server.commands == ["d"]


def test_a_local_command_runs_here(command: StandIn) -> None:
    local = command.of(LOCAL)
    inputs = {"create": 'cat; echo "$A"; echo e >&2', "environment": {"A": "1"}, "stdin": "in,"}
    assert local.create(inputs)[1] == {**inputs, "stdout": "in,1", "stderr": "e"}
    with pytest.raises(CallError, match='exit status 4: running "exit 4":'):
        local.create({"create": "exit 4"})
