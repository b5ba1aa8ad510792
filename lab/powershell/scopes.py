"""Variables and functions by scope; sessions keep a module's scopes apart from the script's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.powershell.syntax import ScriptBlockSyntax, TypeName


class Scope:
    """One level of variables. `script` marks where `$script:` ends, `strict` holds Set-StrictMode's choice."""

    def __init__(self, parent: Scope | None = None, *, script: bool = False) -> None:
        self.parent = parent
        self.script = script
        self.strict: bool | None = None
        self.variables: dict[str, object] = {}
        self.types: dict[str, TypeName] = {}
        self.functions: dict[str, Function] = {}

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def holder(self, name: str) -> Scope | None:
        """The nearest scope that has a variable."""
        return next((scope for scope in self.chain() if name.lower() in scope.variables), None)

    def function(self, name: str) -> Function | None:
        """The nearest function of a name."""
        lowered = name.lower()
        return next((scope.functions[lowered] for scope in self.chain() if lowered in scope.functions), None)

    def script_scope(self) -> Scope:
        """The scope `$script:` means."""
        return next(scope for scope in self.chain() if scope.script)

    def is_strict(self) -> bool:
        """Whether strict mode is on here."""
        return next((scope.strict for scope in self.chain() if scope.strict is not None), False)


@dataclass
class Session:
    """A session state: the global one, or a module's. `current` is the scope its code runs in now."""

    root: Scope
    current: Scope
    module: Module | None = None


@dataclass
class Module:
    """A module that was imported; `exports` is None as long as Export-ModuleMember has not been called."""

    name: str
    path: str
    exports: list[str] | None = None
    functions: dict[str, Function] = field(default_factory=dict)


@dataclass(eq=False)
class ScriptBlock:
    """`{ ... }` as a value: its syntax and the session it belongs to."""

    syntax: ScriptBlockSyntax
    session: Session
    type_name = "System.Management.Automation.ScriptBlock"

    def __str__(self) -> str:
        return self.syntax.text


@dataclass(frozen=True, eq=False)
class Function:
    """A named script block."""

    name: str
    block: ScriptBlock
