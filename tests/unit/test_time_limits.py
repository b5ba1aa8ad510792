"""Time limits of a stack file: who may have one, and that it reaches every step of that name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from config.rules_limits import SECONDS_MAX, SECONDS_MIN, STEPS
from plan.cluster import plan_cluster
from plan.shells import command_line
from plan.step import Step
from tests.unit.example_site import Site


def steps_in(value: object) -> Iterator[Step]:
    """Yield every step of a plan, wherever it stands."""
    if isinstance(value, Step):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from steps_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from steps_in(getattr(value, field.name))


def test_every_step_of_the_plan_can_be_given_a_limit_and_nothing_else(site: Site) -> None:
    names = {step.name for step in steps_in(plan_cluster(site.parse()))}
    assert names == set(STEPS)


def test_a_limit_reaches_every_step_of_its_name_and_no_other(site: Site) -> None:
    usual = list(steps_in(plan_cluster(site.parse())))
    changed = list(steps_in(plan_cluster(site.parse(timeLimits={"images-present": 7200}))))
    assert len(usual) == len(changed)
    assert {step.time_limit for step in changed if step.name == "images-present"} == {7200}
    assert [step.time_limit for step in changed if step.name != "images-present"] == [
        step.time_limit for step in usual if step.name != "images-present"
    ]


def test_a_limit_is_part_of_the_command_line_on_both_systems() -> None:
    step = Step("ready", "a.sh", time_limit=77)
    assert command_line(step, "linux", "a.sh", "0", as_root=True).endswith("step.sh a.sh 0 ready 77")
    assert command_line(step, "windows", "A.ps1", "0", as_root=True).endswith("-TimeLimitSeconds 77")


def test_a_step_that_is_none_is_refused_with_the_one_that_was_meant(site: Site) -> None:
    problem = site.only_problem(timeLimits={"image-present": 100})
    assert problem.key == "timeLimits.image-present"
    assert problem.remedy == "write images-present"


def test_a_step_that_nobody_could_mean_is_answered_with_all_names(site: Site) -> None:
    assert "cluster-verified" in site.only_problem(timeLimits={"zzz": 100}).remedy


@pytest.mark.parametrize("seconds", [SECONDS_MIN - 1, SECONDS_MAX + 1, 0, -5])
def test_a_limit_that_is_out_of_range_is_refused(site: Site, seconds: int) -> None:
    problem = site.only_problem(timeLimits={"joined": seconds})
    assert problem.key == "timeLimits.joined"
    assert problem.rule == f"must be from {SECONDS_MIN} to {SECONDS_MAX} seconds"
    assert "leave it out" in problem.remedy


def test_a_limit_that_is_no_number_is_refused(site: Site) -> None:
    assert site.only_problem(timeLimits={"joined": "soon"}).key == "timeLimits.joined"
