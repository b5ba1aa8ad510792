"""The site's own certificate authorities, as each operating system takes them into its store."""

from __future__ import annotations

import hashlib
import ssl

from config.certificates import split_pem
from config.nodes import Os
from config.settings import Settings

from plan.step import Step


def trusting(settings: Settings, os: Os) -> tuple[Step, ...]:
    """Return the step that makes a machine trust the site's own authorities; none when it has none."""
    certificates = tuple(split_pem(settings.ca_bundle or ""))
    if not certificates:
        return ()
    names = ("Certificates", "Thumbprints") if os == "windows" else ("certificates", "thumbprints")
    scripts = {
        "linux": ("trust-ca.sh", "distrust-ca.sh"),
        "windows": ("Install-CaCertificate.ps1", "Uninstall-CaCertificate.ps1"),
    }
    script, undo = scripts[os]
    parameters = dict(zip(names, (certificates, tuple(map(_thumbprint, certificates))), strict=True))
    return (Step("ca-trusted", script, parameters, undo=undo, time_limit=300),)


def _thumbprint(pem: str) -> str:
    """Return what Windows calls a certificate by: the SHA-1 of it, in hexadecimal."""
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem), usedforsecurity=False).hexdigest().upper()
