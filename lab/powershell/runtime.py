"""The state of a run: variables, streams, errors, and where in the script it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PureWindowsPath

from lab.powershell.convert import truth
from lab.powershell.display import display, error_text
from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.faults import fault
from lab.powershell.host import Host
from lab.powershell.reader import TextReader
from lab.powershell.scopes import Scope, ScriptBlock, Session
from lab.powershell.source import Place, Source
from lab.powershell.syntax import Variable
from lab.powershell.text import text_of
from lab.powershell.types import cast
from lab.powershell.values import ErrorRecord, GenericList, Hashtable, PSObject, Version

Emit = Callable[[object], None]
Write = Callable[[str], None]

CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}
PREFERENCES = {
    "ErrorActionPreference": "Continue",
    "WarningPreference": "Continue",
    "VerbosePreference": "SilentlyContinue",
    "DebugPreference": "SilentlyContinue",
    "InformationPreference": "SilentlyContinue",
    "ProgressPreference": "Continue",
    "ConfirmPreference": "High",
}
STREAMS = {"warning": "3", "verbose": "4", "debug": "5", "information": "6", "host": "6"}


def _version_table() -> Hashtable:
    values: dict[str, object] = {
        "PSVersion": Version(5, 1, 20348, 2340),
        "PSEdition": "Desktop",
        "BuildVersion": Version(10, 0, 20348, 2340),
        "CLRVersion": Version(4, 0, 30319, 42000),
        "WSManStackVersion": Version(3, 0),
    }
    return Hashtable(values)


class Runtime:
    """What every part of the evaluator shares."""

    def __init__(self, host: Host, stdin: str, out: Write, err: Write) -> None:
        self.host = host
        self.stdin = TextReader(stdin)
        self.out = out
        self.err = err
        root = Scope(script=True)
        self.globals = Session(root, root)
        self.session = self.globals
        self.errors = GenericList()
        self.succeeded = True
        self.tries = 0
        self.caught: list[PowerShellError] = []
        self.sinks: dict[str, Emit] = {}
        self.here = Place(Source(""), 0)
        self.output_encoding: object = None
        initial = {
            **PREFERENCES,
            "Error": self.errors,
            "PSVersionTable": _version_table(),
            "Host": PSObject(
                {"Name": "ConsoleHost"}, type_name="System.Management.Automation.Internal.Host.InternalHost"
            ),
            "PID": 4242,
            "PSHOME": r"C:\Windows\System32\WindowsPowerShell\v1.0",
            "PSCulture": "en-US",
            "OFS": " ",
        }
        root.variables.update({name.lower(): value for name, value in initial.items()})

    @property
    def scope(self) -> Scope:
        """The scope code runs in now."""
        return self.session.current

    def variable(self, node: Variable) -> object:
        """The value of a variable; one that is not set is null, or an error in strict mode."""
        found, value = self.find_variable(node.scope, node.name, node.place)
        if not found and self.scope.is_strict():
            shown = f"{node.scope}:{node.name}" if node.scope else node.name
            raise fault(
                f"The variable '${shown}' cannot be retrieved because it has not been set.", "VariableIsUndefined"
            )
        return value

    def find_variable(self, scope: str, name: str, place: Place) -> tuple[bool, object]:
        """Whether a variable is set, and its value."""
        lowered = name.lower()
        if scope == "env":
            value = self.host.environment().get(name)
            return True, value
        if scope in ("", "local", "global", "script", "private", "variable"):
            found, special = self._special(lowered, place)
            if found:
                return True, special
            holder = self._scope(scope, name).holder(name) if scope in ("", "variable") else self._scope(scope, name)
            if holder is None or lowered not in holder.variables:
                return False, None
            return True, holder.variables[lowered]
        raise Unsupported(f"the variable '${scope}:{name}'")

    def _special(self, name: str, place: Place) -> tuple[bool, object]:  # noqa: PLR0911 - one rule per name
        if name in CONSTANTS:
            return True, CONSTANTS[name]
        if name == "?":
            return True, self.succeeded
        if name == "psitem":
            return self.find_variable("", "_", place)
        file = place.source.name
        if name == "pscommandpath":
            return True, file
        if name == "psscriptroot":
            return True, str(PureWindowsPath(file).parent) if file else ""
        if name == "pwd":
            return True, self.location()
        return False, None

    def location(self) -> str:
        """The current folder."""
        _, value = self.find_variable("global", "__location", self.here)
        return text_of(value) or "C:\\"

    def _scope(self, scope: str, name: str) -> Scope:
        if scope in ("", "local", "private", "variable"):
            return self.scope
        if scope == "script":
            return self.scope.script_scope()
        if scope == "global":
            return self.globals.root
        raise Unsupported(f"the variable '${scope}:{name}'")

    def set_variable(self, scope: str, name: str, value: object) -> None:
        """Set a variable; one that has a type converts the value."""
        if scope == "env":
            if text_of(value):
                self.host.environment()[name] = text_of(value)
            else:
                self.host.environment().pop(name, None)
            return
        if name.lower() == "null":
            return
        if name.lower() in CONSTANTS or name == "?":
            raise fault(f"Cannot overwrite variable {name} because it is read-only or constant.", "VariableNotWritable")
        target = self._scope(scope, name)
        if name.lower() in target.types:
            value = cast(value, target.types[name.lower()])
        target.variables[name.lower()] = value

    def preference(self, name: str) -> str:
        """The text of a preference variable."""
        return text_of(self.find_variable("", name, self.here)[1])

    def locate(self, record: ErrorRecord, place: Place | None = None) -> None:
        """Note where an error happened, once."""
        if record.line:
            return
        at = place or self.here
        record.script, record.line, record.source = at.source.name, at.line, at.line_text
        column = at.offset - (at.source.text.rfind("\n", 0, at.offset) + 1) + 1
        where = f"{at.source.name}:{at.line}" if at.source.name else f"line:{at.line}"
        record.position = f"At {where} char:{column}\n+ {at.line_text}"

    def report(self, record: ErrorRecord, action: str | None) -> None:
        """Report a non-terminating error under the error action in force; raises when that is Stop."""
        effective = (action or self.preference("ErrorActionPreference")).lower()
        self.locate(record)
        if effective == "stop":
            raise PowerShellError(record, thrown=True)
        if effective not in ("continue", "silentlycontinue", "ignore"):
            raise Unsupported(f"the error action '{effective}'")
        self.succeeded = False
        if effective == "ignore":
            return
        self.errors.insert(0, record)
        if effective == "continue":
            self.show_error(record)

    def show_error(self, record: ErrorRecord) -> None:
        """Send an error to where the error stream goes."""
        if "2" in self.sinks:
            self.sinks["2"](record)
        else:
            self.err(error_text(record))

    def message(self, stream: str, text: str) -> None:
        """Write to a stream: warning, verbose, information, host or debug."""
        if stream != "host":
            action = self.preference(f"{stream}Preference").lower()
            if action in ("silentlycontinue", "ignore"):
                return
            if action == "stop":
                raise fault(
                    f"The running command stopped because the preference is Stop: {text}", "ActionPreferenceStop"
                )
        number = STREAMS[stream]
        if number in self.sinks:
            self.sinks[number](text)
            return
        prefix = "" if stream in ("host", "information") else f"{stream.upper()}: "
        self.out(f"{prefix}{text}\r\n")

    def show(self, value: object) -> None:
        """What happens to output nobody takes: the console gets it."""
        for line in display(value):
            self.out(line + "\r\n")

    def invoke(self, block: object, item: object, arguments: Sequence[object]) -> list[object]:
        """Run a script block with `$_` set to `item` and return what it emits."""
        collected: list[object] = []
        if not isinstance(block, ScriptBlock):
            raise Unsupported("something else than a script block where one is called")
        self.run_inline(block, item, collected.append, arguments)
        return collected

    def test(self, block: object, item: object) -> bool:
        """Whether a script block holds for an item."""
        made = self.invoke(block, item, ())
        return truth(made[0] if len(made) == 1 else made)

    def run_inline(self, block: ScriptBlock, item: object, emit: Emit, arguments: Sequence[object] = ()) -> None:
        """Run a script block in the scope its session is in, as ForEach-Object does."""
        raise NotImplementedError
