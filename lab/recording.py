"""A picture of a run of ``make lab``, from what it printed: ``python -m lab.recording LOG PICTURE``.

The log is what the command wrote, as it is (``make lab 2>&1 | tee LOG``). Of its many lines these are shown: how
``pulumi up`` begins, the steps of one Windows node, the end, the nodes, and one check of each kind. Each has its number
in the log, so that what was left out is seen.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMAND = "make lab"
COLUMNS = 120
NODE = "win1"
_LAST = "Take down"
_UP = "Updating ("
_AT_FIRST = 6
"""Lines of ``pulumi up`` that are shown before its steps."""
_STEP = re.compile(rf"\s{NODE}-[\w-]+ created\b")
_END = re.compile(r"Resources:|\s+\+ \d+ created|Duration:")
_CHECK = re.compile(r"  (?P<kind>[a-z]+(-[a-z]+)*)  .* s  ")
_FETCHED = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)
"""What names another site: a picture that GitHub shows may fetch nothing, so no font either."""
_FONT = ("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture; returns 1 if the log is not of a run that came to its end."""
    given = parser().parse_args(arguments)
    lines = given.log.read_text("utf-8").splitlines()
    last = next((number for number, line in enumerate(lines, 1) if _plain(line).startswith(_LAST)), 0)
    if not last:
        print(f"{given.log} does not end as `{COMMAND}` does", file=sys.stderr)
        return 1
    given.picture.write_text(drawn(list(trimmed(lines[:last]))), "utf-8")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(prog="python -m lab.recording", description=f"A picture of a run of `{COMMAND}`.")
    made.add_argument("log", metavar="LOG", type=Path, help="what the command has printed")
    made.add_argument("picture", metavar="PICTURE", type=Path, help="the SVG file to write")
    return made


def trimmed(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are shown, each with its number, from 1."""
    for number, (line, is_shown) in enumerate(zip(lines, _shown(lines), strict=True), 1):
        if is_shown:
            yield number, line


def _shown(lines: Sequence[str]) -> Iterator[bool]:
    up, ended, kinds = -1, False, set[str]()
    for number, line in enumerate(map(_plain, lines)):
        up = number if line.startswith(_UP) else up
        check = _CHECK.match(line)
        yield (
            (up >= 0 and number - up < _AT_FIRST)
            or _STEP.search(line) is not None
            or _END.match(line) is not None
            or (ended and (check is None or check["kind"] not in kinds))
        )
        ended = ended or line.startswith("Duration:")
        if check and ended:
            kinds.add(check["kind"])


def _plain(line: str) -> str:
    return Text.from_ansi(line).plain


def drawn(lines: Sequence[tuple[int, str]]) -> str:
    """Return the picture of a terminal with these numbered lines; longer ones end with an ellipsis."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(f"\x1b[1m$ {COMMAND}\x1b[0m"))
    for number, line in lines:
        text = Text.assemble((f"{number:4} ", "dim"), Text.from_ansi(line))
        console.print(text, no_wrap=True, overflow="ellipsis")
    picture = _FETCHED.sub("", console.export_svg(title=COMMAND, unique_id="lab")).replace(*_FONT)
    return "\n".join(line.rstrip() for line in picture.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
