"""README, the other guides and docs/ as they are read: blocks, commands, links and headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).resolve().parents[2]
OURS = re.compile(r"(make|pulumi|python3?|\.venv/bin/python) [^.]")
"""How a command of this project begins where it stands within a sentence or a table."""
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_ENDS = {"&&", "||", "|", ";"}


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path
    text: str

    def __str__(self) -> str:
        return str(self.path.relative_to(PROJECT))

    @cached_property
    def _tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)

    def _inline(self) -> Iterator[Token]:
        yield from (child for token in self._tokens for child in token.children or ())

    def blocks(self) -> Iterator[tuple[str, str]]:
        """Yield language and text of every fenced block."""
        yield from ((token.info.strip(), token.content) for token in self._tokens if token.type == "fence")

    def links(self) -> Iterator[str]:
        """Yield where links lead and where pictures are."""
        for token in self._inline():
            target = token.attrs.get("href") or token.attrs.get("src")
            if target:
                yield str(target)

    def code(self) -> Iterator[str]:
        """Yield what stands as code within sentences and tables."""
        yield from (token.content for token in self._inline() if token.type == "code_inline")

    def anchors(self) -> set[str]:
        """Return the names that GitHub gives to the headings."""
        names: list[str] = []
        for token, following in zip(self._tokens, self._tokens[1:], strict=False):
            if token.type == "heading_open":
                text = "".join(child.content for child in following.children or ())
                name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
                names.append(f"{name}-{names.count(name)}" if name in names else name)
        return set(names)

    def commands(self) -> Iterator[str]:
        """Yield every command that is shown, one program each, without comments and redirections.

        In sentences and tables those of this project, of Pulumi and of make are commands; others are names there.
        """
        for language, text in self.blocks():
            lines = text.splitlines()
            if language == "console":
                lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            if language == "powershell":
                yield from (line.partition("  #")[0].strip() for line in lines)
            elif language in ("console", "sh"):
                yield from (command for line in lines for command in simple(line))
        yield from (command for code in self.code() if OURS.match(code) for command in simple(code))


def simple(line: str) -> Iterator[str]:
    """Yield the simple commands of a line for bash."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
    lexer.whitespace_split = True
    for ends, group in groupby(lexer, lambda word: word in _ENDS):
        words = list(group)
        redirected = {at for sign, word in enumerate(words) if word in ("<", ">") for at in (sign, sign + 1)}
        if not ends:
            yield shlex.join(word for at, word in enumerate(words) if at not in redirected)


def _pages() -> list[Page]:
    paths = [
        *(PROJECT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
        *PROJECT.glob("docs/**/*.md"),
    ]
    return [Page(path, path.read_text("utf-8")) for path in sorted(paths)]


PAGES = _pages()
