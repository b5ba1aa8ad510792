"""Many machines at once over SSH: those that answer, those that do not, and what is left on them."""

from __future__ import annotations

import asyncio
import os
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import asyncssh
import pytest
from pydantic import SecretStr

from config.settings import LinuxNode
from config.ssh import SshEndpoint
from operations.fleet import Fleet, Outcome
from operations.log_steps import collecting, packing
from operations.remote import RemoteHost
from plan.step import Step
from tests.unit.shell_host import shell_host

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="step.sh runs as root only")


def node(name: str) -> LinuxNode:
    return LinuxNode(name=name, address=IPv4Address("127.0.0.1"))


async def uptime(host: RemoteHost) -> str:
    """Ask something that every Linux machine answers."""
    return await host.run(Step("facts-compared", "compare-facts.sh"))


async def ask(endpoints: Mapping[str, SshEndpoint], *, time_limit: float = 60) -> list[Outcome[str]]:
    fleet = Fleet(endpoints, at_once=2, time_limit=time_limit)
    return await fleet.each([node(name) for name in endpoints], uptime)


@as_root
def test_a_machine_that_does_not_answer_is_told_and_stops_no_other(tmp_path: Path) -> None:
    async def story() -> None:
        async with shell_host(tmp_path / "home") as host:
            good = host.endpoint()
            impostor = host.endpoint(host_key=asyncssh.generate_private_key("ssh-ed25519"))
            stranger = replace(good, private_key=unknown_key())
            outcomes = await ask({"a": replace(good, port=1), "b": good, "c": impostor, "d": stranger})
        assert [outcome.node.name for outcome in outcomes] == ["a", "b", "c", "d"]
        assert "does not answer" in outcomes[0].problem
        assert (outcomes[1].found, outcomes[1].problem) == ('{"records": []}\n', "")
        assert "another host key" in outcomes[2].problem
        assert "does not accept the private key" in outcomes[3].problem

    asyncio.run(story())


def unknown_key() -> SecretStr:
    return SecretStr(asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())


@as_root
def test_a_jump_host_is_gone_through(tmp_path: Path) -> None:
    async def story() -> None:
        async with shell_host(tmp_path / "jump") as jump, shell_host(tmp_path / "home") as host:
            (outcome,) = await ask({"a": host.endpoint(jump=jump.endpoint())})
            assert outcome.problem == ""
            assert jump.commands == []

    asyncio.run(story())


@as_root
def test_nothing_is_left_on_a_machine_whatever_became_of_the_work(tmp_path: Path) -> None:
    async def fails(host: RemoteHost) -> str:
        assert Path(host.folder).is_dir()
        return await host.run(Step("nothing", "no-such-script.sh"))

    async def hangs(host: RemoteHost) -> str:
        assert Path(host.folder).is_dir()
        await asyncio.sleep(60)
        return ""

    async def story() -> None:
        async with shell_host(tmp_path / "home") as host:
            for work, told in ((fails, "no-such-script.sh"), (hangs, "not done within 2 s")):
                limit = 2 if work is hangs else 60
                (outcome,) = await Fleet({"a": host.endpoint()}, time_limit=limit).each([node("a")], work)
                assert told in outcome.problem
                assert list(host.home.iterdir()) == []

    asyncio.run(story())


@as_root
def test_a_linux_machine_is_packed_without_its_secrets(tmp_path: Path) -> None:
    """Against this very machine: whatever it lacks is noted, and holds up nothing."""
    state = tmp_path / "home/.casement/state"
    token = "abcdef.0123456789abcdef"

    async def collect(host: RemoteHost) -> str:
        state.mkdir(parents=True)
        key = "\n".join(["-----BEGIN PRIVATE KEY-----", *["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"] * 9])
        (state / "step-joined.json").write_text(f'{{"said": "kubeadm join --token {token}"}}\n')
        (state / "long.log").write_text(
            f"{'x' * 5000}\n{key}\n-----END PRIVATE KEY-----\n{'y' * 400}\npassword=hunter2\n"
        )
        await host.run(collecting(host.node, 300, largest_file=600))
        target = tmp_path / "fetched.tar.gz"
        await host.fetch((await host.run(packing(host.node))).strip(), target)
        return str(target)

    async def story() -> None:
        async with shell_host(tmp_path / "home") as host:
            (outcome,) = await Fleet({"a": host.endpoint()}).each([node("a")], collect)
            assert outcome.problem == ""

    asyncio.run(story())
    with tarfile.open(tmp_path / "fetched.tar.gz") as tar:
        opened = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        texts = {name: file.read() for name, file in opened.items() if file}
    long = texts[f"./files{state}/long.log"].decode()
    assert long.startswith("[the beginning is left out]\n")
    assert long.endswith("y\npassword=[removed]\n")
    assert "MIIE" not in long
    assert texts[f"./files{state}/step-joined.json"].decode() == '{"said": "kubeadm join --token [removed]"}\n'
    assert b"crictl is not on this host" in texts["./notes.txt"]
    assert token.encode() not in b"".join(texts.values())
