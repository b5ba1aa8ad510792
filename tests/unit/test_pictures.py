"""The pictures of the documentation are whole and small, need nothing else, and say the numbers of the settings."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config.settings import Settings
from tests.unit.documentation import PAGES, PROJECT

PICTURES = sorted((PROJECT / "docs/pictures").glob("*.svg"))
LARGEST = 150_000
FETCHED = re.compile(r"""(?:href|src)\s*=\s*["'](?!\#)|url\(["']?(?!["'\#])|@import|<script""")
"""What leads out of a picture: GitHub shows it without."""


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_whole_and_needs_nothing_from_elsewhere(picture: Path) -> None:
    text = picture.read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "viewBox" in root.attrib, "GitHub then fits it into the page"
    assert len(text) < LARGEST
    assert FETCHED.findall(text) == []


@pytest.mark.parametrize(
    "text", ['<image href="https://a/b.png"/>', "src: url(https://a/b)", "@import 'a.css'", "<script>"]
)
def test_what_a_picture_would_fetch_is_found(text: str) -> None:
    assert FETCHED.search(text)


def test_the_architecture_says_the_numbers_of_the_settings() -> None:
    text = (PROJECT / "docs/pictures/architecture.svg").read_text("utf-8")
    vni, port, name = (Settings.model_fields[field].default for field in ("vni", "vxlan_port", "network_name"))
    assert f"VXLAN, VNI {vni}, UDP {port}, network {name}" in text


def test_every_picture_is_shown() -> None:
    shown = {(page.path.parent / link).resolve() for page in PAGES for link in page.links()}
    assert set((PROJECT / "docs/pictures").iterdir()) - shown == set()
