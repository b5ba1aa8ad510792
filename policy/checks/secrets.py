"""Secrets are secrets to the engine too: else they stand in its state and in every preview as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .resource import Resource, SecretText, parameters, texts

_SHAPES = {
    "a private key": re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File"),
    "a private key in base64": re.compile(
        r"LS0tLS1CRUdJTi(BQUklWQVRF|BSU0EgUFJJVkFURS|BFQyBQUklWQVRF|BPUEVOU1NIIFBSSVZBVE)"
    ),
    "a bootstrap token": re.compile(r"(?<![A-Za-z0-9.])[a-z0-9]{6}\.[a-z0-9]{16}(?![A-Za-z0-9.])"),
    "a JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    "a key of a cloud": re.compile(r"\bAKIA[0-9A-Z]{16}\b|AccountKey=[A-Za-z0-9+/=]{20,}"),
    "a password in an address": re.compile(r"://[^/\s:@\"']+:[^/\s@\"']+@"),
}
"""What is a secret by its looks, and hardly ever anything else."""
_NAMES = re.compile(r"(password|passphrase|privatekey|clientsecret|accesstoken|bearertoken)$")


def plain(resource: Resource) -> Iterator[str]:
    """Yield a sentence for each text that is a secret, and no secret to the engine. Never the text itself."""
    found = dict(_found(texts(resource.inputs)))
    if not isinstance(resource.inputs.get("stdin"), SecretText):
        named = _found(texts(parameters(resource), "stdin"))
        found |= {path: what for path, what in named if "stdin" not in found}
    for path, what in found.items():
        yield f"{path} holds {what} in plain: make it a secret (`pulumi config set --secret`)"


def _found(listed: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for path, text in listed:
        if text and not isinstance(text, SecretText):
            shapes = (what for what, shape in _SHAPES.items() if shape.search(text))
            name = path.rpartition(".")[2].lower().replace("_", "")
            what = next(shapes, "a secret by its name" if _NAMES.search(name) else "")
            if what:
                yield path, what
