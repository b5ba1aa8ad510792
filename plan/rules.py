"""Rules of a configuration that only the plan made from it can answer."""

from __future__ import annotations

from collections.abc import Iterator

from config.parse import Configuration
from config.problems import Problem, shown

from plan.cluster import plan_cluster
from plan.repairs import named_steps


def repairs_are_of_steps(configuration: Configuration) -> Iterator[Problem]:
    """Yield a problem for each repair of a step that the stack does not have, as of a node that has gone."""
    repairs = configuration.settings.repairs
    # The plan of many nodes takes its time, and nearly always there is nothing to look for in it.
    known = named_steps(plan_cluster(configuration)) if repairs else {}
    for name, why in repairs.items():
        if name not in known:
            same_step = sorted(each for each in known if each.endswith(name.partition("-")[2]))
            remedy = "take it out of the stack file"
            remedy += f", or did you mean {' or '.join(same_step)}?" if same_step else ""
            yield Problem(f"repairs.{name}", shown(why), "there is no such step in this stack", remedy)
