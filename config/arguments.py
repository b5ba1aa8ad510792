"""The other way to say what a stack file says: as arguments of a component, in a program of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.load import checked
from config.model import Model
from config.parse import Configuration
from config.schema import keys
from config.settings import Settings


def configured(arguments: Mapping[str, Any], folder: Path) -> Configuration:
    """Return the configuration that a component's arguments describe, under the rules of a stack file.

    Components are for clusters that somebody else has made: the control plane is taken as existing.
    ``arguments`` are the settings as Python spells them (``node_cidrs``); what is None is not given. Relative file
    names are taken from ``folder``. Raises StackConfigurationError with every problem, each under the key that the
    stack file and other languages have (``nodeCidrs``).
    """
    existing = {**arguments.get("control_plane", {}), "existing": True}
    values = _as_stack_file({**arguments, "control_plane": existing}, Settings)
    return checked(values, folder, frozenset(), ())


def _as_stack_file(given: Mapping[str, Any], model: type[Model]) -> dict[str, Any]:
    known = {key.field: key for key in keys(model).values()}
    values: dict[str, Any] = {}
    for field, value in given.items():
        key = known.get(field)
        nested = key.model if key else None
        if value is not None:
            values[key.name if key else field] = _value(value, nested)
    return values


def _value(value: Any, model: type[Model] | None) -> Any:  # noqa: ANN401 - whatever somebody gives
    if isinstance(value, Mapping):
        return _as_stack_file(value, model) if model else {name: _value(item, None) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, model) for item in value]
    # Pulumi hands numbers between languages over as floating point; a kubelet does not take 110.0 for 110.
    return int(value) if isinstance(value, float) and value.is_integer() else value
