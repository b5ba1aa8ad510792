"""From what Pulumi hands over (strings, JSON) to typed settings, with every mistake told in a stack file's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

from pydantic import TypeAdapter, ValidationError

from config.model import Model
from config.problems import Problem, shown
from config.schema import Key, keys
from config.settings import Settings
from config.translation import problem_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read."""

    settings: Settings
    """The settings. Where ``complete`` is false, a value that could not be read is absent: asking for it raises
    AttributeError."""
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether everything could be read."""
        return not self.problems


def read(values: Mapping[str, object]) -> Reading:
    """Read the settings from the project's keys, each a plain value or JSON text, as Pulumi hands them over."""
    decoded, problems = _decode(values)
    try:
        settings = Settings.model_validate(decoded, by_alias=True, by_name=False)
    except ValidationError as error:
        unreadable = {problem.key for problem in problems}
        found = (problem_of(item, decoded) for item in error.errors(include_url=False))
        problems += [problem for problem in found if problem.key not in unreadable]
        settings = cast(Settings, _as_far_as_possible(Settings, decoded))
    return Reading(settings, tuple(problems))


def _decode(values: Mapping[str, object]) -> tuple[dict[str, Any], list[Problem]]:
    known = keys(Settings)
    decoded: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        key = known.get(name)
        try:
            plain = json.loads(value) if _is_json(value, key) else value
        except ValueError:
            plain = value
            rule = "must be a list" if key and key.is_list else "must be a mapping"
            remedy = "write it as YAML under its key, or set single values with `pulumi config set --path`"
            problems.append(Problem(name, shown(value), rule, remedy))
        if key is None or not _is_blank(key, plain):
            decoded[name] = _sorted(plain)
    return decoded, problems


def _sorted(value: Any) -> Any:  # noqa: ANN401 - whatever a stack file holds
    """Return a value with its mappings sorted, as Pulumi does: what reads the file itself makes the same of it."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _is_json(value: object, key: Key | None) -> TypeGuard[str]:
    return key is not None and key.kind in ("array", "object") and isinstance(value, str) and value != ""


def _is_blank(key: Key, value: object) -> bool:
    """Return whether a value stands for "not given": Pulumi.yaml must name a default for every optional key."""
    return key.default is None and (value in ("", {}) or (key.kind == "integer" and value in (0, "0")))


def _as_far_as_possible(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return a model with all that can be read, so that rules about it still run; the rest is absent."""
    fields: dict[str, Any] = {}
    for key in keys(model).values():
        if key.name not in values:
            if not key.required:
                fields[key.field] = key.info.get_default(call_default_factory=True)
        elif key.model is None:
            try:
                adapter: TypeAdapter[Any] = TypeAdapter(key.info.rebuild_annotation())
                fields[key.field] = adapter.validate_python(values[key.name])
            except ValidationError:
                continue
        else:
            _read_nested(key, key.model, values[key.name], fields)
    return model.model_construct(**fields)


def _read_nested(key: Key, model: type[Model], value: object, fields: dict[str, Any]) -> None:
    if key.is_list and isinstance(value, list | tuple):
        # An item that is no mapping stays in its place, empty, so that the others keep their positions.
        mappings = (item if isinstance(item, dict) else {} for item in value)
        fields[key.field] = tuple(_as_far_as_possible(model, mapping) for mapping in mappings)
    elif not key.is_list and isinstance(value, dict):
        fields[key.field] = _as_far_as_possible(model, value)
    elif value is None and not key.required:
        fields[key.field] = None
