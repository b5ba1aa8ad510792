"""Writing container images as a docker-archive, the file that `docker save` makes and `ctr images import` reads."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CREATED = "2026-01-01T00:00:00Z"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link in a layer."""

    target: str


@dataclass(frozen=True, slots=True)
class Folder:
    """An empty folder in a layer."""

    mode: int = 0o755


Entry = Path | bytes | Link | Folder
"""What stands at a path of a layer: a copy of a file (or of a link), given content, a link, or a folder."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its references, its layers from the bottom up, and how it starts."""

    references: tuple[str, ...]
    layers: tuple[str, ...]
    """Names of layers of the archive."""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    os: str = "linux"
    os_version: str | None = None
    user: str = ""


def write_tar(path: Path, entries: Mapping[str, Entry]) -> str:
    """Write a tar file that is the same, byte for byte, for the same entries, and return its sha256."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        add_entries(tar, entries)
    return file_digest(path)


def add_entries(tar: tarfile.TarFile, entries: Mapping[str, Entry]) -> None:
    """Add entries to a tar file in the order of their paths, owned by root, without times."""
    for name in sorted(entries):
        entry = entries[name]
        info = tarfile.TarInfo(name)
        if isinstance(entry, Path) and entry.is_symlink():
            entry = Link(str(entry.readlink()))
        if isinstance(entry, Link):
            info.type, info.linkname = tarfile.SYMTYPE, entry.target
            tar.addfile(info)
        elif isinstance(entry, Folder):
            info.type, info.mode = tarfile.DIRTYPE, entry.mode
            tar.addfile(info)
        elif isinstance(entry, bytes):
            info.size = len(entry)
            tar.addfile(info, io.BytesIO(entry))
        else:
            status = entry.stat()
            info.size, info.mode = status.st_size, 0o755 if status.st_mode & 0o111 else 0o644
            with entry.open("rb") as file:
                tar.addfile(info, file)


def file_digest(path: Path) -> str:
    """Return a file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _configuration(image: Image, diff_ids: Sequence[str]) -> bytes:
    settings: dict[str, object] = {"Env": [_PATH] if image.os == "linux" else []}
    for name, value in (("Entrypoint", list(image.entrypoint)), ("Cmd", list(image.command)), ("User", image.user)):
        if value:
            settings[name] = value
    document: dict[str, object] = {
        "architecture": "amd64",
        "os": image.os,
        "created": _CREATED,
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in diff_ids]},
    }
    if image.os_version:
        document["os.version"] = image.os_version
    return json.dumps(document, sort_keys=True).encode()


def write_archive(path: Path, layers: Mapping[str, Mapping[str, Entry]], images: Sequence[Image]) -> None:
    """Write one docker-archive of several images; a layer that several of them share is in it once."""
    digests: dict[str, str] = {}
    manifest = []
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, entries in layers.items():
            scratch = path.with_name(f"{path.name}.layer")
            digest = digests[name] = write_tar(scratch, entries)
            add_entries(tar, {f"{digest}/layer.tar": scratch})
            scratch.unlink()
        for image in images:
            chosen = [digests[name] for name in image.layers]
            configuration = _configuration(image, chosen)
            file_name = f"{hashlib.sha256(configuration).hexdigest()}.json"
            add_entries(tar, {file_name: configuration})
            manifest.append(
                {
                    "Config": file_name,
                    "RepoTags": list(image.references),
                    "Layers": [f"{digest}/layer.tar" for digest in chosen],
                }
            )
        add_entries(tar, {"manifest.json": json.dumps(manifest).encode()})
