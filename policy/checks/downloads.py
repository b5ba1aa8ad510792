"""Nothing is fetched without saying which bytes are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .resource import Resource, command_lines, parameters, texts

_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")
_URL_NAME = re.compile(r"(?P<stem>.*?)(?P<end>_urls?|Urls?)")
_DIGEST_NAMES = {"_url": "_digest", "_urls": "_digests", "Url": "Digest", "Urls": "Digests"}
_PROGRAM = re.compile(r"[^|]*\|(?P<url>https?://[^|]*)\|(?P<digest>[^|]*)(\|.*)?", re.DOTALL)
_FETCHES = re.compile(r"\b(curl|wget|Invoke-WebRequest|iwr|Start-BitsTransfer|DownloadFile)\b.*https?://", re.DOTALL)
_CHECKS = re.compile(r"sha(256|512)sum|shasum|Get-FileHash", re.IGNORECASE)
_REMEDY = "record its SHA-256"


def unpinned(resource: Resource) -> Iterator[str]:
    """Yield a sentence for each download whose bytes nobody has said, and each image that is whatever is newest."""
    given = parameters(resource)
    for name, value in given.items():
        yield from _of_parameter(name, value, given)
    for name, line in command_lines(resource):
        if _FETCHES.search(line) and not _CHECKS.search(line):
            yield f"{name} fetches something and looks at no digest: {_REMEDY}, and compare it"
    if resource.type.startswith("kubernetes:"):
        yield from _images(resource)


def _of_parameter(name: str, value: Any, given: dict[str, Any]) -> Iterator[str]:
    named = _URL_NAME.fullmatch(name)
    if named and value:
        digest_name = named["stem"] + _DIGEST_NAMES[named["end"]]
        urls, digests = _listed(value), _listed(given.get(digest_name) or [])
        if len(urls) != len(digests) or not all(_DIGEST.fullmatch(each) for each in digests):
            yield f"{name} has no digest beside it in {digest_name}: {_REMEDY}"
    for item in _listed(value):
        program = _PROGRAM.fullmatch(item)
        if program and not _DIGEST.fullmatch(program["digest"]):
            yield f"{name} fetches {program['url']} without a digest: {_REMEDY}"


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _images(resource: Resource) -> Iterator[str]:
    for path, image in texts(resource.inputs):
        if path.rpartition(".")[2] == "image" and "@sha256:" not in image:
            tag = image.rpartition("/")[2].partition(":")[2]
            if tag in ("", "latest"):
                yield f"{path} {image} is whatever is newest: name a version"
