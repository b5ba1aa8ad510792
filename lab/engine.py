"""The real Pulumi engine with the stand-in providers, run for one project with its state in a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab.build import build
from lab.cache import cache_root, made_once, recipe_key
from lab.programs import UNITS
from lab.providers.install import install
from lab.release import PULUMI
from lab.unit import Unit

# What the language host runs beside itself: scripts of the SDK's module, by their place in it.
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")

# When a run fails, the engine interrupts the language host and waits five seconds for the program, which often does not
# mind the interrupt. Here the whole group ends at once; a program that ended well has done so before that.
_HOST, _REAL_HOST = "pulumi-language-python", "pulumi-language-python-host"
_HOST_SCRIPT = f"""#!/bin/bash
trap 'kill -KILL 0' INT TERM
"$(dirname "$0")/{_REAL_HOST}" "$@" &
wait
"""


def _units() -> tuple[Unit, ...]:
    return tuple(unit for unit in UNITS if unit.name in ("pulumi", "pulumi-language-python"))


def engine_programs() -> Path:
    """Return the folder that holds ``pulumi``, the Python language host and its scripts, building them on first use."""

    def make(folder: Path) -> None:
        sources = [build(unit) / "bin" / program for unit in _units() for program in unit.programs]
        module = cache_root() / f"go-mod/github.com/pulumi/pulumi/sdk/v3@v{PULUMI}"
        for source in (*sources, *(module / script for script in _SCRIPTS)):
            # Not a link: the engine looks for plugins beside the file that it really is.
            target = folder / (_REAL_HOST if source.name == _HOST else source.name)
            shutil.copyfile(source, target)
            target.chmod(0o755)
        (folder / _HOST).write_text(_HOST_SCRIPT)
        (folder / _HOST).chmod(0o755)

    recipe = {
        "host": _HOST_SCRIPT,
        "pulumi": PULUMI,
        "units": [recipe_key({"name": unit.name, "requires": dict(unit.requires)}) for unit in _units()],
    }
    return made_once("engine", recipe, make)


@dataclass(frozen=True, slots=True)
class Result:
    """How a ``pulumi`` command ended."""

    returncode: int
    stdout: str
    stderr: str

    def checked(self) -> Result:
        """Return itself. Raises RuntimeError with all the command printed if it failed."""
        if self.returncode:
            raise RuntimeError(f"pulumi ended with {self.returncode}\n{self.stdout}\n{self.stderr}")
        return self

    @property
    def text(self) -> str:
        """Both outputs, for a test that looks for a message."""
        return self.stdout + self.stderr

    @property
    def diagnostics(self) -> str:
        """What a test that fails shows: the messages about resources, without the outputs of the stack after them."""
        said = self.stdout.partition("Diagnostics:")[2].partition("\nOutputs:")[0] or self.stdout
        return said[-12000:] + self.stderr[-4000:]


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine for one project folder; ``home`` holds its plugins and its state, and may be shared or fresh."""

    project: Path
    home: Path
    stack: str = "dev"
    parallel: int = 16
    environment: Mapping[str, str] = field(default_factory=dict)
    """More variables for the engine, its plugins and the program."""
    python: Path = Path(sys.executable)
    """Interpreter that runs the program and the stand-ins."""

    def prepare(self) -> Engine:
        """Put the stand-ins in place, make the stack if there is none yet, and return itself."""
        install(self.home, self.python)
        (self.home / "state").mkdir(parents=True, exist_ok=True)
        self.run("stack", "select", "--create", self.stack, stack=False).checked()
        return self

    def with_variables(self, more: Mapping[str, str]) -> Engine:
        """Return the same engine with more variables."""
        return replace(self, environment={**self.environment, **more})

    @property
    def state_file(self) -> Path:
        """The file that holds the stack's state, which must be there."""
        (file,) = (self.home / "state/.pulumi/stacks").rglob(f"{self.stack}.json")
        return file

    def variables(self) -> dict[str, str]:
        """Return the environment that commands run in."""
        return {
            **os.environ,
            "PATH": f"{self.python.parent}:{engine_programs()}:{os.environ['PATH']}",
            # Without its sidecar files, which an engine that is killed may leave empty and then does not read.
            "PULUMI_BACKEND_URL": f"file://{self.home / 'state'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_CREDENTIAL_STORE": "plaintext",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_HOME": str(self.home),
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "PULUMI_PARALLEL": str(self.parallel),
            "PULUMI_SKIP_CONFIRMATIONS": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Neither the SSH agent of whoever runs this nor its keys have a part in it.
            "SSH_AUTH_SOCK": "",
            **self.environment,
        }

    def start(self, *arguments: str, stack: bool = True) -> subprocess.Popen[str]:
        """Start ``pulumi`` in a process group of its own and return at once."""
        command = [str(engine_programs() / "pulumi"), *arguments, "--non-interactive", "--color=never"]
        return subprocess.Popen(
            [*command, "--stack", self.stack] if stack else command,
            cwd=self.project,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, stack: bool = True, timeout: float = 600) -> Result:
        """Run ``pulumi`` to its end; raises subprocess.TimeoutExpired after ``timeout`` seconds, having killed it."""
        process = self.start(*arguments, stack=stack)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Result(process.returncode, out, err)

    def up(self, *arguments: str) -> Result:
        """Run ``pulumi up`` without the preview before it."""
        return self.run("up", "--yes", "--skip-preview", *arguments)

    def destroy(self, *arguments: str) -> Result:
        """Run ``pulumi destroy`` without the preview before it."""
        return self.run("destroy", "--yes", "--skip-preview", *arguments)

    def preview(self, *arguments: str) -> dict[str, Any]:
        """Return what ``pulumi preview --json`` prints: ``steps``, ``changeSummary``, ``diagnostics``."""
        digest: dict[str, Any] = json.loads(self.run("preview", "--json", *arguments).checked().stdout)
        return digest

    def operations(self, *arguments: str) -> dict[str, str]:
        """Return what a preview would do, resource name to operation, without what stays the same."""
        steps = self.preview(*arguments).get("steps") or []
        return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in steps if step["op"] != "same"}

    def export(self, show_secrets: bool = False) -> dict[str, Any]:
        """Return the stack's state."""
        arguments = ["stack", "export", *(["--show-secrets"] if show_secrets else [])]
        state: dict[str, Any] = json.loads(self.run(*arguments).checked().stdout)
        return state

    def resources(self, show_secrets: bool = False) -> dict[str, dict[str, Any]]:
        """Return the state's resources by name; two with the same name share the last one's place."""
        deployment = self.export(show_secrets)["deployment"]
        return {item["urn"].rsplit("::", 1)[-1]: item for item in deployment.get("resources") or []}
