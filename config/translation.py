"""From pydantic's errors to problems in the words of a stack file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from pydantic_core import ErrorDetails

from config.problems import Problem, shown
from config.schema import Key, Location, keys, model_at, path
from config.settings import Settings

_RULES: Mapping[str, tuple[str, str]] = {
    "int_type": ("must be a whole number", "write digits only, without quotes or a unit"),
    "int_parsing": ("must be a whole number", "write digits only, without quotes or a unit"),
    "int_from_float": ("must be a whole number", "write digits only, without a point"),
    "bool_type": ("must be true or false", "write true or false"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "string_type": ("must be text", 'put it in quotes: YAML reads 1.36 as a number and "1.36" as text'),
    "ip_v4_address": ("must be an IPv4 address", "write four numbers from 0 to 255, as in 10.77.0.11"),
    "tuple_type": ("must be a list", "write each item on a line of its own that starts with `- `"),
    "model_type": ("must be a mapping", "write `key: value` lines below it, indented"),
    "model_attributes_type": ("must be a mapping", "write `key: value` lines below it, indented"),
    "mapping_type": ("must be a mapping", "write `key: value` lines below it, indented"),
    "dict_type": ("must be a mapping", "write `key: value` lines below it, indented"),
}
_SEE = "config/Pulumi.onprem.yaml shows every key"


def problem_of(error: ErrorDetails, values: Mapping[str, Any]) -> Problem:
    """Return one error of pydantic as a problem; ``values`` are what was validated."""
    location = error["loc"]
    where = path(location)
    value = _value_at(values, location)
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(location, value)
    if kind == "missing":
        return _missing(location)
    if kind == "ip_v4_network":
        return Problem(where, shown(value), _NETWORK_RULE, _network_remedy(value))
    if kind == "literal_error":
        return Problem(where, shown(value), f"must be {error['ctx']['expected']}", "write one of these")
    rule, remedy = _RULES.get(kind, (error["msg"], _SEE))
    key = _key_at(location)
    secret = key is not None and key.is_secret
    return Problem(where, "(secret)" if secret else shown(value), rule, remedy)


_NETWORK_RULE = "must be an IPv4 range in CIDR notation, whose address is the first of the range"


def _network_remedy(value: object) -> str:
    try:
        return f"write {IPv4Network(str(value), strict=False)}"
    except ValueError:
        return "write it as 10.244.0.0/16"


def _unknown_key(location: Location, value: object) -> Problem:
    name = str(location[-1])
    model = model_at(Settings, location[:-1])
    known = list(keys(model)) if model else []
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or _ignoring_case(name, known)
    remedy = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}; {_SEE}"
    # Whatever stands under a key that is misspelt may be a secret.
    hidden = "key" in name.lower() or "secret" in name.lower() or "token" in name.lower()
    return Problem(path(location), "(not shown)" if hidden else shown(value), "there is no such key", remedy)


def _ignoring_case(name: str, known: list[str]) -> list[str]:
    plain = name.lower().replace("_", "").replace("-", "")
    return [key for key in known if key.lower() == plain]


def _missing(location: Location) -> Problem:
    key = _key_at(location)
    meaning = f": {key.description}" if key else ""
    return Problem(path(location), "(not given)", "is required", f"add it to the stack file{meaning}")


def _key_at(location: Location) -> Key | None:
    names = [part for part in location if isinstance(part, str)]
    position = max((place for place, part in enumerate(location) if isinstance(part, str)), default=0)
    model = model_at(Settings, location[:position])
    return keys(model).get(names[-1]) if model and names else None


def _value_at(values: object, location: Location) -> object:
    for part in location:
        try:
            values = values[part]  # type: ignore[index]  # a mapping or a list; anything else ends here
        except (KeyError, IndexError, TypeError):
            return None
    return values
