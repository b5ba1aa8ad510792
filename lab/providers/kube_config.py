"""Kubeconfig files: which cluster is the active one, and how to reach it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class KubeconfigError(Exception):
    """The text is no usable kubeconfig; the message says why."""


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to speak to one API server."""

    server: str
    namespace: str
    ca: str = ""
    """PEM text; empty for the machine's own authorities."""
    certificate: str = ""
    key: str = ""
    token: str = ""
    insecure: bool = False
    server_name: str = ""


def _load(text: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        parsed = yaml.load(text, Loader=loader)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError as error:
        raise KubeconfigError(f"yaml: {error}") from None
    if not isinstance(parsed, dict):
        raise KubeconfigError("json: cannot unmarshal string into Go value of type v1.Config")
    return parsed


def contents(path_or_contents: str) -> str:
    """Return a kubeconfig given either as the path of a file or as its text."""
    path = Path(path_or_contents).expanduser() if "\n" not in path_or_contents else None
    try:
        if path is not None and path.exists():
            return path.read_text()
    except OSError as error:
        raise KubeconfigError(str(error)) from None
    return path_or_contents


def _named(entries: object, name: str, kind: str) -> dict[str, Any]:
    for entry in entries if isinstance(entries, list) else []:
        if entry.get("name") == name:
            found: dict[str, Any] = entry.get(kind) or {}
            return found
    return {}


def _context(config: dict[str, Any], context: str) -> dict[str, Any]:
    return _named(config.get("contexts"), context or config.get("current-context") or "", "context")


def active_cluster(text: str, context: str, cluster: str) -> dict[str, Any]:
    """Return the entry of the active cluster as it stands in the text: server, authority and all.

    ``context`` and ``cluster`` are the provider's arguments of these names; they win over the file.
    """
    config = _load(text)
    return _named(config.get("clusters"), cluster or _context(config, context).get("cluster") or "", "cluster")


def _data(entry: dict[str, Any], name: str) -> str:
    """Return PEM text that an entry holds in base64 or names as a file."""
    if entry.get(f"{name}-data"):
        return base64.b64decode(entry[f"{name}-data"]).decode()
    return Path(entry[name]).read_text() if entry.get(name) else ""


def access(text: str, context: str, cluster: str) -> Access:
    """Return how to reach the active cluster. Raises KubeconfigError."""
    config = _load(text)
    chosen = _context(config, context)
    entry = active_cluster(text, context, cluster)
    if not entry.get("server"):
        raise KubeconfigError("invalid configuration: no configuration has been provided")
    user = _named(config.get("users"), chosen.get("user") or "", "user")
    try:
        return Access(
            server=str(entry["server"]).rstrip("/"),
            namespace=chosen.get("namespace") or "default",
            ca=_data(entry, "certificate-authority"),
            certificate=_data(user, "client-certificate"),
            key=_data(user, "client-key"),
            token=user.get("token") or (Path(user["tokenFile"]).read_text().strip() if user.get("tokenFile") else ""),
            insecure=bool(entry.get("insecure-skip-tls-verify")),
            server_name=entry.get("tls-server-name") or "",
        )
    except (OSError, ValueError) as error:
        raise KubeconfigError(str(error)) from None
