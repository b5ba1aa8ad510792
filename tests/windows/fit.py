"""Whether the scripts and the plan that calls them fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plan.step import Step
from tests.windows.powershell import Block


def misfits(step: Step, scripts: Mapping[str, Block]) -> Iterator[str]:
    """Yield what a step passes that none of its scripts declares, and what they declare that it does not pass.

    Both scripts of a step get the same parameters, and the runner gives each those that it declares.
    """
    passed = {*step.parameters, *step.late_parameters}
    declared: set[str] = set()
    for name in filter(None, (step.script, step.undo)):
        if name not in scripts:
            yield f"{step.name}: there is no script {name}"
            continue
        own = {parameter.name for parameter in scripts[name].parameters}
        yield from (f"{step.name}: {name} declares {each}, which is not passed" for each in sorted(own - passed))
        declared |= own
    yield from (f"{step.name}: {each} is passed, and no script declares it" for each in sorted(passed - declared))
