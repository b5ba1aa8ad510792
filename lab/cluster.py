"""The main job on the lab's hosts: ``pulumi up`` of stack ``lab``, as any user would run it, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab import run
from lab.build import build
from lab.engine import Engine, engine_programs
from lab.programs import UNITS

PROJECT = Path(__file__).resolve().parent.parent
STACK = "lab"


def engine(project: Path = PROJECT) -> Engine:
    """Return the Pulumi engine with the lab's state, which stands beside its hosts."""
    return Engine(project, run.RUN_FOLDER / "pulumi", STACK).prepare()


def kubectl() -> Path:
    """Return the kubectl that the lab was built with."""
    (unit,) = (each for each in UNITS if "kubectl" in each.programs)
    return build(unit) / "bin" / "kubectl"


def pulumi(*arguments: str) -> int:
    """Run ``pulumi`` on the lab's stack with its output shown as it comes; return its exit code."""
    command = [str(engine_programs() / "pulumi"), *arguments, "--stack", STACK]
    return subprocess.run(command, cwd=PROJECT, env=engine().variables(), check=False).returncode


def up() -> None:
    """Build the cluster, write its kubeconfig into the run folder, and show it.

    Raises SystemExit with Pulumi's exit code when it fails; its own words have been shown by then.
    """
    code = pulumi("up", "--yes", "--skip-preview")
    if code:
        raise SystemExit(code)
    show()


def outputs() -> dict[str, Any]:
    """Return the stack's outputs, secrets included."""
    result = engine().run("stack", "output", "--json", "--show-secrets").checked()
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def write_kubeconfig(text: str) -> None:
    """Write the administrator's kubeconfig where only its owner reads it."""
    with os.fdopen(os.open(run.KUBECONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def show() -> None:
    """Print the nodes, the checks, and how to reach the cluster."""
    found = outputs()
    write_kubeconfig(found["kubeconfig"])
    print(flush=True)
    subprocess.run([str(kubectl()), "--kubeconfig", str(run.KUBECONFIG), "get", "nodes", "-o", "wide"], check=True)
    print("\nChecks")
    rows = [(name, of, it) for name, kind in found["checks"].items() for of, it in kind["results"].items()]
    name_width, of_width = (max((len(row[place]) for row in rows), default=0) for place in (0, 1))
    for name, of, it in rows:
        print(f"  {name:<{name_width}}  {of:<{of_width}}  {it['seconds']:6.1f} s  {it['detail']}")
    lab = f"{os.path.relpath(sys.executable)} -m lab"
    print(
        f"\nReach it    {lab} kubectl get pods -A\n"
        f"            {lab} ssh win1 powershell.exe -Command Get-Service\n"
        f"            {lab} pulumi preview\n"
        "Take down   make lab-down"
    )
