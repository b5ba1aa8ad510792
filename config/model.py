"""The shape that all settings share: frozen, camelCase in the stack file, nothing unknown let through."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

Document = Mapping[str, JsonValue]
"""A piece of configuration handed on to another program, laid deeply over what this project writes itself."""


class Model(BaseModel):
    """A frozen value read from a stack file; keys are camelCase there and snake_case here."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )
