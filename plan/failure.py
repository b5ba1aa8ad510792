"""A failure that is known: how it shows in what a step prints, why it happens, and what to try next."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """One known failure."""

    name: str
    """Unique, for example ``disk-full``."""
    pattern: re.Pattern[str]
    """How it shows: in the words of the program that fails, found anywhere in the text."""
    cause: str
    """Why it happens, as the end of a sentence that begins with "Likely cause:"."""
    remedy: str
    """What to try next, as the end of a sentence that begins with "Next:"."""


def known(name: str, shows: str, cause: str, remedy: str) -> Failure:
    """Return a failure that shows as a regular expression."""
    return Failure(name, re.compile(shows), cause, remedy)
