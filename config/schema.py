"""The keys of the settings as a stack file spells them, read off the models; nothing is written down twice."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import JsonValue, SecretStr
from pydantic.fields import FieldInfo

from config.model import Model

Location = Sequence[int | str]
"""Path of a value: key names and list positions, outermost first."""

_TEXT = (str, IPv4Address, IPv4Network, SecretStr)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the stack file."""

    name: str
    """As the stack file spells it."""
    field: str
    """As the model spells it."""
    info: FieldInfo

    @property
    def annotation(self) -> Any:  # noqa: ANN401 - an annotation is no type that has a name
        """The annotation, without the None of an optional one."""
        if get_origin(self.info.annotation) in (Union, types.UnionType):
            return next(part for part in get_args(self.info.annotation) if part is not type(None))
        return self.info.annotation

    @property
    def model(self) -> type[Model] | None:
        """The model of the value, or of the items of a list; None for plain values."""
        candidate = get_args(self.annotation)[0] if self.is_list else self.annotation
        return candidate if isinstance(candidate, type) and issubclass(candidate, Model) else None

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return get_origin(self.annotation) is tuple

    @property
    def is_text(self) -> bool:
        """Whether the value is written as text: a name, an address, a range, a URL."""
        return self.annotation in _TEXT or get_origin(self.annotation) is Literal

    @property
    def is_secret(self) -> bool:
        """Whether the value must be encrypted in the stack file."""
        return self.annotation is SecretStr

    @property
    def kind(self) -> str:
        """The type as Pulumi.yaml names it: string, integer, boolean, array or object."""
        if self.is_list:
            return "array"
        if self.is_text:
            return "string"
        return {int: "integer", bool: "boolean"}.get(self.annotation, "object")

    @property
    def item_kind(self) -> str:
        """The type of a list's items as Pulumi.yaml names it."""
        return "object" if self.model else "string"

    @property
    def required(self) -> bool:
        """Whether a stack file must give it."""
        return self.info.is_required()

    @property
    def description(self) -> str:
        """What it means, in one or two sentences."""
        return self.info.description or ""

    @property
    def default(self) -> JsonValue:
        """What it is when a stack file does not give it; None if that is nothing, or another value decides."""
        if self.required or (self.model and not self.is_list):
            return None
        value = self.info.get_default(call_default_factory=True)
        if isinstance(value, tuple | dict):
            return list(value) if self.is_list else dict(value)
        return str(value) if self.is_text and value is not None else value


def keys(model: type[Model]) -> Mapping[str, Key]:
    """Return the keys of a model by the names a stack file uses."""
    found = (Key(info.alias or name, name, info) for name, info in model.model_fields.items())
    return {key.name: key for key in found}


def model_at(model: type[Model], location: Location) -> type[Model] | None:
    """Return the model of the value at a location, or None where no model is."""
    for part in location:
        if isinstance(part, int):
            continue
        key = keys(model).get(part)
        if key is None or key.model is None:
            return None
        model = key.model
    return model


def path(location: Location) -> str:
    """Return a location as ``windowsNodes[1].managementIp``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def walk(model: type[Model], prefix: str = "") -> Iterator[tuple[str, Key]]:
    """Yield every key, nested ones after their parent, with its path; a list's items are written ``[]``."""
    for name, key in keys(model).items():
        here = f"{prefix}{name}"
        yield here, key
        if key.model is not None:
            yield from walk(key.model, here + ("[]." if key.is_list else "."))
