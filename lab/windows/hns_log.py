"""What was asked of a host's HNS, request by request: one line of JSON each in ``hns.log`` of the host's folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.windows.hns import parts
from lab.windows.hns_objects import KINDS, HnsError, Object, frontends
from lab.windows.hns_v1 import PLACES

LOG = "hns.log"
SERVICE_ENDED = "ServiceEnded"
"""Stands in the log where the service ended, which is no request."""
_METHODS = {"GET": "Query", "POST": "Create", "DELETE": "Delete"}


@dataclass(frozen=True)
class Request:
    """One request, and what became of it."""

    time: str
    """When, in UTC."""
    function: str
    """Function of the library that was called: ``HcnCreateNetwork``, ``HNSCall``."""
    verb: str
    """Create, Modify, Delete, Query, Enumerate, Open; empty for what is none of these."""
    kind: str
    """Network, Endpoint, Namespace, LoadBalancer, SdnRoute; empty for what is none of these."""
    name: str
    """What the object is called: its name, a load balancer's addresses and ports, or its id."""
    result: int
    """0, or the error it was refused with."""


def note(function: str, guid: str, text: str, state: Object) -> Request:
    """Describe a request before it is done, while what it may take away is still in the state."""
    try:
        verb, kind, guid = _call(text) if function == "HNSCall" else (*parts(function), guid)
    except HnsError:
        verb = kind = ""
    known = state[KINDS[kind][0]].get(guid.lower(), {}) if kind else {}
    name = _name(known or (_object(text) if verb == "Create" else {})) or guid
    return Request(datetime.now(UTC).isoformat(), function, verb, kind, name, 0)


def _call(text: str) -> tuple[str, str, str]:
    """Return verb, kind and id of ``METHOD /places/id``."""
    method, _, path = text.partition("\n")[0].partition(" ")
    place, _, guid = path.strip("/").partition("/")
    return ("Enumerate" if method == "GET" and not guid else _METHODS[method]), PLACES.get(place, ""), guid


def _object(text: str) -> Object:
    try:
        found: Object = json.loads(text.partition("\n")[2] if text.startswith("POST ") else text)
    except json.JSONDecodeError:
        return {}
    return found


def _name(value: Object) -> str:
    answers = sorted(f"{address}:{port}" for address, _, port in frontends(value))
    return value.get("Name") or ", ".join(answers)


def write(folder: Path, request: Request) -> None:
    """Add a request to the log of the host whose folder it is."""
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(asdict(request)) + "\n")


def read(folder: Path) -> list[Request]:
    """Return the requests in their order; none where the host was never asked."""
    if not (folder / LOG).exists():
        return []
    return [Request(**json.loads(line)) for line in (folder / LOG).read_text(encoding="utf-8").splitlines()]
