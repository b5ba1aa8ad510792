"""Certificate authorities of a site: which PEM texts can be used."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cryptography import x509

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def split_pem(text: str) -> list[str]:
    """Return the certificates of a PEM text, each with a line end; what stands between them is left out."""
    return [f"{block}\n" for block in _CERTIFICATE.findall(text.replace("\r", ""))]


def certificate_fault(pem: str, now: datetime | None = None) -> tuple[str, str] | None:
    """Return what is wrong with a certificate of an authority, and the remedy; None if it can be used."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        subject = certificate.subject.rfc4514_string() or "(no subject)"
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return f"{subject} is the certificate of no authority", "give the one of the authority that has signed it"
    except ValueError:
        return "cannot be read as an X.509 certificate", "export it again, in PEM format (Base64)"
    if not constraints.ca:
        return f"{subject} is the certificate of no authority", "give the one of the authority that has signed it"
    end = certificate.not_valid_after_utc
    if end <= (now or datetime.now(UTC)):
        return f"{subject} has expired on {end:%Y-%m-%d}", "take it out, or replace it by its successor"
    return None
