"""docs/troubleshooting.md says of every check and known failure what the program says of it."""

from __future__ import annotations

import pytest

from plan.checks import CHECKS
from plan.failures import FAILURES
from tests.unit.known_messages import PAGE, page

TEXT = PAGE.read_text("utf-8")


def test_the_page_ends_with_what_the_program_knows() -> None:
    assert page(TEXT) == TEXT, "run `python -m tests.unit.known_messages`"


@pytest.mark.parametrize("old", [next(iter(CHECKS.values())).remedy, FAILURES[-1].cause])
def test_an_end_that_is_out_of_date_is_found(old: str) -> None:
    stale = TEXT.replace(old, "something else")
    assert stale != TEXT
    assert page(stale) == TEXT
