"""Commit hooks, dependency updates and the guide for contributors are about this project as it is."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import Versions
from lab import release
from review.stacks import PROGRAM

PROJECT = Path(__file__).resolve().parents[2]
RENOVATE: dict[str, Any] = json.loads((PROJECT / "renovate.json").read_text())
FOLDERS = (".github", "config", "docs", "lab", "tests")
"""Where versions are written down."""
MANAGERS: list[dict[str, Any]] = RENOVATE["customManagers"]


def matches(manager: dict[str, Any], text: str) -> list[re.Match[str]]:
    """Return what each pattern of a manager finds in one of its files; Renovate's differ from Python's in the names."""
    strings = [re.compile(each.replace("(?<", "(?P<")) for each in manager["matchStrings"]]
    return [match for each in strings for match in each.finditer(text)]


def files(manager: dict[str, Any]) -> list[Path]:
    patterns = [re.compile(pattern.strip("/")) for pattern in manager["managerFilePatterns"]]
    every = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.*")]
    return [path for path in every if any(each.search(str(path.relative_to(PROJECT))) for each in patterns)]


def found(manager: dict[str, Any]) -> list[re.Match[str]]:
    """Return what a manager finds in the whole project."""
    return [match for file in files(manager) for match in matches(manager, file.read_text())]


@pytest.mark.parametrize("manager", MANAGERS, ids=lambda manager: manager["description"])
def test_every_file_and_every_pattern_of_updates_has_something(manager: dict[str, Any]) -> None:
    assert len(files(manager)) >= len(manager["managerFilePatterns"])
    assert {match.re for match in found(manager)} == {
        re.compile(each.replace("(?<", "(?P<")) for each in manager["matchStrings"]
    }


def test_every_version_that_is_written_down_is_looked_after() -> None:
    looked_after = {match["currentValue"] for manager in MANAGERS for match in found(manager)}
    assert set(Versions().model_dump().values()) <= looked_after
    constants = {value for name, value in vars(release).items() if name.isupper() and isinstance(value, str)}
    assert constants <= looked_after


def test_every_comment_says_whose_the_one_version_below_it_is() -> None:
    by_comment = MANAGERS[0]
    comments = sum(file.read_text().count("# renovate: ") for file in files(by_comment))
    versions = found(by_comment)
    assert len(versions) == comments > 20
    assert all(re.fullmatch(r"\d+(\.\d+)+(-\w+)?", match["currentValue"]) for match in versions)
    assert {match["datasource"] for match in versions} == {"docker", "github-releases", "go", "pypi"}


def test_the_hooks_are_what_make_check_runs() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    check = re.search(r"^check: (.+?) ##", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert check is not None
    assert [hook["entry"] for hook in hooks] == [f"make {target}" for target in check[1].split()]


def test_help_tells_every_target_and_fits_a_terminal() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    told = re.findall(r"^  ([a-z-]+)  +\S", shown, re.MULTILINE)
    assert sorted(told) == sorted(phony[1].split())
    assert max(map(len, shown.splitlines())) <= 120
    # What a target takes is what its recipe reads.
    recipes = set(re.findall(r"\$\(([A-Z]+)\)", (PROJECT / "Makefile").read_text())) - {"PYTHON", "SOURCES"}
    assert set(re.findall(r"\b([A-Z]+)=", shown)) == recipes


def test_the_guide_names_places_that_are_there() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    table = text.partition("## Where does my change go?")[2].partition("## ")[0]
    places = [place for place in re.findall(r"`([\w./*]+/[\w./*]*|\w+\.\w+)`", table) if "/" in place]
    assert len(places) > 15
    missing = [place for place in places if not list(PROJECT.glob(place.rstrip("/")))]
    assert not missing


def test_what_a_stack_is_touched_by_is_there() -> None:
    assert all((PROJECT / place).exists() for place in PROGRAM)
