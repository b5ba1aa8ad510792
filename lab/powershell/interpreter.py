"""Running scripts and commands as powershell.exe does."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from lab.powershell.arguments import MISSING, Argument
from lab.powershell.block_stage import BlockStage
from lab.powershell.builtins import BUILT_IN
from lab.powershell.commands import CommandRunner
from lab.powershell.errors import BreakLoop, ContinueLoop, ExitScript, PowerShellError, Unsupported
from lab.powershell.files import FileSystem
from lab.powershell.host import Host
from lab.powershell.parser import parse
from lab.powershell.scopes import ScriptBlock
from lab.powershell.script_parameters import is_advanced
from lab.powershell.source import ParseError, Source
from lab.powershell.statics import Statics
from lab.powershell.statics_io import io_types
from lab.powershell.statics_regex import regex_type
from lab.powershell.statics_system import system_types
from lab.powershell.statics_time import time_types

Write = Callable[[str], None]


class _Run(CommandRunner):
    """One process of powershell.exe."""

    def __init__(self, host: Host, stdin: str, out: Write, err: Write) -> None:
        super().__init__(host, stdin, out, err)
        self.built_in = BUILT_IN
        self.modules = {}
        self.files = FileSystem(host, self.location)
        self.statics = Statics(host, [*system_types(), *time_types(host), *io_types(self), regex_type(self)])

    def guarded_run(self, action: Callable[[], int]) -> int:
        """Run and turn what is left of an error into text and an exit code."""
        # A call in a script takes some twenty calls here.
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
        try:
            return action()
        except ExitScript as jump:
            return jump.code
        except PowerShellError as error:
            self.locate(error.record)
            self.show_error(error.record)
        except RecursionError:
            self.err("The script failed due to call depth overflow.\r\n")
        except (BreakLoop, ContinueLoop):
            self.err(f"{Unsupported('break or continue outside of a loop', str(self.here))}\r\n")
        except Unsupported as error:
            error.position = error.position or str(self.here)
            self.err(f"{error}\r\n")
        except ParseError as error:
            self.err(f"Unsupported: this syntax: {error}\r\n")
        return 1


class Interpreter:
    """Windows PowerShell 5.1, as far as it is modelled, on a host. Every call is a process of its own."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def run_file(self, script: str, arguments: Sequence[str], stdin: str, out: Write, err: Write) -> int:
        """Run a script file like `powershell.exe -File`; returns the exit code.

        0 at its end, N after `exit N`, 1 after an error nobody caught, or when something is not supported.
        """
        run = _Run(self._host, stdin, out, err)

        def action() -> int:
            block = run.load(run.files.full(script))
            given = [_argument(text) for text in arguments]
            _feed_input(run, block)
            stage = BlockStage(run, block.syntax.place, block, given, name=script, dotted=True, entry=True)
            run.run_stages([stage], run.show)
            return 0

        return run.guarded_run(action)

    def run_command(self, text: str, stdin: str, out: Write, err: Write) -> int:
        """Run a text like `powershell.exe -Command`; returns the exit code: 1 when the last command failed."""
        run = _Run(self._host, stdin, out, err)

        def action() -> int:
            block = ScriptBlock(parse(Source(text)), run.globals)
            stage = BlockStage(run, block.syntax.place, block, (), dotted=True)
            run.run_stages([stage], run.show)
            return 0 if run.succeeded else 1

        return run.guarded_run(action)


def _feed_input(run: _Run, block: ScriptBlock) -> None:
    """Hand standard input to `$input`, as 5.1 does for a script that is not an advanced one."""
    if not is_advanced(block.syntax):
        lines = run.stdin.read_to_end().splitlines()
        run.globals.root.variables["input"] = list(lines)


def _argument(text: str) -> Argument:
    """One argument of the command line: a name when it begins with a hyphen and a letter."""
    found = re.fullmatch(r"-([A-Za-z_]\w*)(?::(.*))?", text, re.DOTALL)
    if not found:
        return Argument("", text)
    return Argument(found[1], MISSING if found[2] is None else found[2], text)
