"""Finding out the SHA-256 of a file on a release server."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.downloads import is_sha256

Fetch = Callable[[str], Iterator[bytes] | None]
"""Given a URL, returns what is there in pieces, or None if nothing is there (404). Raises OSError otherwise."""

_SIDE_FILES = (".sha256", ".sha256sum")
_SUM_FILES = {"/opencontainers/runc/": "runc.sha256sum"}
_LARGEST_SIDE_FILE = 1 << 16
_PIECE = 1 << 20
_NOT_FOUND = 404
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Digest:
    """A SHA-256 and how it was found out."""

    sha256: str
    origin: str
    """URL of the publisher's own list, or ``downloaded and hashed``."""


def find_digest(url: str, fetch: Fetch) -> Digest:
    """Return a file's digest: as its publisher states it beside the file, else of the file as it is served now.

    Raises FileNotFoundError if the file is not there, OSError if the server cannot be asked.
    """
    for side_file in _side_files(url):
        pieces = fetch(side_file)
        digest = None if pieces is None else _stated(_text(pieces), url.rsplit("/", 1)[-1])
        if digest is not None:
            return Digest(digest, side_file)
    pieces = fetch(url)
    if pieces is None:
        raise FileNotFoundError(f"nothing at {url}")
    hashed = hashlib.sha256()
    for piece in pieces:
        hashed.update(piece)
    return Digest(hashed.hexdigest(), "downloaded and hashed")


def fetch_from_web(url: str) -> Iterator[bytes] | None:
    """Fetch over http or https; raises OSError for any other answer than 200 and 404."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise OSError(f"{url}: only http and https can be fetched")
    try:
        response = urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS)  # noqa: S310 - the scheme is checked above
    except urllib.error.HTTPError as error:
        if error.code == _NOT_FOUND:
            return None
        raise
    return iter(lambda: response.read(_PIECE), b"")


def _side_files(url: str) -> Iterator[str]:
    for path, name in _SUM_FILES.items():
        if path in url:
            yield f"{url.rsplit('/', 1)[0]}/{name}"
    yield from (url + suffix for suffix in _SIDE_FILES)


def _text(pieces: Iterator[bytes]) -> str:
    content = b""
    for piece in pieces:
        content += piece
        if len(content) > _LARGEST_SIDE_FILE:
            break
    return content.decode("ascii", errors="replace")


def _stated(text: str, file_name: str) -> str | None:
    """Return the digest in a file of ``HEX`` or of lines ``HEX  NAME``; None if it is neither, or of others only."""
    for line in text.splitlines():
        fields = line.split()
        if fields and is_sha256(fields[0]) and (len(fields) == 1 or fields[-1].lstrip("*./") == file_name):
            return fields[0].lower()
    return None
