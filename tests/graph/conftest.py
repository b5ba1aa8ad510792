"""The whole program, run against a recording engine."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncssh
import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime.stack import run_pulumi_func

from components.retry import when_cut, when_refused
from components.version_gate import control_plane_gate, node_gate
from config.downloads import ARTIFACTS
from config.settings import Versions
from tests.graph.engine import Monitor, Recorder

PROJECT = Path(__file__).resolve().parent.parent.parent
BASE: dict[str, Any] = {
    "nodeCidrs": ["10.77.0.0/24"],
    "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
    "linuxWorkers": [{"name": "lin1", "address": "10.77.0.12"}],
    "windowsNodes": [
        {"name": "win1", "managementIp": "10.77.0.21", "ssh": {"user": "Administrator"}},
        {"name": "win2", "managementIp": "10.77.0.22", "ssh": {"user": "Administrator"}},
    ],
}
Deploy = Callable[..., Recorder]


@pytest.fixture(scope="session")
def deploy(tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    """Return a function that runs the program with the base configuration and these keys over it.

    Each configuration runs once: what its run recorded is the same every time, and nobody changes it.
    """
    configuration = BASE | site_files(tmp_path_factory.mktemp("site"))
    recorded: dict[str, Recorder] = {}

    def run(preview: bool = False, **keys: Any) -> Recorder:
        named = json.dumps([preview, keys])
        if named not in recorded:
            recorded[named] = asyncio.run(_run(configuration | keys, preview))
        return recorded[named]

    return run


def site_files(folder: Path) -> dict[str, Any]:
    """Write what a site has besides its stack file, and return the keys that name it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    host_key = key.export_public_key().decode().strip()
    known_hosts = folder / "known_hosts"
    known_hosts.write_text("".join(f"10.77.0.{last} {host_key}\n" for last in (11, 12, 13, 21, 22, 23)))
    pins = folder / "pins.yaml"
    versions = Versions()
    urls = [each.template.format(version=getattr(versions, each.version_key)) for each in ARTIFACTS.values()]
    pins.write_text("".join(f"{url}: sha256:{'0' * 64}\n" for url in urls))
    return {
        "ssh": {"knownHostsFile": str(known_hosts)},
        "sshPrivateKey": key.export_private_key().decode(),
        "downloadsFile": str(pins),
    }


def _done() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


async def _program() -> None:
    """Do what Pulumi's own ``run_in_stack`` does with a program."""
    after: list[Callable[[], Awaitable[None]]] = []
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(pulumi, "run", after.append)
        runpy.run_path(str(PROJECT / "__main__.py"))
    for each in after:
        await each()


async def _run(keys: dict[str, Any], preview: bool) -> Recorder:
    recorder = Recorder(preview=preview)
    for hooks in (when_cut, when_refused, control_plane_gate, node_gate):
        hooks.cache_clear()
    mocks.set_mocks(recorder, project="casement", stack="test", preview=preview, monitor=Monitor(recorder))
    texts = {f"casement:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
    pulumi.runtime.set_all_config(texts, ["casement:sshPrivateKey"])
    monkey = pytest.MonkeyPatch()
    # The recording engine calls nobody back.
    for kind in ("error", "resource"):
        monkey.setattr(pulumi.resource_hooks, f"register_{kind}_hook", lambda hook: _done())
    monkey.setattr(pulumi, "export", recorder.outputs.__setitem__)
    try:
        await run_pulumi_func(_program)
        outputs = {name: pulumi.Output.from_input(value) for name, value in recorder.outputs.items()}
        recorder.folded = {name for name, output in outputs.items() if await output.is_secret()}
        recorder.outputs = {name: await output.future() for name, output in outputs.items()}
    finally:
        monkey.undo()
    return recorder
