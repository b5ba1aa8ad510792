"""Pulumi.yaml and docs/configuration.md say what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from config.load import PROJECT_FOLDER
from config.reading import read
from config.reference import main
from config.schema import keys, walk
from config.settings import Settings


def test_the_reference_in_the_project_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_a_stale_reference_is_found_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: casement\n\nconfig:\n  old: {}\n")
    assert main(["--check"], tmp_path) == 1
    assert "Pulumi.yaml is not what the models say" in capsys.readouterr().err
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


def test_every_key_has_a_description() -> None:
    assert [path for path, key in walk(Settings) if not key.description] == []


def test_every_key_is_in_the_project_file_with_type_and_description() -> None:
    schema = yaml.safe_load((PROJECT_FOLDER / "Pulumi.yaml").read_text("utf-8"))["config"]
    assert set(schema) == set(keys(Settings))
    for entry in schema.values():
        assert entry["type"] in ("string", "integer", "boolean", "array", "object")
        assert entry["description"]


def test_the_defaults_of_the_project_file_change_nothing() -> None:
    schema = yaml.safe_load((PROJECT_FOLDER / "Pulumi.yaml").read_text("utf-8"))["config"]
    required = {"nodeCidrs": ["10.77.0.0/24"], "controlPlane": {"name": "cp1", "address": "10.77.0.11"}}
    defaults = {name: entry["default"] for name, entry in schema.items() if "default" in entry}
    assert set(schema) - set(defaults) == set(required)
    reading = read({**defaults, **required})
    assert reading.problems == ()
    assert reading.settings == Settings.model_validate(required)


def test_every_key_is_in_the_documentation() -> None:
    text = (PROJECT_FOLDER / "docs" / "configuration.md").read_text("utf-8")
    missing = [path for path, key in walk(Settings) if f"| `{key.name}` |" not in text]
    assert missing == []
