"""The project's own bash, run for real in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from plan.shells import bash_input

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts" / "linux"
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]


class Site:
    """A folder with the project's scripts, where steps are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SCRIPTS, folder / "linux")

    def run(self, script: str, *more: str, seconds: int = 30, **parameters: str) -> subprocess.CompletedProcess[str]:
        """Run a text as the script of step ``trial-done``."""
        (self.folder / "linux" / "trial.sh").write_text(script)
        step = ["bash", str(self.folder / "linux" / "step.sh"), "trial.sh", "abc", "trial-done", str(seconds), *more]
        stdin = bash_input({"folder": str(self.folder), **parameters})
        return subprocess.run([*AS_ROOT, *step], input=stdin, capture_output=True, text=True, check=False)

    def record(self, node: str = "") -> dict[str, Any]:
        """Return what is on record of the step."""
        path = self.folder / "state" / "steps" / node / "trial-done.json"
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def facts(self) -> dict[str, str]:
        """Return the values of the facts on record by the file's name."""
        return {Path(fact["name"]).name: fact["value"] for fact in self.record()["facts"]}
