"""The Kubernetes API, by the administrator's kubeconfig that the stack's outputs hold; read only."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from operations.problem import OperationError
from operations.stack import Stack

_SECONDS = 30


class ApiError(Exception):
    """The API server does not answer, or refuses; the text says which."""


class Api:
    """The API server of one cluster."""

    def __init__(self, kubeconfig: str) -> None:
        """Read a kubeconfig with certificates inside, as kubeadm writes it; raises ValueError for another one."""
        document = yaml.safe_load(kubeconfig)
        try:
            cluster = document["clusters"][0]["cluster"]
            user = document["users"][0]["user"]
            self._server = str(cluster["server"])
            authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
            self.key = base64.b64decode(user["client-key-data"]).decode()
            certificate = base64.b64decode(user["client-certificate-data"]).decode()
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"the kubeconfig has no {error}") from None
        self._tls = ssl.create_default_context(cadata=authority)
        # Python reads a certificate's key from a file only.
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder) / "client.pem"
            pair.touch(mode=0o600)
            pair.write_text(certificate + self.key)
            self._tls.load_cert_chain(pair)

    def read(self, path: str) -> bytes:
        """Return what stands at a path, with its query if it has one. Raises ApiError."""
        request = urllib.request.Request(self._server + path)  # noqa: S310 - the address is the kubeconfig's
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                found: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(f"{path}: {error.code} {_message(error.read())}") from None
        except OSError as error:
            raise ApiError(f"{self._server} does not answer: {getattr(error, 'reason', None) or error}") from None
        return found

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the objects of a list. Raises ApiError."""
        items: list[dict[str, Any]] = json.loads(self.read(path))["items"]
        return items


def api_of(stack: Stack) -> Api:
    """Return the API of the stack's cluster. Raises OperationError where the stack has no kubeconfig to read."""
    kubeconfig = stack.pulumi.outputs().get("kubeconfig")
    if not kubeconfig:
        raise OperationError(f"stack {stack.name} has no output kubeconfig", remedy="bring it up first: `pulumi up`")
    try:
        return Api(kubeconfig)
    except ValueError as error:
        raise OperationError(str(error), remedy="look at `pulumi stack output kubeconfig --show-secrets`") from None


def quoted(name: str) -> str:
    """Return a name as one part of a path."""
    return urllib.parse.quote(name, safe="")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace").strip()
