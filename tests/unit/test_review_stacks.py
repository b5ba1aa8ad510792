"""Which stacks a change of files touches."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from operations.problem import OperationError
from review.stacks import changed_since, stack_files, touched

THERE = ("mysite", "other")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: casement\nstackConfigDir: config\n")
    for name in ("mysite", "other", "example"):
        (tmp_path / f"config/Pulumi.{name}.yaml").write_text("config: {}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("files", "stacks", "unknown"),
    [
        (["config/Pulumi.mysite.yaml"], ("mysite",), ()),
        (["config/Pulumi.mysite.yaml", "docs/a.md"], ("mysite",), ()),
        (["docs/a.md", "README.md", "tests/unit/test_a.py", "lab/up.py", ".github/workflows/up.yml"], (), ()),
        (["plan/cluster.py"], THERE, ()),
        (["scripts/linux/step.sh"], THERE, ()),
        (["config/downloads.yaml"], THERE, ()),
        (["requirements.txt"], THERE, ()),
        (["config/Pulumi.example.yaml"], (), ("example",)),
        (["docs/Pulumi.mysite.yaml"], (), ()),
        ([], (), ()),
    ],
)
def test_a_stack_file_touches_its_stack_and_code_touches_all(
    folder: Path, files: list[str], stacks: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    found = touched(files, folder, THERE)
    assert (found.stacks, found.unknown) == (stacks, unknown)


def test_the_examples_of_this_project_are_stack_files() -> None:
    assert "onprem" in stack_files(Path(__file__).resolve().parents[2])


def test_only_what_this_branch_has_changed_counts(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=tmp_path, check=True)

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "base")
    git("checkout", "-q", "-b", "change")
    (tmp_path / "ä file.txt").write_text("mine")
    git("add", ".")
    git("commit", "-q", "-m", "mine")
    git("checkout", "-q", "main")
    (tmp_path / "theirs.txt").write_text("theirs")
    git("add", ".")
    git("commit", "-q", "-m", "theirs")
    git("checkout", "-q", "change")
    assert changed_since("main", tmp_path) == ("ä file.txt",)
    with pytest.raises(OperationError, match="fetch-depth"):
        changed_since("no-such-commit", tmp_path)
