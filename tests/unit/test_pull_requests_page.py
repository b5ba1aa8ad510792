"""What docs/pull-requests.md shows for other services is well formed, and its commands are ours."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.__main__ import _parser as operations_parser
from review.__main__ import _parser as review_parser
from review.markdown import MARKER, comment

PAGE = (Path(__file__).resolve().parents[2] / "docs/pull-requests.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
PARSERS = {"review": review_parser(), "operations": operations_parser()}


def scripts(value: Any) -> list[str]:
    """Return every script in a pipeline."""
    if isinstance(value, dict):
        own = [value["script"]] if isinstance(value.get("script"), str) else value.get("script") or []
        return [*own, *(text for item in value.values() if not isinstance(item, str) for text in scripts(item))]
    return (
        [text for item in value if not isinstance(item, str) for text in scripts(item)]
        if isinstance(value, list)
        else []
    )


SCRIPTS = [text for block in BLOCKS for text in scripts(block)]


def test_there_are_both_services() -> None:
    assert len(BLOCKS) == 2
    assert len(SCRIPTS) > 8


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda text: text[:30])
def test_a_script_is_bash(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert not done.stderr


def test_every_command_of_ours_is_one_that_we_have() -> None:
    found = [
        match.groups() for text in SCRIPTS for match in re.finditer(r"python -m (review|operations) ([^|)\n]*)", text)
    ]
    assert len(found) >= 5
    for module, line in found:
        assert PARSERS[module].parse_args(shlex.split(line))


def test_programs_inside_of_scripts_are_python_and_find_our_comment() -> None:
    (listing,) = (text for text in SCRIPTS if "notes=" in text)
    assert f"marker='{MARKER}'" in listing
    inner = re.search(r"python -c '(.*?)' \"\$marker\"", listing, re.DOTALL)
    assert inner is not None
    notes = [{"id": 1, "body": "other"}, {"id": 2, "body": comment([])}]
    command = ["python3", "-c", inner[1], MARKER]
    told = subprocess.run(command, input=json.dumps(notes), capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "2"
    (posting,) = (text for text in SCRIPTS if "<<'END'" in text)
    compile(posting.partition("<<'END'\n")[2].partition("\nEND")[0], "azure", "exec")
