"""What the stand-ins of both clouds have in common: requests become things that the cloud has, or are refused.

Left out of both: refusals by rights and policies, operations that take long, and everything that the project does not
ask for; another type of resource than those in a stand-in's table is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.providers.cloud_machines import Machines
from lab.providers.cloud_state import Circumstances, CloudFolder, Thing
from lab.providers.diff import Difference, compare
from lab.providers.server import Call, Failure, InitFailedError, Provider, ProviderError
from lab.providers.values import Properties, PropertyValue, Secret, has_unknown, plain


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of resource."""

    path: str
    """Its identifier in the cloud, with the names of inputs in braces."""
    name: str
    """The input that holds its name in the cloud."""
    replaces: tuple[str, ...]
    """Inputs whose change asks for a new one; what is within them does too."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the cloud: to make something, or to change it."""

    id: str
    token: str
    name: str
    inputs: dict[str, Any]
    before: Thing | None
    """What is there, if it is to be changed."""
    things: Mapping[str, Thing]
    """All that the cloud has."""
    now: Circumstances

    def others(self, token: str) -> Iterator[tuple[str, Thing]]:
        """Yield what the cloud has of a type, but for this."""
        return ((key, thing) for key, thing in self.things.items() if thing.token == token and key != self.id)


class CloudProvider(Provider):
    """Base of the stand-ins for clouds."""

    kinds: Mapping[str, Kind]

    def __init__(self, clouds: CloudFolder, machines: Machines) -> None:
        self.clouds, self.machines = clouds, machines

    def identifier(self, kind: Kind, inputs: Mapping[str, Any]) -> str:
        """Return what the cloud calls it."""
        return kind.path.format_map(inputs)

    def refuse(self, wish: Wish) -> None:
        """Raise ProviderError, in the cloud's own words, for what the cloud does not do."""
        raise NotImplementedError

    def refuse_delete(self, id: str, thing: Thing, things: Mapping[str, Thing]) -> None:
        """Raise ProviderError where something else needs it."""
        raise NotImplementedError

    def made(self, wish: Wish) -> Thing:
        """Return what the cloud has then."""
        raise NotImplementedError

    def goes_with(self, id: str, things: Mapping[str, Thing]) -> set[str]:
        """Return the identifiers of what is gone with it."""
        return {key for key in things if key.startswith(f"{id}/")}

    def comes_with(self, wish: Wish) -> dict[str, Thing]:
        """Return what is made beside it."""
        del wish
        return {}

    async def begin(self, wish: Wish, thing: Thing) -> str:
        """Do what takes its time once it is there; return why that failed, or nothing.

        Raises ProviderError where nothing stays of it.
        """
        del wish, thing
        return ""

    async def end(self, id: str, thing: Thing) -> None:
        """Do what is to be done once it is gone."""

    def _kind(self, call: Call) -> Kind:
        if call.type not in self.kinds:
            raise ProviderError(f"{call.type} is not implemented by this stand-in")
        return self.kinds[call.type]

    async def check(self, call: Call) -> tuple[Properties, list[Failure]]:
        """Refuse what has no name; the cloud itself looks at the rest."""
        kind = self._kind(call)
        given = call.inputs.get(kind.name)
        missing = given is None or (isinstance(given, str) and not given)
        return call.inputs, [Failure(kind.name, f"missing required property '{kind.name}'")] if missing else []

    async def diff(self, call: Call) -> Difference:
        """Compare inputs with inputs."""
        kind = self._kind(call)

        def replaces(path: str) -> bool:
            bare = "".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))
            return any(bare == each or bare.startswith(f"{each}.") for each in kind.replaces)

        return compare(call.old_inputs, call.inputs, replaces)

    async def create(self, call: Call) -> tuple[str, Properties]:
        """Make it, and wait until it is what it is to be."""
        kind = self._kind(call)
        if call.preview:
            return "", call.inputs
        inputs = plain(call.inputs)
        id = self.identifier(kind, inputs)
        return id, await self._put(call, id, inputs)

    async def update(self, call: Call) -> Properties:
        """Change it. What is gone without our knowing is not made again: only a refresh sees that."""
        self._kind(call)
        if call.preview:
            return {**call.state, **call.inputs}
        return await self._put(call, call.id, plain(call.inputs))

    async def _put(self, call: Call, id: str, inputs: dict[str, Any]) -> Properties:
        if has_unknown(inputs):
            raise ProviderError(f"{call.name}: a request with unknown values")
        with self.clouds.changing(self.name) as things:
            before = things.get(id) if call.id else None
            wish = Wish(id, call.type, call.name, inputs, before, things, self.clouds.circumstances())
            self.refuse(wish)
            thing = self.made(wish)
            things.update({id: thing, **self.comes_with(wish)})
        try:
            failed = await self.begin(wish, thing)
        except ProviderError:
            with self.clouds.changing(self.name) as things:
                self._remove(id, things)
            raise
        with self.clouds.changing(self.name) as things:
            things[id] = thing
        if failed:
            raise InitFailedError(id, secrets_of(call.inputs, thing.told), [failed], call.inputs)
        return secrets_of(call.inputs, thing.told)

    async def read(self, call: Call) -> tuple[str, Properties, Properties]:
        """Return what the cloud has, or nothing where it has it no more."""
        thing = self.clouds.things(self.name).get(call.id)
        if thing is None:
            return "", {}, {}
        return call.id, secrets_of(call.inputs, thing.told), call.inputs or thing.inputs

    async def delete(self, call: Call) -> None:
        """Take it away; what is gone already is none of our business."""
        with self.clouds.changing(self.name) as things:
            thing = things.get(call.id)
            if thing is None:
                return
            self.refuse_delete(call.id, thing, things)
            self._remove(call.id, things)
        await self.end(call.id, thing)

    def _remove(self, id: str, things: dict[str, Thing]) -> None:
        for gone in self.goes_with(id, things) | {id}:
            things.pop(gone, None)


def secrets_of(inputs: Properties, told: Mapping[str, Any]) -> Properties:
    """Return what the cloud tells, with those parts secret that were secret when they were given."""
    return {key: _as_secret_as(inputs.get(key), value) for key, value in told.items()}


def _as_secret_as(given: PropertyValue, told: PropertyValue) -> PropertyValue:
    if isinstance(given, Secret):
        return Secret(told)
    if isinstance(given, dict) and isinstance(told, dict):
        return {key: _as_secret_as(given.get(key), value) for key, value in told.items()}
    return told


def strings(value: object) -> Iterator[str]:
    """Yield every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
