"""Native programs: the command line Windows PowerShell 5.1 builds, and what a program reads from it.

5.1 puts quotes around an argument that has white space outside of quotes, and does nothing else: quotes inside are not
escaped, a backslash before the closing quote is not doubled, an empty argument vanishes. The program then splits the
line by the rules of CommandLineToArgvW. Both steps are done here, so that a script meets the same surprises.
"""

from __future__ import annotations

from collections.abc import Sequence


def _needs_quotes(argument: str) -> bool:
    quotes = 0
    for character in argument:
        if character == '"':
            quotes += 1
        elif character.isspace() and quotes % 2 == 0:
            return True
    return False


def command_line(arguments: Sequence[str]) -> str:
    """The arguments as one line, as 5.1 builds it."""
    quoted = [f'"{argument}"' if _needs_quotes(argument) else argument for argument in arguments if argument]
    return " ".join(quoted)


def split_command_line(line: str) -> list[str]:
    """The arguments a program gets from a command line (without the program's own name)."""
    arguments: list[str] = []
    position = 0
    while True:
        while position < len(line) and line[position] in " \t":
            position += 1
        if position >= len(line):
            return arguments
        argument, position = _next_argument(line, position)
        arguments.append(argument)


def _next_argument(line: str, position: int) -> tuple[str, int]:
    made: list[str] = []
    quoted = False
    while position < len(line) and (quoted or line[position] not in " \t"):
        if line[position] == "\\":
            count = len(line[position:]) - len(line[position:].lstrip("\\"))
            position += count
            if line[position : position + 1] != '"':
                made.append("\\" * count)
                continue
            made.append("\\" * (count // 2))
            if count % 2:
                made.append('"')
                position += 1
        elif line[position] == '"':
            if quoted and line[position + 1 : position + 2] == '"':
                made.append('"')
                position += 1
            else:
                quoted = not quoted
            position += 1
        else:
            made.append(line[position])
            position += 1
    return "".join(made), position
