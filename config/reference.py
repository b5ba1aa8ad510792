"""The reference of all keys, written from the models: ``python -m config.reference [--check]``.

Writes the section ``config:`` of Pulumi.yaml, which is its last, docs/configuration.md, docs/components.md, and the
types of the package's arguments, casement/arguments.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import yaml

from config.component_reference import reference
from config.load import PROJECT_FOLDER
from config.model import Model
from config.schema import Key, keys, walk
from config.settings import Settings
from config.typed import typed_arguments

_COMMAND = "python -m config.reference"
_SECTION = "\nconfig:\n"
_BLANK = {"string": "", "integer": 0, "boolean": False, "array": [], "object": {}}
_INTRODUCTION = f"""\
# Configuration

<!-- Written by `{_COMMAND}` from config/settings.py; do not edit. -->

Everything is set in one stack file, `config/Pulumi.STACK.yaml`, under `config:`; each key below has the project's name
before it there (`casement:podCidr`). `config/Pulumi.onprem.yaml` is a complete example;
`config/Pulumi.azure.yaml` and `config/Pulumi.gce.yaml` are for machines that are made. A key with a default may be left
out. Everything is checked together in `pulumi preview`, before any machine is touched, and every problem is told at
once.
"""


def main(arguments: Sequence[str] | None = None, folder: Path = PROJECT_FOLDER) -> int:
    """Write the reference, or with ``--check`` only compare; returns 1 if a file is not as it should be."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    stale = [path for path, text in _files(folder).items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(folder)} is not what the models say: run `{_COMMAND}`", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(_files(folder)[path], encoding="utf-8")
            print(f"wrote {path.relative_to(folder)}")
    return 1 if check and stale else 0


def _files(folder: Path) -> Mapping[Path, str]:
    project = folder / "Pulumi.yaml"
    head, _, _ = project.read_text("utf-8").partition(_SECTION)
    return {
        project: head + _SECTION + _schema(),
        folder / "docs" / "configuration.md": _document(),
        folder / "docs" / "components.md": reference(_COMMAND),
        folder / "casement" / "arguments.py": typed_arguments(_COMMAND),
    }


def _schema() -> str:
    """Return the keys as Pulumi.yaml describes them; Pulumi asks for every key there that has no default."""
    described = {}
    for key in keys(Settings).values():
        entry: dict[str, object] = {"type": key.kind}
        if key.is_list:
            entry["items"] = {"type": key.item_kind}
        entry["description"] = key.description
        # No `secret: true`, even where it is true: Pulumi would then refuse the empty default, and without a default
        # ask every stack for the key. config.parse refuses a secret that is not encrypted.
        if not key.required:
            entry["default"] = _BLANK[key.kind] if key.default is None else key.default
        described[key.name] = entry
    text = yaml.safe_dump(described, sort_keys=False, width=110, allow_unicode=True)
    return "".join(f"  {line}\n" for line in text.splitlines())


def _document() -> str:
    parts = [_INTRODUCTION, "## Keys\n", _table(Settings)]
    for model, paths in _sections().items():
        names = ", ".join(f"`{path}`" for path in paths)
        purpose = " ".join((model.__doc__ or "").split())
        parts += [f"## {names}\n", f"{purpose}\n", _table(model)]
    return "\n".join(parts)


def _sections() -> Mapping[type[Model], list[str]]:
    """Return every nested model with all the places it is used at."""
    found: dict[type[Model], list[str]] = {}
    for path, key in walk(Settings):
        if key.model is not None:
            found.setdefault(key.model, []).append(path + ("[]" if key.is_list else ""))
    return found


def _table(model: type[Model]) -> str:
    rows = [("Key", "Type", "Default", "Meaning"), ("---", "---", "---", "---")]
    rows += [
        (f"`{name}`", _type_name(key), _default_text(key), key.description.replace("|", "\\|"))
        for name, key in keys(model).items()
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _type_name(key: Key) -> str:
    special = {IPv4Address: "IPv4 address", IPv4Network: "IPv4 range"}
    if key.is_list:
        plural = "IPv4 ranges" if IPv4Network in _item_types(key) else f"{key.item_kind}s"
        return "list of " + plural.replace("objects", "mappings")
    if key.is_secret:
        return "secret string"
    return special.get(key.annotation, key.kind.replace("object", "mapping"))


def _item_types(key: Key) -> Iterator[object]:
    yield from getattr(key.annotation, "__args__", ())


def _default_text(key: Key) -> str:
    if key.required:
        return "**required**"
    if key.default is None:
        return "see below" if key.model and key.info.default_factory else "none"
    if key.default in ({}, []):
        return "empty"
    return f"`{str(key.default).lower() if isinstance(key.default, bool) else key.default}`"


if __name__ == "__main__":
    sys.exit(main())
