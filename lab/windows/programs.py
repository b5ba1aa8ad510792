"""The stand-ins for programs that need Windows containers: containerd, Docker Engine, their clients; from ``go/``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lab.build import go_program
from lab.cache import cache_root, made_once
from lab.release import CRI_DOCKERD, DOCKER, GO_VERSION, KUBERNETES, NEWEST, Release
from lab.shell import timed
from lab.windows.go_overlay import overlay_digest, write_overlay

_SOURCES = Path(__file__).parent / "go"
_STAGING = "v0." + KUBERNETES.split(".", 1)[1]
_MODULE = "lab/windows-stand-ins"
_REQUIRES = {
    "github.com/containernetworking/cni": "v1.3.0",
    "github.com/pelletier/go-toml/v2": "v2.3.0",
    "golang.org/x/sys": "v0.46.0",
    "google.golang.org/grpc": "v1.79.3",
    "k8s.io/cri-api": _STAGING,
    "k8s.io/cri-streaming": _STAGING,
    "k8s.io/utils": "v0.0.0-20260210185600-b8788abfbbc2",
}


def _versions(release: Release) -> dict[str, str]:
    return {
        "containerd": release.containerd,
        "ctr": release.containerd,
        "dockerd": DOCKER,
        "docker": DOCKER,
        "cri-dockerd": CRI_DOCKERD,
    }


def stand_ins(release: Release = NEWEST) -> dict[str, Path]:
    """Return the paths of the stand-ins by their file names, building them on first use (1-2 min).

    Raises RuntimeError with the end of Go's own output when a build fails.
    """
    versions = _versions(release)
    sources = {str(path.relative_to(_SOURCES)): _digest(path) for path in sorted(_SOURCES.rglob("*.go"))}
    recipe: dict[str, object] = {"sources": sources, "requires": _REQUIRES, "go": GO_VERSION, "versions": versions}
    recipe["overlay"] = overlay_digest()

    def make(folder: Path) -> None:
        with timed(f"built {', '.join(versions)} for Windows hosts"):
            _build(folder, versions)

    folder = made_once("go-windows-stand-ins", recipe, make) / "bin"
    return {f"{name}.exe": folder / f"{name}.exe" for name in versions}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _build(folder: Path, versions: Mapping[str, str]) -> None:
    work, caches = folder / "work", cache_root()
    shutil.copytree(_SOURCES, work)
    requires = "".join(f"require {module} {version}\n" for module, version in _REQUIRES.items())
    go = ".".join(GO_VERSION.split(".")[:2])
    (work / "go.mod").write_text(f"module {_MODULE}\n\ngo {go}\n\n{requires}")
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOARCH": "amd64",
        "GOCACHE": str(caches / "go-build"),
        "GOFLAGS": f"-mod=mod -buildvcs=false -overlay={write_overlay(go_program(), work / 'overlay')}",
        "GOMODCACHE": str(caches / "go-mod"),
        "GONOSUMDB": "*",
        "GOOS": "windows",
        "GOTOOLCHAIN": "local",
    }
    for name, version in versions.items():
        flags = f"-s -w -X main.version={version}"
        target = str(folder / "bin" / f"{name}.exe")
        command = [str(go_program()), "build", "-trimpath", "-ldflags", flags, "-o", target, f"{_MODULE}/{name}"]
        done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    shutil.rmtree(work)
