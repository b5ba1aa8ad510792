"""``python -m bench``: measure, and write what was measured into the documentation."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import figures
from bench.report import placed, problems, render
from bench.results import CONTESTANTS, PHASES, Results, read
from bench.runner import Asked, measure

_HERE = Path(__file__).resolve().parent
_PAGE = _HERE.parent / "docs/performance.md"
_PLOT = _HERE.parent / "docs/pictures/performance.svg"
_RESULTS = _HERE / "results.json"
_LOGS = _HERE / "logs"


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    line = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = line.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="measure on the lab's hosts, and show the tables")
    command.add_argument("--repetitions", type=int, default=5)
    command.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    command.add_argument("--until", choices=PHASES, default=list(PHASES)[-1], help="the last phase")
    command.add_argument("--with-preview", action="store_true", help="let our `pulumi up` look for changes first")
    command.add_argument("--results", type=Path, default=_RESULTS)
    command = commands.add_parser("render", help="write the tables and the plot into the documentation")
    command.add_argument("--results", type=Path, default=_RESULTS)
    return line


def draw(results: Results, output: Path) -> None:
    """Draw the plot, in the environment that has matplotlib. Raises CalledProcessError when it cannot."""
    measured = figures(results)
    content = {
        "phases": [PHASES[phase] for phase in measured],
        "note": f"{results.machine.processor}, {results.machine.cores} cores, {results.date}",
        "contestants": [
            {"title": title, "seconds": [[one.median, one.least, one.most] for one in found]}
            for name, title in CONTESTANTS.items()
            if (found := [phase[name] for phase in measured.values() if name in phase])
        ],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(content, file)
        file.flush()
        subprocess.run([_HERE / ".venv/bin/python", _HERE / "plot.py", file.name, output], check=True)


def main() -> int:
    """Carry out the command line; return the exit code."""
    given = parser().parse_args()
    if given.command == "run":
        if os.geteuid() != 0:
            print("the lab's hosts need root", file=sys.stderr)
            return 1
        phases = list(PHASES)[: list(PHASES).index(given.until) + 1]
        ours = () if given.with_preview else ("--skip-preview",)
        results = measure(Asked(given.contestants, phases, given.repetitions, ours), given.results, _LOGS)
        print(render(results))
        return 1 if results.failures else 0
    results = read(given.results)
    refused = problems(results)
    if refused:
        print("not for the documentation:", *refused, sep="\n  ", file=sys.stderr)
        return 1
    draw(results, _PLOT)
    text = f"![Seconds by phase and contestant](pictures/{_PLOT.name})\n\n{render(results)}"
    _PAGE.write_text(placed(_PAGE.read_text(), text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
