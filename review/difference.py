"""How what a resource is given changes, as lines of a unified diff that fit on a page."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

from review.events import SECRET, Change

_LONGEST_LINE = 200
_LEAD = 60
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine says for a text that is known only when what it depends on is done."""
_ESCAPED_LINE = re.compile(r"(?<!\\)((?:\\\\)*)\\n")
"""A line end within a JSON text, as documents have them that are parameters: shown as the line end that it is."""
_LATER = "(known only when it is done)"


def difference(change: Change) -> tuple[str, ...]:
    """Return the lines that are taken away and added; a secret shows only that it is another one."""
    if change.old is None or change.new is None:
        return ()
    lines: list[str] = []
    # Of a path like data["net-conf.json"] or spec.template the whole property is compared.
    for name in dict.fromkeys(re.split(r"[.\[]", path)[0] for path in change.differing):
        before, after = change.old.inputs.get(name), change.new.inputs.get(name)
        lines.append(f"@@ {name} @@")
        if after == _UNKNOWN:
            lines.append(f"  {_LATER}")
        else:
            lines += _changed(_text(before), _text(after), before == SECRET == after)
    return tuple(lines)


def _text(value: Any) -> list[str]:  # noqa: ANN401 - any property
    if value is None:
        return []
    text = value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True)
    return _ESCAPED_LINE.sub(r"\1\n", text).replace('\\"', '"').splitlines()


def _changed(before: list[str], after: list[str], secret: bool) -> Iterator[str]:
    if before == after:
        yield "  (another secret)" if secret else f"  {_LATER}"
        return
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone, come = before[a0:a1], after[b0:b1]
        for index, line in enumerate(gone):
            yield f"-{_window(line, come[index] if index < len(come) else '')}"
        for index, line in enumerate(come):
            yield f"+{_window(line, gone[index] if index < len(gone) else '')}"


def _window(line: str, other: str) -> str:
    """Return a line, or of a long one the part from a little before where it differs from the other."""
    if len(line) <= _LONGEST_LINE:
        return line
    same = next((index for index, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), 0)
    start = max(0, same - _LEAD)
    start = min(start, max(0, len(line) - _LONGEST_LINE))
    end = start + _LONGEST_LINE
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
