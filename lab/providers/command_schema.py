"""What the command provider takes: names, defaults and kinds of its properties, and how a wrong one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lab.providers.server import Failure
from lab.providers.values import Properties, PropertyValue, Secret, has_unknown, is_archive, is_asset, plain

_STRING, _NUMBER, _BOOLEAN, _LIST, _MAP, _ASSET = "string", "float64", "bool", "[]interface {}", "map", "asset"


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's properties."""

    types: Mapping[str, str]
    objects: Mapping[str, Shape] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()


_ENDPOINT: Final = {
    "agentSocketPath": _STRING,
    "dialErrorLimit": _NUMBER,
    "host": _STRING,
    "hostKey": _STRING,
    "password": _STRING,
    "perDialTimeout": _NUMBER,
    "port": _NUMBER,
    "privateKey": _STRING,
    "privateKeyPassword": _STRING,
    "user": _STRING,
}
_ENDPOINT_DEFAULTS: Final = {"dialErrorLimit": 10, "perDialTimeout": 15, "port": 22, "user": "root"}
_PROXY: Final = Shape(_ENDPOINT, defaults=_ENDPOINT_DEFAULTS, required=("host",))
_CONNECTION: Final = Shape(_ENDPOINT, {"proxy": _PROXY}, _ENDPOINT_DEFAULTS, ("host",))
_COMMAND: Final = {
    "addPreviousOutputInEnv": _BOOLEAN,
    "create": _STRING,
    "delete": _STRING,
    "environment": _MAP,
    "logging": _STRING,
    "stdin": _STRING,
    "triggers": _LIST,
    "update": _STRING,
}
SHAPES: Final[Mapping[str, tuple[str, Shape]]] = {
    "command:remote:Command": (
        "remote.CommandInputs",
        Shape(_COMMAND, {"connection": _CONNECTION}, {"addPreviousOutputInEnv": True}, ("connection",)),
    ),
    "command:remote:CopyToRemote": (
        "remote.CopyToRemoteInputs",
        Shape(
            {"remotePath": _STRING, "source": _ASSET, "triggers": _LIST},
            {"connection": _CONNECTION},
            required=("connection", "source", "remotePath"),
        ),
    ),
    "command:local:Command": (
        "local.CommandInputs",
        Shape(
            _COMMAND | {"archivePaths": _LIST, "assetPaths": _LIST, "dir": _STRING, "interpreter": _LIST},
            defaults={"addPreviousOutputInEnv": True},
        ),
    ),
}
_LOGGING: Final = frozenset({"stdout", "stderr", "stdoutAndStderr", "none"})


def _go_type(value: PropertyValue) -> str:
    if isinstance(value, bool):
        return _BOOLEAN
    if isinstance(value, int | float):
        return _NUMBER
    if isinstance(value, str):
        return _STRING
    if is_asset(value) or is_archive(value):
        return _ASSET
    return _LIST if isinstance(value, list) else _MAP


def _refusals(shape: Shape, given: PropertyValue, owner: str, path: str) -> list[Failure]:
    given = plain(given)
    if has_unknown(given) and not isinstance(given, dict):
        return []
    if not isinstance(given, dict):
        return [Failure(path, f"Field '{path}' on '{owner}' must be a 'map'; got '{_go_type(given)}' instead")]
    found = []
    for name in shape.required:
        if given.get(name) is None:
            go_name = name[:1].upper() + name[1:]
            found.append(Failure(go_name, f"Missing required field '{go_name}' on '{owner}'"))
    for name, value in given.items():
        if name in shape.objects:
            if value is not None:
                found += _refusals(shape.objects[name], value, owner, name)
        elif name not in shape.types:
            found.append(Failure(name, f"Unrecognized field '{name}' on '{owner}'"))
        elif value is not None and not has_unknown(value) and _go_type(value) != shape.types[name]:
            expected, got = shape.types[name], _go_type(value)
            found.append(Failure(name, f"Field '{name}' on '{owner}' must be a '{expected}'; got '{got}' instead"))
    return found


def _with_defaults(shape: Shape, given: PropertyValue) -> PropertyValue:
    if isinstance(given, Secret):
        return Secret(_with_defaults(shape, given.value))
    if not isinstance(given, dict):
        return given
    filled = {key: value for key, value in given.items() if value is not None}
    for name, value in shape.defaults.items():
        filled.setdefault(name, value)
    for name, inner in shape.objects.items():
        if name in filled:
            filled[name] = _with_defaults(inner, filled[name])
    return filled


def _source_refusals(source: PropertyValue) -> list[Failure]:
    if source is None or has_unknown(source):
        return []
    if is_asset(source) and source.get("uri"):
        return [Failure("asset", "asset must be a path-based file asset or a text asset")]
    if is_archive(source) and not source.get("path"):
        return [Failure("archive", "archive must be a path to a file or directory")]
    return []


def checked(token: str, inputs: Properties) -> tuple[Properties, list[Failure]]:
    """Return the inputs with defaults, the connection made secret, and what is wrong with them."""
    owner, shape = SHAPES[token]
    failures = _refusals(shape, inputs, owner, "")
    if not failures and token == "command:remote:CopyToRemote":  # noqa: S105 - a type's token
        failures = _source_refusals(plain(inputs["source"]))
    logging = plain(inputs.get("logging"))
    if not failures and isinstance(logging, str) and logging not in _LOGGING:
        failures.append(Failure("logging", f"'{logging}' is not one of {', '.join(sorted(_LOGGING))}"))
    if failures:
        return inputs, failures
    filled: Properties = _with_defaults(shape, inputs)
    if "connection" in filled and not isinstance(filled["connection"], Secret):
        filled["connection"] = Secret(filled["connection"])
    return filled, []
