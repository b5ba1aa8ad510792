"""Reviews as one comment in Markdown, which fits whatever happens, and says what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from review.model import Review
from review.picture import picture
from review.sections import differences, steps_by_node, table, verdict

MARKER = "<!-- casement: review of a pull request -->"
"""By this line the comment is found again."""
LIMIT = 65_536
"""GitHub takes no longer comment, in characters; we count UTF-8, which is never less."""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is told."""

    rows: int
    """Nodes in a table."""
    nodes: int
    """Nodes of one kind drawn one by one."""
    steps: bool
    """Whether steps are named, node by node."""
    difference: int
    """Lines of property differences for an environment."""
    message: int
    """Characters of a warning or an error."""
    messages: int
    """How many of them."""


_MOST_POLICIES = 50
_LEVELS = (
    Detail(rows=200, nodes=12, steps=True, difference=400, message=4000, messages=20),
    Detail(rows=200, nodes=12, steps=True, difference=80, message=2000, messages=10),
    Detail(rows=100, nodes=6, steps=False, difference=80, message=1000, messages=5),
    Detail(rows=30, nodes=3, steps=False, difference=0, message=500, messages=3),
    Detail(rows=5, nodes=3, steps=False, difference=0, message=200, messages=2),
)


def comment(reviews: Sequence[Review], notes: Sequence[str] = (), limit: int = LIMIT) -> str:
    """Return the comment, of as much detail as has room; what is cut is said at its end.

    ``notes`` are sentences about the whole, as of stacks that could not be looked at.
    """
    for level, detail in enumerate(_LEVELS):
        text = _whole(reviews, notes, detail, cut=level > 0)
        if len(text.encode()) <= limit:
            return text
    # So many environments that even this is too long: their verdicts, as many as there is room for.
    return _verdicts_only(reviews, notes, limit)


def _whole(reviews: Sequence[Review], notes: Sequence[str], detail: Detail, *, cut: bool) -> str:
    parts = [*_head(reviews, notes)]
    for review in reviews:
        parts += _environment(review, detail)
    if cut:
        parts.append(_CUT)
    return "\n\n".join(part for part in parts if part) + "\n"


_CUT = "_A comment can hold only so much: parts of this one were left out. `make preview STACK=NAME` shows all of it._"


def _head(reviews: Sequence[Review], notes: Sequence[str]) -> Iterator[str]:
    yield f"{MARKER}\n## What this change does"
    if not reviews:
        yield "No environment is touched."
    yield "\n".join(f"- {verdict(review)}" for review in reviews)
    yield "\n".join(f"- {note}" for note in notes)


def _verdicts_only(reviews: Sequence[Review], notes: Sequence[str], limit: int) -> str:
    text, left = "\n\n".join([f"{MARKER}\n## What this change does", _CUT, ""]), 0
    for line in [*(f"- {verdict(review)}\n" for review in reviews), *(f"- {note}\n" for note in notes)]:
        if len((text + line).encode()) > limit - 100:
            left += 1
        else:
            text += line
    return text + (f"- and {left} more\n" if left else "")


def _environment(review: Review, detail: Detail) -> Iterator[str]:
    if not review.changes and review.succeeded and not (review.warnings or review.policies or review.alarms):
        return
    yield f"### `{review.environment}`"
    for alarm in review.alarms:
        yield f"> [!CAUTION]\n> {alarm}"
    failed = "Forbidden by policy" if review.forbidden_by else "The preview failed; this is only what it came to"
    yield from _messages("CAUTION", failed, review.errors, detail)
    if not review.succeeded and not review.errors:
        yield "> [!CAUTION]\n> The preview did not come to its end, and said nothing about why."
    yield from _policies(review)
    yield from _messages("WARNING", "Warnings", review.warnings, detail)
    if not review.changes:
        return
    yield table(review, detail.rows)
    if review.nodes:
        yield _folded("The cluster before and after", f"```mermaid\n{picture(review, detail.nodes)}\n```")
    if detail.steps:
        yield _folded("Steps of each node, in their order", steps_by_node(review))
    if detail.difference:
        shown = differences(review, detail.difference)
        if shown:
            yield _folded("What steps are given", shown)


def _messages(kind: str, title: str, messages: Sequence[str], detail: Detail) -> Iterator[str]:
    if not messages:
        return
    shown = [_fenced(_short(text, detail.message)) for text in messages[: detail.messages]]
    if len(messages) > detail.messages:
        shown.append(f"and {len(messages) - detail.messages} more")
    body = "\n\n".join([f"**{title}**", *shown])
    yield f"> [!{kind}]\n" + "\n".join(f"> {line}".rstrip() for line in body.splitlines())


def _policies(review: Review) -> Iterator[str]:
    shown = review.policies[:_MOST_POLICIES]
    if shown:
        rows = [f"| {each.level} | {each.name} | `{each.of}` | {cell(each.message, 300)} |" for each in shown]
        left = len(review.policies) - len(shown)
        more = [f"| | and {left} more | | |"] if left else []
        yield "\n".join(["| policy | name | resource | what it says |", "|---|---|---|---|", *rows, *more])


def cell(text: str, most: int | None = None) -> str:
    """Return a text for a cell of a table or a line of a list, cut after so many characters."""
    line = " ".join(text.split())
    return (line if most is None else _short(line, most)).replace("|", "\\|").replace("<", "&lt;")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + " …"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
