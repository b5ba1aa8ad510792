"""A cloud is known by name where machines come from, in the configuration and in the documentation; nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan.bundle import PROJECT

NAMED = re.compile(r"azure|google|gce(?![a-z])|gcp", re.IGNORECASE)
ABOVE = ("__main__.py", "components", "operations", "plan", "scripts")
SOURCES = PROJECT / "components/sources"


def files(place: str) -> Iterator[Path]:
    path = PROJECT / place
    for each in [path] if path.is_file() else sorted(path.rglob("*")):
        kept_by_tools = any(part == "__pycache__" or part.startswith(".") for part in each.relative_to(PROJECT).parts)
        if each.is_file() and not kept_by_tools and SOURCES not in each.parents:
            yield each


@pytest.mark.parametrize("place", ABOVE)
def test_above_the_seam_no_cloud_is_known_by_name(place: str) -> None:
    looked_at = list(files(place))
    assert looked_at
    named = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in looked_at
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if NAMED.search(f"{path.name} {line}")
    ]
    assert named == []


def test_below_the_seam_each_cloud_is() -> None:
    whole = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    assert {"azure", "google", "gce"} <= {name.lower() for name in NAMED.findall(whole)}
