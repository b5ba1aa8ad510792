"""What the stand-in for pulumi-command says of a copy whose connection breaks, in the words of the real plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest

from components.retry import connection_was_cut
from lab.providers.server import ProviderError
from lab.providers.sftp import Copier

FOLDER = asyncssh.SFTPAttrs(permissions=0o040755)


class Broken:
    """A session of SFTP to a host with a folder, whose connection breaks at one operation."""

    def __init__(self, at: str) -> None:
        self._at = at

    def __getattr__(self, operation: str) -> Callable[..., Awaitable[Any]]:
        async def answer(path: str, *_: object) -> Any:
            if operation == self._at:
                raise ConnectionResetError(104, "Connection reset by peer")
            if operation == "stat" and path != "/there":
                raise asyncssh.SFTPNoSuchFile("no such file")
            return FOLDER

        return answer


@pytest.mark.parametrize("operation", ["stat", "mkdir", "open"])
def test_a_copy_that_is_cut_off_is_told_so_that_it_is_tried_again(operation: str, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/a.sh").write_text("true\n")
    copier = Copier(cast("asyncssh.SFTPClient", Broken(operation)))
    with pytest.raises(ProviderError, match=r"connection lost$") as told:
        asyncio.run(copier.copy_path(str(tmp_path / "scripts"), "/there"))
    assert connection_was_cut(str(told.value))
