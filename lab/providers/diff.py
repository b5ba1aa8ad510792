"""What differs between two sets of properties, path by path, as the engine's own libraries put it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from lab.providers.values import Properties, PropertyValue, is_archive, is_asset, same

_BARE = re.compile(r"[a-zA-Z_$][a-zA-Z0-9_$]*")


class Change(Enum):
    """What happened to a property."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(slots=True)
class Difference:
    """Answer to a Diff call."""

    changes: dict[str, Change] = field(default_factory=dict)
    """Property path, for example ``connection.host`` or ``triggers[0]``, to what happened to it."""
    replaces: set[str] = field(default_factory=set)
    """Those of the paths whose change asks for a new resource."""
    delete_before_replace: bool = False
    input_diff: bool = False
    """Whether the paths tell inputs from inputs rather than inputs from the state."""


def _child(path: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if not _BARE.fullmatch(key):
        quoted = key.replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key


def changes(old: PropertyValue, new: PropertyValue, path: str = "") -> Iterator[tuple[str, Change]]:
    """Yield each path that differs; None and a missing property are the same."""
    if same(old, new):
        return
    leaf = any(kind(value) for kind in (is_asset, is_archive) for value in (old, new))
    if isinstance(old, dict) and isinstance(new, dict) and not leaf:
        for key in sorted({*old, *new}):
            yield from changes(old.get(key), new.get(key), _child(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from changes(before, after, _child(path, index))
    elif old is None:
        yield path, Change.ADD
    else:
        yield path, Change.DELETE if new is None else Change.UPDATE


def compare(old: Properties, new: Properties, replaces: Callable[[str], bool]) -> Difference:
    """Return what differs; ``replaces`` says of a path whether its change asks for a new resource."""
    found = dict(changes(old, new))
    return Difference(found, {path for path in found if replaces(path)})
