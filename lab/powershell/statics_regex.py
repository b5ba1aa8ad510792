"""`[regex]`: matches as objects, and its static and instance methods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.powershell import types
from lab.powershell.convert import elements
from lab.powershell.errors import Unsupported
from lab.powershell.patterns import compiled, expand, numbering
from lab.powershell.scopes import ScriptBlock
from lab.powershell.statics import NetStatics
from lab.powershell.text import text_of
from lab.powershell.values import Hashtable, PSObject

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner

_ESCAPED = re.compile(r"([\\*+?|{\[()^$.# ])")
_FLAGS = {"ignorecase": re.IGNORECASE, "multiline": re.MULTILINE, "singleline": re.DOTALL, "none": 0}


def _flags(options: tuple[object, ...]) -> int:
    made = 0
    for option in options:
        for name in (part.strip().lower() for one in elements(option) for part in text_of(one).split(",")):
            if name not in _FLAGS:
                raise Unsupported(f"the regular expression option '{name}'")
            made |= int(_FLAGS[name])
    return made


def _group(found: re.Match[str] | None, key: int | str) -> PSObject:
    value = found[key] if found else None
    return PSObject(
        {
            "Success": value is not None,
            "Value": value or "",
            "Index": found.start(key) if found and value is not None else 0,
            "Length": len(value or ""),
        },
        type_name="System.Text.RegularExpressions.Group",
        text=value or "",
    )


def match_object(found: re.Match[str] | None) -> PSObject:
    """A `Match`."""
    made = _group(found, 0)
    groups = Hashtable(ordered=True)
    if found:
        for number, index in enumerate(numbering(found.re)):
            groups[number] = _group(found, index)
        for name in found.re.groupindex:
            groups[name] = _group(found, name)
    made.type_name = "System.Text.RegularExpressions.Match"
    made.properties["Groups"] = groups
    return made


def regex_type(engine: CommandRunner) -> NetStatics:
    """The type; a script block as replacement is run for each match, as a MatchEvaluator is."""

    def replaced(expression: re.Pattern[str], text: object, replacement: object) -> str:
        def fill(found: re.Match[str]) -> str:
            if isinstance(replacement, ScriptBlock):
                made = engine.call_block(replacement, [match_object(found)])
                return "".join(text_of(one) for one in made)
            return expand(found, text_of(replacement))

        return expression.sub(fill, text_of(text))

    def pattern(text: object, options: tuple[object, ...]) -> re.Pattern[str]:
        return compiled(text_of(text), True, _flags(options))

    def all_matches(expression: re.Pattern[str], text: object) -> list[object]:
        return [match_object(found) for found in expression.finditer(text_of(text))]

    def make(text: object, *options: object) -> PSObject:
        expression = pattern(text, options)
        return PSObject(
            type_name="System.Text.RegularExpressions.Regex",
            text=text_of(text),
            methods={
                "IsMatch": lambda value: expression.search(text_of(value)) is not None,
                "Match": lambda value: match_object(expression.search(text_of(value))),
                "Matches": lambda value: all_matches(expression, value),
                "Replace": lambda value, replacement: replaced(expression, value, replacement),
                "Split": lambda value: list(expression.split(text_of(value))),
            },
        )

    types.add_converter("System.Text.RegularExpressions.Regex", make)
    return NetStatics(
        "System.Text.RegularExpressions.Regex",
        {
            "escape": lambda text: _ESCAPED.sub(r"\\\1", text_of(text)),
            "ismatch": lambda text, one, *options: pattern(one, options).search(text_of(text)) is not None,
            "match": lambda text, one, *options: match_object(pattern(one, options).search(text_of(text))),
            "matches": lambda text, one, *options: all_matches(pattern(one, options), text),
            "replace": lambda text, one, new, *options: replaced(pattern(one, options), text, new),
            "split": lambda text, one, *options: list(pattern(one, options).split(text_of(text))),
        },
        constructor=make,
    )
