"""``logs``: one archive with what every node and the cluster say about themselves, without secrets."""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from config.ssh import SshEndpoint
from operations.api_logs import gather_cluster, gather_node
from operations.command import DONE, PROBLEMS, Command, Request
from operations.fleet import Outcome, say_for
from operations.kube import Api, ApiError, api_of
from operations.log_steps import LARGEST_FILE, collecting, packing
from operations.problem import OperationError
from operations.redaction import Redactor
from operations.remote import RemoteHost, ScriptError

_PACKING_SECONDS = 180
_CREDENTIALS = re.compile(r"://([^/@\s]+)@")


@dataclass(frozen=True, slots=True)
class Way:
    """How the logs of one node, or of the cluster, were had."""

    name: str
    how: str
    """``ssh``, ``api`` (through the API server), or ``none``."""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"{self.name}: {_WAYS[self.how]}", *(f"  {note}" for note in self.notes)])


_WAYS = {
    "ssh": "over SSH; what was missing there is in its notes.txt",
    "api": "through the API server, because SSH did not answer",
    "none": "nothing",
}


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, default=Path(), metavar="FOLDER", help="folder for the archive (.)")
    parser.add_argument(
        "--largest-file", type=int, default=LARGEST_FILE, metavar="BYTES",
        help=f"of larger files the end is kept (default: {LARGEST_FILE})",
    )  # fmt: skip


async def _run(request: Request) -> int:
    settings = request.stack.configuration.settings
    # The API first: where a stack was never brought up, or Pulumi is not at hand, the nodes are still asked.
    api, why_not = await asyncio.to_thread(_api, request)
    redactor = Redactor(_known_secrets(settings, request.fleet.endpoints.values(), api))
    name = f"casement-{settings.cluster_name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with tempfile.TemporaryDirectory(prefix="casement-logs-") as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        ways = await _gather(request, folder, api, why_not)
        (folder / "ways.txt").write_text("\n".join(map(str, ways)) + "\n")
        await asyncio.to_thread(_clean, folder, redactor)
        archive = request.options.output / f"{name}.tar.gz"
        await asyncio.to_thread(_pack, folder, archive)
    for way in ways:
        print(way)
    print(archive)
    return PROBLEMS if any(way.how == "none" for way in ways) else DONE


def _api(request: Request) -> tuple[Api | None, str]:
    try:
        return api_of(request.stack), ""
    except OperationError as error:
        return None, str(error)


async def _gather(request: Request, folder: Path, api: Api | None, why_not: str) -> list[Way]:
    limit = request.fleet.time_limit
    largest = request.options.largest_file

    async def over_ssh(host: RemoteHost) -> str:
        trouble = ""
        try:
            await host.run(collecting(host.node, max(60, int(limit) - _PACKING_SECONDS), largest))
        except ScriptError as error:
            # What was gathered until then is worth having.
            trouble = str(error)
        path = (await host.run(packing(host.node))).strip()
        packed = folder / f"{host.node.name}.tar.gz"
        await host.fetch(path, packed)
        await asyncio.to_thread(_unpack, packed, folder / host.node.name)
        return trouble

    ways = [
        await asyncio.to_thread(_way, outcome, api, why_not, folder)
        for outcome in await request.fleet.each(request.nodes, over_ssh)
    ]
    if request.everything:
        ways.append(await asyncio.to_thread(_cluster, api, why_not, folder))
    return ways


def _way(outcome: Outcome[str], api: Api | None, why_not: str, folder: Path) -> Way:
    """Return how a node's logs were had; where SSH failed, ask the API server for them."""
    name = outcome.node.name
    if not outcome.problem:
        return Way(name, "ssh", tuple(filter(None, [outcome.found])))
    problems = [outcome.problem]
    if api is None:
        return Way(name, "none", (*problems, why_not))
    say_for(name)("asking the API server for its logs")
    try:
        return Way(name, "api", (*problems, *gather_node(api, name, folder / name)))
    except ApiError as error:
        return Way(name, "none", (*problems, str(error)))


def _cluster(api: Api | None, why_not: str, folder: Path) -> Way:
    if api is None:
        return Way("cluster", "none", (why_not,))
    say_for("cluster")("asking the API server")
    try:
        return Way("cluster", "api", tuple(gather_cluster(api, folder / "cluster")))
    except ApiError as error:
        return Way("cluster", "none", (str(error),))


def _known_secrets(settings: Settings, endpoints: Iterable[SshEndpoint], api: Api | None) -> list[str]:
    """Return the secrets of the run. They are compared here only: no node is told the secrets of others."""
    found = [endpoint.private_key.get_secret_value() for endpoint in endpoints]
    found += [each.jump.private_key.get_secret_value() for each in endpoints if each.jump]
    found += [api.key] if api else []
    proxy = settings.proxy
    for url in filter(None, [proxy.http, proxy.https] if proxy else []):
        found += [part for credentials in _CREDENTIALS.findall(url) for part in credentials.split(":")[1:]]
    return found


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()


def _clean(folder: Path, redactor: Redactor) -> None:
    """Take secrets out of every file once more, those too that only this side knows."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_bytes(redactor.clean(path.read_bytes()))


def _pack(folder: Path, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w:gz") as tar:
        tar.add(folder, folder.name)
    partial.chmod(0o600)
    shutil.move(partial, archive)


COMMAND = Command("logs", "gather the logs of nodes and cluster in one archive, without secrets", _run, _declare)
