"""One powershell.exe of a Windows host: ``python -m lab.windows.worker FOLDER RELEASE -- ARGUMENTS...``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from lab.powershell.interpreter import Interpreter
from lab.windows.command_line import parse_arguments
from lab.windows.folder import HostFolder
from lab.windows.powershell_host import PowerShellHost


def main(arguments: list[str]) -> int:
    """Run a script file or a command and return its exit code."""
    machine = PowerShellHost(HostFolder(Path(arguments[0])), arguments[1])
    try:
        call = parse_arguments(arguments[3:])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    stdin = sys.stdin.read()
    interpreter = Interpreter(machine)
    if call.file is None:
        return interpreter.run_command(call.text, stdin, _write(sys.stdout), _write(sys.stderr))
    return interpreter.run_file(call.file, list(call.arguments), stdin, _write(sys.stdout), _write(sys.stderr))


def _write(stream: TextIO) -> Callable[[str], None]:
    """Return what writes a text and has it on its way at once, in UTF-8 and with the line ends it has."""

    def write(text: str) -> None:
        stream.buffer.write(text.encode("utf-8", "replace"))
        stream.buffer.flush()

    return write


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
