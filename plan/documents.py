"""Small tools that every document of the plan is made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

Document = dict[str, Any]


def deep_merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> Document:
    """Return ``base`` with ``extra`` laid over it: maps are merged key by key, anything else is replaced."""
    merged = dict(base)
    for key, value in extra.items():
        ours = merged.get(key)
        merged[key] = deep_merge(ours, value) if isinstance(ours, Mapping) and isinstance(value, Mapping) else value
    return merged


def to_yaml(*documents: Mapping[str, Any]) -> str:
    """Return the documents as one YAML stream, keys in the order given."""
    return yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=False, width=120)
