"""``drift``: what is no longer as the program has made it, on every node and in the cluster."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from config.settings import Settings
from operations.cluster_drift import cluster_findings
from operations.command import DONE, FOUND, PROBLEMS, Command, Request
from operations.drift_steps import comparing
from operations.findings import Finding, as_json, shown, terminal_has_colours
from operations.fleet import say_for
from operations.kube import ApiError, api_of
from operations.node_drift import Record, never_ran, node_findings, read_records
from operations.problem import OperationError
from operations.recording import record_repairs, repairs_of
from operations.redaction import Redactor
from operations.remote import RemoteHost
from plan.cluster import ClusterPlan, plan_cluster
from plan.repairs import named_steps
from plan.step import Step


@dataclass(frozen=True, slots=True)
class Drift:
    """What a look at everything has shown."""

    findings: tuple[Finding, ...]
    problems: dict[str, str]
    """Why a node, or the cluster, could not be looked at, by its name."""


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument(
        "--record", action="store_true", help="write it into the stack file, so that `pulumi up` repairs it"
    )


async def _run(request: Request) -> int:
    drift = await look(request)
    repairs = repairs_of(drift.findings)
    if request.options.record and repairs:
        record_repairs(request.stack.file, request.stack.project, repairs)
    if request.options.json:
        print(
            json.dumps({"findings": as_json(drift.findings), "problems": drift.problems, "repairs": repairs}, indent=2)
        )
    else:
        _show(request, drift, repairs)
    if drift.problems:
        return PROBLEMS
    return FOUND if drift.findings else DONE


async def look(request: Request) -> Drift:
    """Look at the nodes that were asked for, and at the cluster where all were; nothing is changed anywhere."""
    configuration = request.stack.configuration
    plan = plan_cluster(configuration)
    steps = standing_steps(plan, configuration.settings)
    redactor = Redactor()

    async def compared(host: RemoteHost) -> list[Record]:
        return read_records(host.node.name, await host.run(comparing(host.node)), steps)

    findings: list[Finding] = []
    problems: dict[str, str] = {}
    records: list[Record] = []
    for outcome in await request.fleet.each(request.nodes, compared):
        records += outcome.found or []
        if outcome.problem:
            problems[outcome.node.name] = outcome.problem
    findings += node_findings(records, steps, redactor)
    if request.everything:
        if not problems:
            findings += never_ran(records, steps)
        say_for("cluster")("asking the API server")
        try:
            api = await asyncio.to_thread(api_of, request.stack)
            findings += await asyncio.to_thread(
                lambda: list(cluster_findings(api, configuration.settings, plan.network))
            )
        except (ApiError, OperationError) as error:
            problems["cluster"] = str(error)
    findings.sort(key=lambda finding: finding.place)
    return Drift(tuple(findings), problems)


def standing_steps(plan: ClusterPlan, settings: Settings) -> dict[str, Step]:
    """Return the steps that hold, by the names of their resources: those of a machine that is gone are left alone."""
    gone = {node.name for node in settings.nodes if node.gone}
    return {name: step for name, step in named_steps(plan).items() if name.removesuffix(f"-{step.name}") not in gone}


def _show(request: Request, drift: Drift, repairs: dict[str, str]) -> None:
    for line in shown(drift.findings, colours=terminal_has_colours()):
        print(line)
    for place, problem in drift.problems.items():
        print(f"{place}: could not be looked at: {problem}")
    print(_summary(request, drift.findings, repairs))


def _summary(request: Request, findings: Sequence[Finding], repairs: dict[str, str]) -> str:
    if not findings:
        return "No drift was found." if request.everything else "No drift was found on the nodes asked for."
    count = f"{len(findings)} thing{'s' if len(findings) > 1 else ''} {'have' if len(findings) > 1 else 'has'} drifted."
    if not repairs:
        return f"{count} Each line above says what puts it right."
    if request.options.record:
        return f"{count} {request.stack.file.name} has {len(repairs)} repairs now: `pulumi up --refresh` makes them."
    return f"{count} With --record (make drift RECORD=1) the stack file gets the repairs, and `pulumi up` makes them."


COMMAND = Command("drift", "show what is no longer as it was made, on the nodes and in the cluster", _run, _declare)
