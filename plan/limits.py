"""The time limits of a stack file, laid over those of the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from plan.step import Step

_Plan = TypeVar("_Plan")


def with_time_limits(plan: _Plan, limits: Mapping[str, int]) -> _Plan:
    """Return a plan whose steps, wherever they stand in it, have these limits (seconds by step name)."""
    return cast("_Plan", _limited(plan, limits)) if limits else plan


def _limited(value: Any, limits: Mapping[str, int]) -> Any:  # noqa: ANN401 - any part of a plan
    if isinstance(value, Step):
        return replace(value, time_limit=limits.get(value.name, value.time_limit))
    if isinstance(value, tuple):
        return tuple(_limited(item, limits) for item in value)
    if is_dataclass(value) and not isinstance(value, type) and type(value).__module__.startswith("plan."):
        return replace(value, **{field.name: _limited(getattr(value, field.name), limits) for field in fields(value)})
    return value
