"""What tests of the configuration start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.example_site import Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose configuration has no problem."""
    return make_site(tmp_path)
