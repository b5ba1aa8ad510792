"""What the stubs share: a folder for the drives of a host, and tables in one JSON file for all else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Reply = tuple[int, str, str]
"""Exit code, standard output, standard error of a program."""
CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
DONE: Reply = (0, "", "")


def after(arguments: Sequence[str], option: str) -> str:
    """Return the argument that follows this one."""
    return arguments[list(arguments).index(option) + 1]


@dataclass(frozen=True)
class Drive:
    """The folder that stands for a host's drives, and the tables that stand for the rest of it."""

    root: Path

    def path(self, windows_path: str) -> Path:
        r"""Return where ``C:\k\x`` is; case is kept, so that a script that is careless about it is found."""
        drive, _, below = windows_path.partition(":")
        return self.root / drive.upper() / below.replace("\\", "/").lstrip("/")

    @property
    def state_path(self) -> Path:
        return self.path(r"C:\stub\state.json")

    def state(self) -> dict[str, list[Row]]:
        state: dict[str, list[Row]] = json.loads(self.state_path.read_text(encoding="utf-8-sig"))
        return state

    def save(self, state: dict[str, list[Row]]) -> None:
        self.state_path.write_text(json.dumps(state), encoding="utf-8")

    def rows(self, table: str) -> list[Row]:
        return self.state()[table]

    def row(self, table: str, name: str) -> Row | None:
        return next((row for row in self.rows(table) if row["Name"].lower() == name.lower()), None)

    def put(self, table: str, row: Row) -> None:
        """Put a row in, in place of the one of the same Name."""
        state = self.state()
        state[table] = [other for other in state[table] if other["Name"] != row["Name"]] + [row]
        self.save(state)

    def drop(self, table: str, name: str) -> None:
        state = self.state()
        state[table] = [row for row in state[table] if row["Name"] != name]
        self.save(state)

    def write(self, windows_path: str, text: str) -> None:
        path = self.path(windows_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        if text.startswith("#!"):
            path.chmod(0o755)


def service(name: str, line: str, *, state: str = "Stopped", needs: Sequence[str] = ()) -> Row:
    """Return a row of the services."""
    return {
        "Name": name, "DisplayName": name, "Description": "", "PathName": line, "State": state, "StartMode": "Auto",
        "DependsOn": list(needs), "Starts": 0, "Recovery": "",
    }  # fmt: skip
