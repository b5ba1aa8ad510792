"""The end of docs/troubleshooting.md: what checks and messages mean, written from the plan's own tables.

``python -m tests.unit.known_messages`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from plan.checks import CHECKS
from plan.failure import Failure
from plan.failures_of_clouds import CLOUDS
from plan.failures_of_clusters import CLUSTER
from plan.failures_of_hosts import HOST
from plan.failures_of_windows import WINDOWS

PAGE = Path(__file__).resolve().parents[2] / "docs/troubleshooting.md"
SAMPLES: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("failure_samples.yaml").read_text())
"""Each known failure in the words of the program that fails."""
GROUPS: Mapping[str, tuple[Failure, ...]] = {
    "Any machine": HOST,
    "Windows": WINDOWS,
    "Kubernetes": CLUSTER,
    "Clouds": CLOUDS,
}
_SHORT = 110
"""Characters that a message may have to be shown as a whole."""
_BEGIN = "<!-- From here on written by `python -m tests.unit.known_messages`; do not edit. -->\n"


def page(text: str) -> str:
    """Return the page with its end as it should be."""
    return text.partition(_BEGIN)[0] + _BEGIN + "\n" + "\n".join(_end()) + "\n"


def _end() -> Iterator[str]:
    rows = ((f"`{name}`", check.cause, check.remedy) for name, check in CHECKS.items())
    yield from _table("check", rows)
    yield "\n## Messages that the program knows\n"
    yield "A message, or the part by which a long one is known; names, addresses and numbers are examples."
    for title, failures in GROUPS.items():
        yield f"\n### {title}\n"
        yield from _table("in the message", ((f"`{_shown(each)}`", each.cause, each.remedy) for each in failures))


def _shown(failure: Failure) -> str:
    sample = " ".join(SAMPLES[failure.name].split())
    found = failure.pattern.search(SAMPLES[failure.name])
    assert found is not None, failure.name
    return sample if len(sample) <= _SHORT else " ".join(found[0].split())


def _table(first: str, rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {first} | likely cause | next |"
    yield "|---|---|---|"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
