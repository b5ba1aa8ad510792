"""The page of known failures: what it claims is shown by tests that exist, and little of it is only words."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGE = PROJECT / "docs/failures.md"
STATES = ("prevented", "detected", "documented")
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (\w+) \| (.*?) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")

ROWS = {int(number): cells for number, *cells in _ROW.findall(PAGE.read_text(encoding="utf-8"))}


def test_the_page_has_every_known_failure_once() -> None:
    assert list(ROWS) == list(range(1, 33))


def test_at_most_four_are_only_documented() -> None:
    assert {state for _, _, state, _ in ROWS.values()} <= set(STATES)
    assert len([state for _, _, state, _ in ROWS.values() if state == "documented"]) <= 4


@pytest.mark.parametrize("number", ROWS)
def test_what_the_page_claims_is_shown_by_tests_that_exist(number: int) -> None:
    _, _, state, shown_by = ROWS[number]
    named = _TEST.findall(shown_by)
    if state != "documented":
        assert named, "a failure that is prevented or detected needs a test that shows it"
    for file, name in named:
        assert re.search(rf"^(async )?def {name}\(", (PROJECT / file).read_text(encoding="utf-8"), re.MULTILINE), name
