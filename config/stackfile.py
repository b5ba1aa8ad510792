"""Stack files as they lie on disk, for tools that run without Pulumi."""

from __future__ import annotations

from pathlib import Path

import yaml


def read_stack_file(path: Path, project: str) -> dict[str, object]:
    """Return the plain values of a stack file by key, without the project's name before it.

    Encrypted values are left out. Raises OSError if there is no such file, ValueError if it is no stack file.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {error}") from None
    config = content.get("config", {}) if isinstance(content, dict) else None
    if not isinstance(config, dict):
        raise ValueError(f"{path} is no stack file: it has no mapping `config`")
    prefix = f"{project}:"
    return {
        str(name).removeprefix(prefix): value
        for name, value in config.items()
        if str(name).startswith(prefix) and not (isinstance(value, dict) and set(value) == {"secure"})
    }
