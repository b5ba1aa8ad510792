"""What ends a command: told to whoever typed it, with what to do next."""

from __future__ import annotations


class OperationError(Exception):
    """A command cannot go on; the text says what is wrong and what to do about it, without any secret."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(f"{what}\n  remedy: {remedy}")
