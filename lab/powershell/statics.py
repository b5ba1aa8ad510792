"""Static members and constructors of .NET types, with a host's own merged over the built-in ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lab.powershell import type_names
from lab.powershell.errors import Unsupported
from lab.powershell.host import Host, HostWithTypes, StaticType
from lab.powershell.members import call


@dataclass
class NetStatics:
    """The static side of one type. `setters` are the static properties a script may assign."""

    name: str
    methods: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    properties: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    setters: Mapping[str, Callable[[object], None]] = field(default_factory=dict)
    constructor: Callable[..., object] | None = None


class Statics:
    """All types of a run."""

    def __init__(self, host: Host, built_in: list[NetStatics]) -> None:
        self._host = host if isinstance(host, HostWithTypes) else None
        self._built_in = {one.name.lower(): one for one in built_in}
        assert all(type_names.resolve(one.name) for one in built_in)
        type_names.ask(lambda: list(self._of_host()))

    def _of_host(self) -> Mapping[str, StaticType]:
        return self._host.statics if self._host else {}

    def _host_type(self, name: str) -> StaticType | None:
        lowered = name.lower()
        return next((one for key, one in self._of_host().items() if key.lower() == lowered), None)

    def get(self, type_name: str, name: str) -> object:
        """A static property or field."""
        lowered = name.lower()
        added = self._host_type(type_name)
        if added:
            for key, read in added.properties.items():
                if key.lower() == lowered:
                    return read()
        known = self._built_in.get(type_name.lower())
        if known and lowered in known.properties:
            return known.properties[lowered]()
        if type_name in type_names.ENUMS and lowered in (member.lower() for member in type_names.ENUMS[type_name]):
            return type_names.enum_member(type_name, name)
        raise Unsupported(f"[{type_name}]::{name}")

    def set(self, type_name: str, name: str, value: object) -> None:
        """Assign a static property."""
        known = self._built_in.get(type_name.lower())
        if not known or name.lower() not in known.setters:
            raise Unsupported(f"an assignment to [{type_name}]::{name}")
        known.setters[name.lower()](value)

    def call(self, type_name: str, name: str, arguments: list[object]) -> object:
        """A static method, or `::new()`."""
        lowered = name.lower()
        if lowered == "new":
            return self.make(type_name, arguments)
        added = self._host_type(type_name)
        if added:
            for key, method in added.methods.items():
                if key.lower() == lowered:
                    return call(method, arguments, name)
        known = self._built_in.get(type_name.lower())
        if known and lowered in known.methods:
            return call(known.methods[lowered], arguments, name)
        raise Unsupported(f"[{type_name}]::{name}()")

    def make(self, type_name: str, arguments: list[object]) -> object:
        """A new instance."""
        added = self._host_type(type_name)
        if added and added.constructor:
            return call(added.constructor, arguments, type_name)
        known = self._built_in.get(type_name.partition("[")[0].lower())
        if known and known.constructor:
            return call(known.constructor, arguments, type_name)
        exception = type_names.new_exception(type_name, arguments)
        if exception is not None:
            return exception
        raise Unsupported(f"making a [{type_name}]")
