"""Small tools that every document of the plan is made with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeGuard

import yaml

Document = dict[str, Any]


def deep_merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> Document:
    """Return ``base`` with ``extra`` laid over it.

    Maps are merged key by key, and lists of named things (kubeadm's ``extraArgs``) by name; anything else is replaced.
    """
    merged = dict(base)
    for key, value in extra.items():
        merged[key] = _merged_value(merged.get(key), value)
    return merged


def _merged_value(ours: object, given: object) -> object:
    if isinstance(ours, Mapping) and isinstance(given, Mapping):
        return deep_merge(ours, given)
    if _is_named(ours) and _is_named(given):
        return list(({item["name"]: item for item in ours} | {item["name"]: item for item in given}).values())
    return given


def _is_named(value: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and "name" in item for item in value)
    )


def to_yaml(*documents: Mapping[str, Any]) -> str:
    """Return the documents as one YAML stream, keys in the order given."""
    return yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=False, width=120)


def short_digest(data: bytes) -> str:
    """Return twelve hexadecimal digits that change with the data: enough to tell one revision from another."""
    return hashlib.sha256(data).hexdigest()[:12]
