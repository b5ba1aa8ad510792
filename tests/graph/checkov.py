"""Checkov, which knows what is thought unsafe in ARM templates and Terraform plans, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cache import made_once

VERSION = "3.3.30"
_SECONDS = 300
_NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True, order=True)
class Finding:
    """What a check says of one resource."""

    document: str
    check: str
    resource: str


@dataclass(frozen=True)
class Report:
    """What all checks say of some documents."""

    failed: frozenset[Finding]
    passed: frozenset[Finding]
    not_read: tuple[str, ...]
    """Documents that are none for Checkov."""


def environment() -> Path:
    """Return an environment with Checkov in it: its many pins fit in with nobody else's."""
    python = "{}.{}".format(*sys.version_info)
    return made_once("checkov", {"checkov": VERSION, "python": python}, _install)


def _install(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"checkov=={VERSION}"], check=True)


def checked(documents: Mapping[str, Mapping[str, Any]], folder: Path) -> Report:
    """Return what Checkov says of these documents, by their names; it starts once, which is most of its time."""
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    line = [str(environment() / "bin/python"), "-m", "checkov.main", "--directory", str(folder), "--output", "json"]
    line += ["--framework", "arm", "terraform_plan", "--skip-download", "--soft-fail", "--compact"]
    # It must know all by itself: nothing is fetched.
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE}
    ran = subprocess.run(line, capture_output=True, text=True, env=alone, timeout=_SECONDS, check=True)
    answer = json.loads(ran.stdout)
    results = [each["results"] for each in (answer if isinstance(answer, list) else [answer])]
    return Report(
        failed=frozenset(_finding(each) for result in results for each in result["failed_checks"]),
        passed=frozenset(_finding(each) for result in results for each in result["passed_checks"]),
        not_read=tuple(str(name) for result in results for name in result["parsing_errors"]),
    )


def _finding(said: Mapping[str, Any]) -> Finding:
    return Finding(Path(said["file_path"]).stem, said["check_id"], said["resource"])
