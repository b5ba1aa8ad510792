"""A resource as a policy sees it, and how what is in it is read."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COMMAND = "command:remote:Command"
_LINES = ("create", "update", "delete")


class SecretText(str):
    """A text that the engine keeps as a secret."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """What a program asks for. Values that a preview does not know yet are left out of ``inputs``."""

    type: str
    name: str
    inputs: Mapping[str, Any]


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a value with its place, like ``connection.password`` or ``rules[0].name``."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]")


def command_lines(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield the command lines of a command that runs on a machine, with the name of each."""
    for name in _LINES:
        line = resource.inputs.get(name)
        if resource.type == COMMAND and isinstance(line, str):
            yield name, line


def parameters(resource: Resource) -> dict[str, Any]:
    """Return what a step is given on its standard input: JSON for PowerShell, assignments for bash.

    Empty for everything else, as for a command whose standard input is not known yet.
    """
    given = resource.inputs.get("stdin")
    if resource.type != COMMAND or not isinstance(given, str):
        return {}
    try:
        found = json.loads(given)
    except ValueError:
        return _assignments(given)
    return found if isinstance(found, dict) else {}


def _assignments(text: str) -> dict[str, Any]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: dict[str, Any] = {}
    items: list[str] | None = None
    name = ""
    try:
        for word in lexer:
            if items is not None and set(word) <= set("()"):
                # An empty array is one word, "()".
                found[name], items = items, None
            elif items is not None:
                items.append(word)
            elif word in ("(", "()") and found.get(name) == "":
                found[name], items = [], [] if word == "(" else None
            elif "=" in word:
                name, _, value = word.partition("=")
                found[name] = value
    except ValueError:
        # No assignments at all, but some other text with a quotation mark in it.
        return {}
    return found
