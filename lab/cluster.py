"""The main job on the lab's hosts: ``pulumi up`` of stack ``lab``, as any user would run it, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab.build import build
from lab.engine import Engine
from lab.programs import UNITS

PROJECT = Path(__file__).resolve().parent.parent
STACK = "lab"


def engine(run_folder: Path, project: Path = PROJECT) -> Engine:
    """Return the Pulumi engine with the lab's state, which stands beside its hosts."""
    return Engine(project, run_folder / "pulumi", STACK).prepare()


def kubectl() -> Path:
    """Return the kubectl that the lab was built with."""
    (unit,) = (each for each in UNITS if "kubectl" in each.programs)
    return build(unit) / "bin" / "kubectl"


def pulumi(run_folder: Path, *arguments: str) -> int:
    """Run ``pulumi`` on the lab's stack with its output shown as it comes; return its exit code."""
    ready = engine(run_folder)
    environment = ready.variables()
    program = next(
        Path(folder) / "pulumi" for folder in environment["PATH"].split(":") if (Path(folder) / "pulumi").exists()
    )
    command = [str(program), *arguments, "--stack", STACK]
    return subprocess.run(command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def up(run_folder: Path) -> None:
    """Build the cluster, write its kubeconfig into the run folder, and show it.

    Raises SystemExit with Pulumi's exit code when it fails; its own words have been shown by then.
    """
    code = pulumi(run_folder, "up", "--yes", "--skip-preview")
    if code:
        raise SystemExit(code)
    show(run_folder)


def outputs(run_folder: Path) -> dict[str, Any]:
    """Return the stack's outputs, secrets included."""
    result = engine(run_folder).run("stack", "output", "--json", "--show-secrets").checked()
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def write_kubeconfig(run_folder: Path, text: str) -> Path:
    """Write the administrator's kubeconfig where only its owner reads it."""
    path = run_folder / "kubeconfig"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


def show(run_folder: Path) -> None:
    """Print the nodes, the checks, and how to reach the cluster."""
    found = outputs(run_folder)
    kubeconfig = write_kubeconfig(run_folder, found["kubeconfig"])
    nodes = [str(kubectl()), "--kubeconfig", str(kubeconfig), "get", "nodes", "-o", "wide"]
    print(flush=True)
    subprocess.run(nodes, check=True)
    print("\nChecks")
    width = max(map(len, found["checks"]), default=0)
    for check, detail in found["checks"].items():
        print(f"  {check:<{width}}  {detail}")
    print(
        f"\nReach it:  export KUBECONFIG={kubeconfig}\n"
        f"           {kubectl()} get pods -A\n"
        f"           {Path(sys.executable)} -m lab ssh cp1\n"
        "Take down: make lab-down"
    )
