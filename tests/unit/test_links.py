"""Every link of the documentation leads somewhere, and every page is led to."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.documentation import PAGES, PROJECT, Page

BY_PATH = {page.path: page for page in PAGES}
SOURCES = ("*.md", "*.py", "*.ps1", "*.sh", "*.yaml", "*.yml", "Makefile")


def broken(page: Page) -> list[str]:
    """Return the links of a page that lead nowhere; of those to other sites, the malformed ones."""
    return [link for link in page.links() if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Page, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return parts.scheme == "https" and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc) is not None
    target = (page.path.parent / parts.path).resolve() if parts.path else page.path
    if not target.is_relative_to(PROJECT) or not target.exists():
        return False
    there = page if target == page.path else BY_PATH.get(target)
    return not parts.fragment or (there is not None and parts.fragment in there.anchors())


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Page) -> None:
    assert broken(page) == []


@pytest.mark.parametrize(
    "link",
    [
        "docs/none.md",
        "docs/lab.md#none",
        "#none",
        "docs/pictures/none.svg",
        "http://example.com",
        "https://",
        "../../outside.md",
    ],
)
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    page = Page(PROJECT / "README.md", f"# Here\n\n[a](docs/lab.md#commands) [b](#here) [c]({link})\n")
    assert broken(page) == [link]


def test_every_page_is_led_to_from_the_readme() -> None:
    seen: set[Path] = set()
    ahead = [PROJECT / "README.md"]
    while ahead:
        here = ahead.pop()
        if here in BY_PATH and here not in seen:
            seen.add(here)
            ahead += [(here.parent / urlsplit(link).path).resolve() for link in BY_PATH[here].links()]
    assert set(BY_PATH) - seen == set()


def test_every_page_that_a_source_names_is_there() -> None:
    folders = ("casement", "components", "config", "lab", "operations", "plan", "policy", "review", "scripts")
    files = [file for folder in folders for kind in SOURCES for file in (PROJECT / folder).rglob(kind)]
    files = [file for file in files if ".venv" not in file.parts]
    named = {name for file in files for name in re.findall(r"\bdocs/[a-z-]+\.md\b", file.read_text("utf-8"))}
    assert len(named) > 5
    # The one is containerd's.
    assert [name for name in named if not (PROJECT / name).exists()] == ["docs/hosts.md"]
