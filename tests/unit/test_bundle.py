"""A step's revision changes with its own scripts and with what all scripts share, and with nothing else."""

from pathlib import Path

import pytest

from plan import bundle
from plan.bundle import revision, steps_revision
from plan.step import Step

STEP = Step("kernel-set", "a.sh", undo="b.sh")


def forget() -> None:
    """Have every file looked at again."""
    for each in (bundle._content, bundle._shared, bundle._revision):
        each.cache_clear()


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a few scripts; every look at it is fresh."""
    folder = tmp_path / "scripts/linux"
    folder.mkdir(parents=True)
    for name in ("a.sh", "b.sh", "other.sh", "step.sh", "lib.sh", "records.sh"):
        (folder / name).write_text(name)
    monkeypatch.setattr(bundle, "PROJECT", tmp_path)
    forget()
    return folder


@pytest.mark.parametrize("name", ["a.sh", "b.sh", "step.sh", "lib.sh", "records.sh"])
def test_a_script_that_the_step_runs_changes_its_revision(scripts: Path, name: str) -> None:
    before = revision(STEP, "linux")
    (scripts / name).write_text("changed")
    forget()
    assert revision(STEP, "linux") != before


def test_a_script_that_the_step_s_script_names_does_too(scripts: Path) -> None:
    (scripts / "a.sh").write_text("bash other.sh")
    forget()
    before = revision(STEP, "linux")
    (scripts / "other.sh").write_text("changed")
    forget()
    assert revision(STEP, "linux") != before


def test_a_script_of_another_step_does_not(scripts: Path) -> None:
    before = revision(STEP, "linux")
    (scripts / "other.sh").write_text("changed")
    forget()
    assert revision(STEP, "linux") == before


def test_a_script_that_does_not_exist_is_an_error(scripts: Path) -> None:
    with pytest.raises(FileNotFoundError):
        revision(Step("never", "missing.sh"), "linux")


def test_parameters_are_part_of_what_several_steps_amount_to(scripts: Path) -> None:
    plain = steps_revision([STEP], "linux")
    assert plain != steps_revision([Step("kernel-set", "a.sh", {"x": 1}, undo="b.sh")], "linux")
    assert plain == steps_revision([STEP], "linux")


def teardown_module() -> None:
    """Forget what was read from the temporary projects."""
    forget()
