"""Rules about how a running cluster gets other versions."""

from __future__ import annotations

import pytest

from tests.unit.example_site import Site


@pytest.mark.parametrize("given", [0, -1])
def test_at_least_one_worker_may_be_out_of_service(site: Site, given: int) -> None:
    problem = site.only_problem(upgrade={"maxUnavailable": given})
    assert (problem.key, problem.value) == ("upgrade.maxUnavailable", str(given))
    assert "write 1" in problem.remedy


@pytest.mark.parametrize("given", [9, 3601])
def test_pods_get_a_time_to_leave_that_makes_sense(site: Site, given: int) -> None:
    problem = site.only_problem(upgrade={"drainSeconds": given})
    assert problem.key == "upgrade.drainSeconds"
    assert "10 to 3600" in problem.rule
    assert "write 300" in problem.remedy


def test_what_is_usual_is_accepted(site: Site) -> None:
    assert site.problems(upgrade={"maxUnavailable": 3, "drainSeconds": 900}) == {}
