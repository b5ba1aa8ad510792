r"""What must not be in an archive of logs, and how it is taken out.

Each pattern means the same to Python, to Perl (on Linux nodes) and to .NET (on Windows nodes), because the same ones
are applied on the node, before anything travels, and here again. Its first group is what stays before the secret. They
take too much rather than too little: a word lost after "token:" is no harm.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from urllib.parse import quote

REMOVED = "[removed]"

_NAMES = (
    r"(?:password|passwd|passphrase|secret|token|credentials?|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|certificate[-_]key|key-data)"
)
_IS = r"\s*(?:=>|[:=])\s*"

PATTERNS: tuple[str, ...] = (
    # A private key in PEM, also with its line ends written as \n.
    r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(?:[A-Za-z0-9+/=\s\\:,]|-(?!----))*",
    # "-----BEGIN " in base64, when "CERTIFICATE" does not follow: the key-data of a kubeconfig.
    r"()LS0tLS1CRUdJTiB(?!DRVJUSUZJQ0FURS)[A-Za-z0-9+/=_-]+",
    # A bootstrap token of kubeadm; a JSON web token; keys of clouds and of GitHub, which say what they are.
    r"()(?<![A-Za-z0-9.])[a-z0-9]{6}\.[a-z0-9]{16}(?![A-Za-z0-9.])",
    r"()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.?[A-Za-z0-9_-]*",
    r"()\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,})\b",
    r"(?i)((?:AccountKey|SharedAccessKey|sig)=)[A-Za-z0-9%+/=_-]{10,}",
    # User and password in a URL.
    r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@\"']+(?=@)",
    r"(?i)(authorization\W{1,4}(?:(?:bearer|basic|digest|negotiate)\s+)?)[^\s\"',;]{4,}",
    r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}",
    r"(?i)(\"auth\"\s*:\s*\")[^\"]+",
    # A variable of a container, in JSON, which may stand in a JSON text itself.
    rf"(?i)(\\*\"name\\*\"{_IS}\\*\"[^\"\n]*{_NAMES}[^\"\n]*\"\s*,[\s\\n]*\\*\"value\\*\"{_IS}(\\*\"))(?:(?!\2)[^\n])+",
    # NAME = "value", NAME: 'value', and the same inside of a JSON text that is itself quoted.
    rf"(?i)({_NAMES}[\"']?{_IS}([\"']))(?:(?!\2)[^\\\n]|\\.)+",
    rf"(?i)({_NAMES}\\+\"{_IS}\\+\")(?:(?!\\+\")[^\n])+",
    rf"(?i)({_NAMES}[\"']?{_IS})(?!true\b|false\b|null\b|none\b|\[removed)[^\s\"'\\{{\[(][^\s\"']{{2,}}",
    # --token value, -Password value; what follows it in our own remedies is the name of a secret, and then its value.
    rf"(?i)((?<![\w-])(?<!pulumi config set )--?(?:[a-z]+-)*{_NAMES}\s+)[^\s\"'-][^\s\"']*",
    r"(?i)(\bpulumi config set --secret\s+[\w:.-]+[ \t]+)(?![<|&;])(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'`]+)",
)

CUT_PATTERN = r"\A(?:(?!-----BEGIN)[\s\S]){0,16384}?-----END [A-Z0-9 ]*PRIVATE KEY-----"
"""The rest of a private key at the start of a text whose beginning was cut off."""

_BLOB = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_SHORTEST_KNOWN = 6


class Redactor:
    """Takes secrets out of texts: those that look like one, and those that are known."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._patterns = [re.compile(pattern.encode()) for pattern in PATTERNS]
        forms = {form for secret in known for form in _forms(secret)}
        # The longest first: one may be part of another.
        known_forms = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
        self._known = re.compile(b"|".join(known_forms)) if known_forms else None

    def clean(self, text: bytes) -> bytes:
        """Return the text without secrets, also without those that stand in it encoded as base64."""
        return _BLOB.sub(self._clean_blob, self._plain(text.replace(b"\0", b"")))

    def _plain(self, text: bytes) -> bytes:
        if self._known:
            text = self._known.sub(REMOVED.encode(), text)
        for pattern in self._patterns:
            text = pattern.sub(rb"\g<1>" + REMOVED.encode(), text)
        return text

    def _clean_blob(self, found: re.Match[bytes]) -> bytes:
        blob = found[0].rstrip(b"=")
        try:
            inside = base64.urlsafe_b64decode(blob.translate(_URLSAFE) + b"=" * (-len(blob) % 4))
        except (ValueError, binascii.Error):
            return found[0]
        readable = inside.replace(b"\0", b"")
        return REMOVED.encode() if readable.isascii() and self._plain(readable) != readable else found[0]


_URLSAFE = bytes.maketrans(b"+/", b"-_")


def _forms(secret: str) -> Iterable[bytes]:
    """Yield the ways a known secret may be written: as it is, its lines, in a URL, in JSON, in base64."""
    for text in {secret, *secret.splitlines()}:
        plain = text.strip()
        if len(plain) < _SHORTEST_KNOWN or plain.startswith("-----"):
            continue
        raw = plain.encode()
        yield raw
        yield quote(plain, safe="").encode()
        yield plain.replace("\n", "\\n").encode()
        yield from _inside_base64(raw)


def _inside_base64(raw: bytes) -> Iterable[bytes]:
    """Yield what of a text in base64 does not depend on its neighbours, at each of its three places in a group."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        start = (before * 8 + 5) // 6
        end = ((before + len(raw)) * 8) // 6
        if end - start >= _SHORTEST_KNOWN:
            yield encoded[start:end]
