"""The lab for the tests that need its hosts: fresh at the start, gone at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab import run
from lab.down import down, erase
from lab.up import up


@pytest.fixture(scope="session")
def lab_hosts() -> Iterator[None]:
    """Four fresh hosts. A lab that runs from this clone is replaced."""
    if os.geteuid() != 0:
        pytest.skip("the lab's hosts need root")
    if run.RUN_FOLDER.exists():
        erase(())
    up(())
    yield
    erase(())
    down(())
