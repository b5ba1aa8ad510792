"""``python -m bench.scale``: measure with several numbers of nodes, and write tables of it into the documentation."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.report import placed
from bench.scale.measure import measure, measure_preview
from bench.scale.report import preview_line, tables, way_of

_HERE = Path(__file__).resolve().parent
_PAGE = _HERE.parent.parent / "docs/scale.md"
_RESULTS = _HERE / "results.json"


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[5, 20, 100, 300], help="default: 5 20 100 300")
    parser.add_argument("--step-seconds", type=float, default=0, help="how long each step takes (default: no time)")
    parser.add_argument("--parallel", type=int, help="resources that Pulumi works on at once (default: two a machine)")
    parser.add_argument("--state-at-end", action="store_true", help="the state is written once, as STATE_AT_END=1 does")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the figures go, as JSON")
    parser.add_argument(
        "--only-preview", action="store_true", help="print what a preview of a new stack needs, no more"
    )
    parser.add_argument("--render", action="store_true", help="measure nothing; write the figures into docs/scale.md")
    return parser


def main() -> int:
    """Carry out the command line; return the exit code."""
    given = parser().parse_args()
    if given.only_preview:
        for nodes in given.nodes:
            print(preview_line(nodes, asdict(measure_preview(nodes, given.parallel))), flush=True)
        return 0
    if not given.render:
        known = json.loads(given.results.read_text()) if given.results.exists() else []
        for nodes in given.nodes:
            found = measure(nodes, given.step_seconds, given.parallel, state_at_end=given.state_at_end).as_json()
            found["asked"] = given.parallel
            same = (nodes, way_of(found))
            known = [each for each in known if (each["nodes"], way_of(each)) != same] + [found]
            given.results.write_text(json.dumps(known, indent=1) + "\n")
            print("\n".join(tables([known[-1]])), file=sys.stderr, flush=True)
        return 0
    figures = json.loads(given.results.read_text())
    _PAGE.write_text(placed(_PAGE.read_text(), "\n".join(tables(figures))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
