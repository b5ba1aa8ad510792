"""Members of `System.String`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.powershell.convert import elements, integer
from lab.powershell.errors import Unsupported
from lab.powershell.faults import NetFault
from lab.powershell.text import text_of
from lab.powershell.values import Char


def _insensitive(options: tuple[object, ...]) -> bool:
    if not options:
        return False
    name = text_of(options[0]).lower()
    if name not in ("ordinal", "ordinalignorecase", "invariantculture", "invariantcultureignorecase", "currentculture"):
        raise Unsupported(f"the string comparison '{text_of(options[0])}'")
    return name.endswith("ignorecase")


def _pair(value: str, other: object, options: tuple[object, ...]) -> tuple[str, str]:
    one, two = value, text_of(other)
    return (one.casefold(), two.casefold()) if _insensitive(options) else (one, two)


def _starts(value: str, other: object, *options: object) -> bool:
    one, two = _pair(value, other, options)
    return one.startswith(two)


def _ends(value: str, other: object, *options: object) -> bool:
    one, two = _pair(value, other, options)
    return one.endswith(two)


def _equals(value: str, other: object, *options: object) -> bool:
    one, two = _pair(value, other, options)
    return one == two


def _index(value: str, other: object, *options: object) -> int:
    if options and isinstance(options[0], int):
        return value.find(text_of(other), options[0])
    one, two = _pair(value, other, options)
    return one.find(two)


def _trimmed(strip: Callable[[str, str | None], str]) -> Callable[..., str]:
    def trim(value: str, *characters: object) -> str:
        wanted = "".join(text_of(one) for item in characters for one in elements(item))
        return strip(value, wanted or None)

    return trim


def _substring(value: str, start: object, *length: object) -> str:
    first = integer(start)
    last = first + integer(length[0]) if length else len(value)
    if not 0 <= first <= last <= len(value):
        message = "Index and length must refer to a location within the string."
        raise NetFault(message, "System.ArgumentOutOfRangeException")
    return value[first:last]


def _split(value: str, *arguments: object) -> list[object]:
    separators: list[str] = []
    limit, drop = 0, False
    for argument in arguments:
        if isinstance(argument, int):
            limit = argument
        elif text_of(argument).lower() in ("removeemptyentries", "none"):
            drop = text_of(argument).lower() == "removeemptyentries"
        else:
            # 5.1 has no overload for a string: a text is a set of separator characters.
            separators.extend(character for one in elements(argument) for character in text_of(one))
    parts = [""]
    for character in value:
        is_separator = character in separators if separators else character.isspace()
        if is_separator and not (limit and len(parts) == limit):
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part or not drop]


def _remove(value: str, start: object, *count: object) -> str:
    first = integer(start)
    return value[:first] + (value[first + integer(count[0]) :] if count else "")


def _pad(value: str, width: object, fill: tuple[object, ...], *, left: bool) -> str:
    character = text_of(fill[0]) if fill else " "
    return value.rjust(integer(width), character) if left else value.ljust(integer(width), character)


STRING_PROPERTIES: Mapping[str, Callable[[str], object]] = {"length": len}

STRING_METHODS: Mapping[str, Callable[..., object]] = {
    "trim": _trimmed(str.strip),
    "trimstart": _trimmed(str.lstrip),
    "trimend": _trimmed(str.rstrip),
    "tolower": lambda value: value.lower(),
    "tolowerinvariant": lambda value: value.lower(),
    "toupper": lambda value: value.upper(),
    "toupperinvariant": lambda value: value.upper(),
    "replace": lambda value, old, new: value.replace(text_of(old), text_of(new)),
    "contains": lambda value, other: text_of(other) in value,
    "startswith": _starts,
    "endswith": _ends,
    "equals": _equals,
    "indexof": _index,
    "lastindexof": lambda value, other: value.rfind(text_of(other)),
    "substring": _substring,
    "split": _split,
    "insert": lambda value, at, other: value[: integer(at)] + text_of(other) + value[integer(at) :],
    "remove": _remove,
    "padleft": lambda value, width, *fill: _pad(value, width, fill, left=True),
    "padright": lambda value, width, *fill: _pad(value, width, fill, left=False),
    "tochararray": lambda value: [Char(character) for character in value],
}
