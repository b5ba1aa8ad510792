"""The workflows: what their checker says, who gets secrets, who may write, and whether their commands are ours."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.build import build
from lab.unit import Unit
from operations.__main__ import _parser as operations_parser
from review.__main__ import _parser as review_parser

WORKFLOWS = sorted((Path(__file__).resolve().parents[2] / ".github/workflows").glob("*.yml"))
# renovate: datasource=go depName=github.com/rhysd/actionlint
_VERSION = "1.7.12"
ACTIONLINT = Unit(
    "actionlint",
    {"github.com/rhysd/actionlint": f"v{_VERSION}"},
    {"actionlint": "github.com/rhysd/actionlint/cmd/actionlint"},
)
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"
COMMAND = re.compile(r"python -m (review|operations) (.*?)(?: > \S+.*|\)|)$", re.MULTILINE)


def read(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text())
    return content


def jobs() -> Iterator[tuple[str, dict[Any, Any], dict[str, Any]]]:
    """Yield each job: its name, the workflow it is of, and itself."""
    for path in WORKFLOWS:
        workflow = read(path)
        for name, job in workflow["jobs"].items():
            yield f"{path.stem}.{name}", workflow, job


JOBS = list(jobs())
NAMES = [name for name, _, _ in JOBS]


def test_there_are_the_three() -> None:
    assert [path.stem for path in WORKFLOWS] == ["drift", "preview", "up"]


@pytest.mark.engine
def test_actionlint_has_nothing_to_say() -> None:
    program = build(ACTIONLINT) / "bin/actionlint"
    command = [str(program), "-no-color", "-shellcheck", _shellcheck(), *map(str, WORKFLOWS)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.engine
def test_actionlint_would_say_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[1].read_text().replace("github.repository", "github.repositroy"))
    command = [str(build(ACTIONLINT) / "bin/actionlint"), "-no-color", str(broken)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert said.returncode == 1
    assert "repositroy" in said.stdout


def _shellcheck() -> str:
    return str(Path(__file__).resolve().parents[2] / ".venv/bin/shellcheck")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_that_a_job_does_not_ask_for(path: Path) -> None:
    assert read(path)["permissions"] == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_event_hands_secrets_to_the_code_of_a_fork(path: Path) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(read(path)[True])


@pytest.mark.parametrize(("name", "workflow", "job"), JOBS, ids=NAMES)
def test_a_job_of_a_pull_request_has_secrets_only_for_this_repository(name: str, workflow: Any, job: Any) -> None:
    text = yaml.safe_dump(job)
    if "pull_request" in workflow[True] and "secrets." in text:
        assert job["if"] == SAME_REPOSITORY
        assert job["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(("name", "workflow", "job"), JOBS, ids=NAMES)
def test_a_job_that_may_write_has_no_secret_and_runs_no_code_of_a_pull_request(
    name: str, workflow: Any, job: Any
) -> None:
    if "write" in job.get("permissions", {}).values():
        assert "secrets." not in yaml.safe_dump(job)
        if "pull_request" in workflow[True]:
            (checkout,) = (step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@"))
            assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize(("name", "workflow", "job"), JOBS, ids=NAMES)
def test_every_action_is_pinned_every_job_ends_and_no_credential_stays_on_disk(
    name: str, workflow: Any, job: Any
) -> None:
    assert job["timeout-minutes"]
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        # What others have written is never part of a script, only of its environment.
        assert "${{" not in step.get("run", "")


def test_one_run_for_each_stack_at_a_time_and_none_is_cut_off() -> None:
    up = next(job for name, _, job in JOBS if name == "up.up")
    assert up["concurrency"] == {"group": "up-${{ matrix.stack }}", "cancel-in-progress": False}
    assert up["environment"] == "${{ matrix.stack }}"


def test_every_command_of_ours_is_one_that_we_have() -> None:
    parsers = {"review": review_parser(), "operations": operations_parser()}
    found = [
        match.groups() for _, _, job in JOBS for step in job["steps"] for match in COMMAND.finditer(step.get("run", ""))
    ]
    assert len(found) == 6
    for module, line in found:
        words = [("7" if word == "$NUMBER" else word) for word in shlex.split(line)]
        assert parsers[module].parse_args(words)
