"""What tests of machines in clouds read off a recorded run."""

from __future__ import annotations

from typing import Any

from tests.graph.engine import Recorder, is_secret


def plain(value: Any) -> Any:
    """Return a recorded value without the marks of secrets."""
    if is_secret(value):
        return plain(value["value"])
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def made(recorder: Recorder, kind: str) -> dict[str, Any]:
    """Return the inputs of all resources of a type, by name."""
    return {each.name: plain(dict(each.inputs)) for each in recorder.resources.values() if each.type == kind}
