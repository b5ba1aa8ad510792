"""The documentation tells of the faults that are tried, and of no others."""

from __future__ import annotations

from pathlib import Path

from tests.lab.fault_table import BUILDING, CHANGING, REMOVING, documentation

HOW_IT_WORKS = Path(__file__).resolve().parents[2] / "docs/how-it-works.md"


def test_the_documentation_has_the_table_of_faults() -> None:
    assert documentation() in HOW_IT_WORKS.read_text("utf-8")


def test_no_two_faults_of_the_table_are_the_same() -> None:
    names = [str(row) for row in (*BUILDING, *CHANGING, *REMOVING)]
    assert len(set(names)) == len(names) >= 40
