"""Regular expressions and wildcards as .NET understands them, over Python's `re`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from lab.powershell.convert import elements, integer, is_array
from lab.powershell.errors import Unsupported
from lab.powershell.faults import fault
from lab.powershell.text import text_of
from lab.powershell.values import is_null

_UNSUPPORTED = re.compile(r"\\p\{|\\P\{|\(\?<[A-Za-z_]\w*-|\(\?>|\\G")


@lru_cache(maxsize=512)
def compiled(pattern: str, case: bool, flags: int = 0) -> re.Pattern[str]:
    """A .NET pattern; a bad one is a PowerShell error, one Python reads otherwise is refused."""
    if _UNSUPPORTED.search(pattern):
        raise Unsupported(f"the regular expression '{pattern}'")
    translated = re.sub(r"\(\?<([A-Za-z_])", r"(?P<\1", pattern)
    translated = re.sub(r"\\k<(\w+)>", r"(?P=\1)", translated).replace(r"\z", r"\Z")
    try:
        return re.compile(translated, flags | (0 if case else re.IGNORECASE))
    except re.error as error:
        raise fault(
            f'parsing "{pattern}" - {error}', "InvalidRegularExpression", type_name="System.ArgumentException"
        ) from error


def matches(text: str, pattern: str, case: bool) -> re.Match[str] | None:
    """The first match of a pattern in a text."""
    return compiled(pattern, case).search(text)


def numbering(expression: re.Pattern[str]) -> list[int]:
    """Python's group number for each .NET one: .NET counts the groups without a name first."""
    named = set(expression.groupindex.values())
    plain = [index for index in range(1, expression.groups + 1) if index not in named]
    return [0, *plain, *sorted(named)]


def groups(found: re.Match[str]) -> dict[int | str, str]:
    """`$Matches`: the groups that took part, by number, or by name when they have one."""
    names = {number: name for name, number in found.re.groupindex.items()}
    made: dict[int | str, str] = {}
    for number, index in enumerate(numbering(found.re)):
        if found[index] is not None:
            made[names.get(index, number)] = found[index]
    return made


def expand(found: re.Match[str], template: str) -> str:
    """A .NET replacement text, filled in from a match."""
    order = numbering(found.re)

    def fill(reference: re.Match[str]) -> str:
        if reference.group() == "$$":
            return "$"
        if reference.group() == "$&":
            return found.group()
        name = reference[1] or reference[2]
        if not name.isdigit():
            return found[name] or "" if name in found.re.groupindex else reference.group()
        return found[order[int(name)]] or "" if int(name) < len(order) else reference.group()

    return re.sub(r"\$\$|\$&|\$(\d+)|\$\{(\w+)\}", fill, template)


def replace(left: object, right: object, case: bool) -> object:
    """`left -replace pattern, replacement`."""
    pattern, replacement = [*elements(right), ""][:2] if is_array(right) else (right, "")
    expression = compiled(text_of(pattern), case)

    def one(item: object) -> str:
        return expression.sub(lambda found: expand(found, text_of(replacement)), text_of(item))

    return [one(item) for item in elements(left)] if is_array(left) else one(left)


def split(left: object, right: object, case: bool) -> list[object]:
    """`left -split pattern, maximum`."""
    options = elements(right)
    if len(options) > 2:
        raise Unsupported("-split with options")
    limit = integer(options[1]) if len(options) == 2 else 0
    expression = compiled(text_of(options[0]), case)
    parts: list[object] = []
    for item in elements(left):
        parts.extend(part for part in expression.split(text_of(item), max(limit - 1, 0)) if part is not None)
    return parts


def split_words(value: object) -> list[object]:
    """`-split value`: at white space, without empty parts."""
    return [word for item in elements(value) for word in text_of(item).split()]


def has_wildcards(text: str) -> bool:
    """Whether a text is a wildcard pattern."""
    return any(character in text for character in "*?[")


@lru_cache(maxsize=512)
def wildcard(pattern: str, case: bool = False) -> Callable[[str], bool]:
    """The test whether a text matches a wildcard pattern (`*`, `?`, `[a-z]`, backtick escapes)."""
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        closing = pattern.find("]", position + 2)
        if character == "`" and position + 1 < len(pattern):
            position += 1
            parts.append(re.escape(pattern[position]))
        elif character == "[" and closing > 0:
            parts.append("[" + pattern[position + 1 : closing].replace("\\", r"\\").replace("^", r"\^") + "]")
            position = closing
        else:
            parts.append({"*": ".*", "?": "."}.get(character, re.escape(character)))
        position += 1
    expression = re.compile("".join(parts), re.DOTALL | (0 if case else re.IGNORECASE))
    return lambda text: expression.fullmatch(text) is not None


def wildcard_any(patterns: object) -> Callable[[str], bool]:
    """The test whether a text matches one of some patterns."""
    tests = [wildcard(text_of(pattern)) for pattern in elements(patterns) if not is_null(pattern)]
    return lambda text: any(test(text) for test in tests)
