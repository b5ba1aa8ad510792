"""The table of what scripts do to their node says what the scripts themselves say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from plan.bundle import PROJECT
from plan.effects import EFFECTS, INTERRUPTIONS, Effect
from plan.shells import command_line, step_and_script
from plan.step import Step

SIGNS = {
    Effect.RESTARTS: r"-FilePath 'shutdown\.exe'",
    Effect.DRAINS: r"kubectl drain \"\$node\"|^\s*\(?\. \"\$here/drain-node\.sh\"",
    Effect.LEAVES: r"^kubeadm reset|\('reset', '--force'",
    Effect.API_AWAY: r"upgrade apply",
}
"""What stands in a script that has this effect, and in no other."""


def scripts() -> Iterator[tuple[str, str]]:
    for folder in ("linux", "windows"):
        for path in sorted((PROJECT / "scripts" / folder).glob("*.*")):
            if path.suffix in (".sh", ".ps1"):
                yield path.name, path.read_text("utf-8")


@pytest.mark.parametrize("effect", SIGNS)
def test_scripts_with_a_grave_effect_are_in_the_table_and_no_others(effect: Effect) -> None:
    having = {name for name, text in scripts() if re.search(SIGNS[effect], text, re.MULTILINE)}
    assert having == {name for name, known in EFFECTS.items() if known is effect}


def test_every_script_of_the_table_is_there_and_every_effect_is_told() -> None:
    assert EFFECTS.keys() <= {name for name, _ in scripts()}
    assert INTERRUPTIONS.keys() == set(Effect)


@pytest.mark.parametrize(("os", "script", "undo"), [("linux", "a.sh", "b.sh"), ("windows", "Set-A.ps1", "Undo-A.ps1")])
def test_step_and_script_are_read_back_from_a_command_line(os: str, script: str, undo: str) -> None:
    step = Step("a-is-so", script, undo=undo)
    for name in (script, undo):
        for as_root in (True, False):
            line = command_line(step, os, name, "0123456789ab", as_root)  # type: ignore[arg-type]
            assert step_and_script(line) == ("a-is-so", name)
    assert step_and_script("rm -rf .casement") is None
