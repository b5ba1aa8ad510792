"""Measures one size: a preview of the new stack, ``pulumi up``, and a preview in which nothing changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.scale.processes import Need, Watch
from bench.scale.site import CONTROL_PLANE, site_of
from lab.engine import Engine
from operations.critical_path import critical_path
from operations.moments import Moment, moments
from operations.timeline import timeline
from operations.trace import as_json
from review.state_at_end import variables
from tests.engine.kube_cluster import cluster
from tests.engine.ssh_server import SshServer

_FEWEST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Run:
    """One ``pulumi`` command."""

    seconds: float
    load: float
    """Processes that wanted a core in the minute before, on the machine as a whole."""
    needs: Mapping[str, Need]


@dataclass(frozen=True, slots=True)
class Size:
    """All that was measured with one number of Windows nodes."""

    nodes: int
    step_seconds: float
    parallel: int
    state_at_end: bool
    """Whether the engine wrote the state once, at the end of ``up``."""
    preview_new: Run
    up: Run
    preview_same: Run
    resources: int
    state_bytes: int
    connections: Mapping[str, int]
    """Of one machine at once: the most of the control plane and of any Windows node, and those not logged in yet."""
    trace: Mapping[str, Any]
    """What ``python -m operations trace`` tells of the ``up``, but for the chain itself."""

    def as_json(self) -> dict[str, Any]:
        """Return it for a file."""
        return asdict(self)


def measure(nodes: int, step_seconds: float, parallel: int | None, *, state_at_end: bool = False) -> Size:
    """Measure a cluster with so many Windows nodes, none of which is there before. Raises RuntimeError if pulumi fails.

    ``parallel`` is how many resources Pulumi works on at once; None: two for each machine.
    """
    at_once = _at_once(nodes, parallel)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        (folder / "kube").mkdir()
        kube = stack.enter_context(cluster(folder / "kube"))
        site, keys = stack.enter_context(site_of(folder, kube, nodes, step_seconds))
        engine = replace(site.engine(keys), parallel=at_once)
        new, _ = _run(engine, "preview")
        up, seen = _run(engine.with_variables(variables(state_at_end)), "up", "--yes", "--skip-preview", "--json")
        same, _ = _run(engine, "preview", "--expect-no-changes")
        state = engine.export()["deployment"]["resources"]
        waits = {each["urn"]: tuple(each.get("dependencies") or ()) for each in state}
        line = timeline(seen)
        return Size(
            nodes=nodes,
            step_seconds=step_seconds,
            parallel=at_once,
            state_at_end=state_at_end,
            preview_new=new,
            up=up,
            preview_same=same,
            resources=len(state),
            state_bytes=engine.state_file.stat().st_size,
            connections=_connections(site.server),
            trace={key: value for key, value in as_json(line, critical_path(line, waits)).items() if key != "chain"},
        )


def measure_preview(nodes: int, parallel: int | None) -> Run:
    """Measure a preview of a new stack only, for which no machine and no API server is asked."""
    with TemporaryDirectory() as folder, site_of(Path(folder), None, nodes, 0) as (site, keys):
        return _run(replace(site.engine(keys), parallel=_at_once(nodes, parallel)), "preview")[0]


def _at_once(nodes: int, parallel: int | None) -> int:
    return parallel or max(_FEWEST_AT_ONCE, 2 * (nodes + 1))


def _run(engine: Engine, *arguments: str) -> tuple[Run, list[Moment]]:
    began = time.monotonic()
    process = engine.start(*arguments)
    said: list[str] = []
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018
    reader = threading.Thread(target=said.extend, args=(process.stderr,))
    reader.start()
    with Watch(process.pid) as watch:
        seen = list(moments(_kept(process.stdout, said), time.monotonic))
        code = process.wait()
    reader.join()
    if code:
        raise RuntimeError(f"pulumi {arguments[0]} ended with {code}\n{''.join(said[-60:])}")
    return Run(round(time.monotonic() - began, 2), round(os.getloadavg()[0], 1), watch.needs()), seen


def _kept(lines: Iterable[str], said: list[str]) -> Iterable[str]:
    """Yield the lines, and keep those that are no event for whoever has to explain a failure."""
    for line in lines:
        if not line.startswith("{"):
            said.append(line)
        yield line


def _connections(server: SshServer) -> dict[str, int]:
    head = server.openings[CONTROL_PLANE]
    others = [openings for address, openings in server.openings.items() if address != CONTROL_PLANE]
    return {
        "controlPlane": head.most,
        "controlPlaneNotLoggedIn": head.most_not_let_in,
        "windowsNode": max(openings.most for openings in others),
        "windowsNodeNotLoggedIn": max(openings.most_not_let_in for openings in others),
    }
