"""What is wrong with a configuration: all of it at once, each with key, value, rule and remedy."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

_WIDTH = 110
_LONGEST_VALUE = 160
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration, in the words of the person who wrote it."""

    key: str
    """Where it stands in the stack file, for example ``windowsNodes[1].managementIp``."""
    value: str
    """What stands there, as ``shown`` renders it: never a secret."""
    rule: str
    """What is asked of it, and why."""
    remedy: str
    """What to do about it."""

    def __str__(self) -> str:
        """Return the problem for a terminal, in four labelled parts."""
        return "\n".join(
            [f"{self.key}: {self.value}", _paragraph("rule:   ", self.rule), _paragraph("remedy: ", self.remedy)]
        )


class ConfigurationError(Exception):
    """A configuration cannot be used; the text lists every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.problems)
        head = f"The configuration has {count} problem{'s' if count != 1 else ''}; nothing was changed on any machine."
        entries = (f"{number}. {problem}" for number, problem in enumerate(self.problems, 1))
        return "\n\n".join([head, *(textwrap.indent(entry, "  ") for entry in entries)]) + "\n"


def shown(value: object) -> str:
    """Return a configured value for a message: short, on one line, and without anything that looks secret."""
    if isinstance(value, SecretStr):
        return "(secret)"
    if value is None or value == "":
        return "(empty)"
    text = _plain(value)
    if "PRIVATE KEY" in text or "PuTTY-User-Key" in text:
        return "(hidden: looks like a private key)"
    text = _CREDENTIALS_IN_URL.sub("***@", " ".join(text.split()))
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + " ..."


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    return str(value)


def _paragraph(label: str, text: str) -> str:
    indent = " " * (5 + len(label))
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent="   " + label,
        subsequent_indent=indent[2:],
        break_long_words=False,
        break_on_hyphens=False,
    )
