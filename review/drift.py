"""What has drifted, as the text of an issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import LIMIT, cell

MARKER = "<!-- casement: drift of {stack} -->"
"""By this line the issue is found again."""
_MOST_ROWS = 200


def drift_text(stack: str, found: Mapping[str, Any]) -> str | None:
    """Return the text for what ``python -m operations drift --json`` printed; None if all is as it was made.

    A node that could not be looked at is no drift, but it is told: nobody knows what is on it.
    """
    if not found["findings"] and not found["problems"]:
        return None
    text = "\n\n".join(_parts(stack, found)) + "\n"
    return text if len(text.encode()) <= LIMIT else text.encode()[: LIMIT - 200].decode(errors="ignore") + "\n\n…"


def _parts(stack: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield MARKER.format(stack=stack)
    findings = found["findings"]
    if findings:
        rows = [
            f"| {each['place']} | {each['kind']} | `{cell(each['name'])}` | {_repair(each)} |"
            for each in findings[:_MOST_ROWS]
        ]
        yield f"**{len(findings)}** things in `{stack}` are no longer as the program has made them."
        yield "\n".join(["| where | kind | what | repaired by |", "|---|---|---|---|", *rows])
        if len(findings) > _MOST_ROWS:
            yield f"and {len(findings) - _MOST_ROWS} more"
        yield f"`make drift STACK={stack}` shows what each is and was; after `RECORD=1`, `pulumi up --refresh` repairs."
    if found["problems"]:
        yield "These could not be looked at:"
        yield "\n".join(f"- **{name}**: {cell(str(why))}" for name, why in found["problems"].items())


def _repair(finding: Mapping[str, Any]) -> str:
    return f"`{finding['repair']}`" if finding["repair"] else cell(finding["remedy"])
