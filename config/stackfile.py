"""Stack files as they lie on disk, for tools that run without Pulumi."""

from __future__ import annotations

from pathlib import Path

import yaml


def read_stack_file(path: Path, project: str) -> dict[str, object]:
    """Return the plain values of a stack file by key, without the project's name before it.

    Encrypted values are left out. Raises OSError if there is no such file, ValueError if it is no stack file.
    """
    prefix = f"{project}:"
    return {
        str(name).removeprefix(prefix): value
        for name, value in _config(path).items()
        if str(name).startswith(prefix) and not _is_encrypted(value)
    }


def has_encrypted_values(path: Path) -> bool:
    """Tell whether a stack file keeps anything encrypted, at any depth; raises as ``read_stack_file`` does."""
    return _holds_encrypted(_config(path))


def _config(path: Path) -> dict[object, object]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {error}") from None
    config = content.get("config", {}) if isinstance(content, dict) else None
    if not isinstance(config, dict):
        raise ValueError(f"{path} is no stack file: it has no mapping `config`")
    return config


def _is_encrypted(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _holds_encrypted(value: object) -> bool:
    if _is_encrypted(value):
        return True
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_encrypted(item) for item in inside)
