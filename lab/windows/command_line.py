"""What stands for cmd.exe on a lab host: it takes the command lines that the project sends, and refuses any other.

sshd gives a command line to cmd.exe, which starts one program; here that program can only be ``powershell.exe``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = "&|<>^%!()"
_POWERSHELL = re.compile(r"(?:.*[\\/])?powershell(?:\.exe)?", re.IGNORECASE)


class NotRecognized(Exception):  # noqa: N818 - it is what cmd.exe says, not a fault of this program
    """cmd.exe knows no such program; the text is its message."""


@dataclass(frozen=True, slots=True)
class PowerShellCall:
    """One start of powershell.exe: a script file with its arguments, or the text of a command."""

    file: str | None
    arguments: tuple[str, ...]
    text: str = ""


def split(line: str) -> list[str]:
    """Return the arguments of a command line by the rules of CommandLineToArgvW."""
    words: list[str] = []
    word: str | None = None
    quoted, index = False, 0
    while index < len(line):
        slashes = len(line) - index - len(line[index:].lstrip("\\"))
        following = line[index + slashes : index + slashes + 1]
        if slashes:
            literal = slashes // 2 if following == '"' else slashes
            word = (word or "") + "\\" * literal
            index += slashes
            if following == '"' and slashes % 2:
                word, index = word + '"', index + 1
        elif following == '"':
            if quoted and line[index + 1 : index + 2] == '"':
                word, index = (word or "") + '"', index + 2
            else:
                word, quoted, index = word or "", not quoted, index + 1
        elif following in " \t" and not quoted:
            words += [word] if word is not None else []
            word, index = None, index + 1
        else:
            word, index = (word or "") + following, index + 1
    return [*words, word] if word is not None else words


def parse_command_line(line: str) -> PowerShellCall:
    """Return the start of PowerShell that a command line given to cmd.exe means.

    Raises NotRecognized with cmd.exe's message for another program, ValueError for what cmd.exe would read its own
    meaning into (redirection, variables) or for parameters of powershell.exe that the project does not use.
    """
    outside = re.sub(r'"[^"]*"', "", line)
    special = sorted(set(outside) & set(_SPECIAL)) + (["%"] if "%" in line and "%" not in outside else [])
    if special:
        raise ValueError(f"cmd.exe reads its own meaning into {' '.join(special)}: {line}")
    words = split(line)
    if not words or not _POWERSHELL.fullmatch(words[0]):
        name = words[0] if words else ""
        raise NotRecognized(
            f"'{name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
        )
    return parse_arguments(words[1:])


def parse_arguments(words: list[str]) -> PowerShellCall:
    """Return what powershell.exe does with its arguments.

    Raises ValueError for parameters that the project does not use.
    """
    index = 0
    while index < len(words):
        name = words[index].lower()
        if name in ("-noprofile", "-noninteractive", "-nologo"):
            index += 1
        elif name in ("-executionpolicy", "-inputformat"):
            index += 2
        elif name == "-file" and index + 1 < len(words):
            return PowerShellCall(words[index + 1], tuple(words[index + 2 :]))
        elif name == "-command" and index + 1 < len(words):
            return PowerShellCall(None, (), " ".join(words[index + 1 :]))
        else:
            break
    raise ValueError(f"powershell.exe with these parameters is not modelled: {' '.join(words)}")
