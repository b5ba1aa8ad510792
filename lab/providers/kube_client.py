"""Speaks to one API server: requests, errors, and which resource a kind is."""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from lab.providers.kube_config import Access

Object = dict[str, Any]
APPLY, JSON_PATCH = "application/apply-patch+yaml", "application/json-patch+json"
# So many requests are under way at once; a request that waits for nothing but the server is short.
_CONNECTIONS = 32


class ApiError(Exception):
    """The server's answer was an error; the message is the server's own."""

    def __init__(self, code: int, status: Object) -> None:
        super().__init__(status.get("message") or f"the server answered with status {code}")
        self.code, self.reason = code, str(status.get("reason") or "")
        self.causes: list[Object] = (status.get("details") or {}).get("causes") or []


class UnreachableError(Exception):
    """No answer came from the server."""


class NoMatchError(Exception):
    """The server knows no such kind."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects of one kind live."""

    prefix: str
    """For example ``/api/v1`` or ``/apis/apps/v1``."""
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "") -> str:
        """Return the path of an object, or without a name that of all of them in the namespace."""
        middle = f"/namespaces/{quote(namespace or 'default')}" if self.namespaced else ""
        return f"{self.prefix}{middle}/{self.plural}" + (f"/{quote(name)}" if name else "")


def _tls(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.ca or None)
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.certificate:
        # OpenSSL reads a certificate and its key from files only: they are gone once it has.
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder) / "pair.pem"
            pair.touch(0o600)
            pair.write_text(access.certificate + "\n" + access.key)
            context.load_cert_chain(pair)
    return context


class KubeClient:
    """One API server. Safe to use from many calls at once."""

    def __init__(self, access: Access, timeout: float = 30) -> None:
        secure = access.server.startswith("https://")
        options: dict[str, Any] = {"ssl_context": _tls(access)} if secure else {}
        if access.server_name:
            options["server_hostname"] = access.server_name
        self._server = access.server
        self._headers = {"Accept": "application/json"}
        if access.token:
            self._headers["Authorization"] = f"Bearer {access.token}"
        self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, retries=False, timeout=timeout, **options)
        self._threads = ThreadPoolExecutor(_CONNECTIONS)
        self._kinds: dict[str, dict[str, Place]] = {}

    def _request(self, method: str, url: str, body: bytes | None, kind: str) -> Object:
        try:
            headers = {**self._headers, "Content-Type": kind}
            response = self._pool.request(method, url, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{method} {url}: {error}") from None
        try:
            answer = json.loads(response.data) if response.data else {}
        except ValueError:
            answer = {"message": response.data.decode(errors="replace")}
        if response.status >= 400:
            raise ApiError(response.status, answer if isinstance(answer, dict) else {})
        return answer if isinstance(answer, dict) else {}

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
    ) -> Object:
        """Send one request and return the answer. Raises ApiError or UnreachableError."""
        url = self._server + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._request, method, url, data, kind)

    async def place(self, api_version: str, kind: str) -> Place:
        """Return where objects of a kind live. Raises NoMatchError if the server does not know it."""
        prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        known = self._kinds.get(api_version)
        if known is None or kind not in known:
            try:
                listed = await self.request("GET", prefix)
            except ApiError as error:
                if error.code != 404:
                    raise
                listed = {}
            known = {
                item["kind"]: Place(prefix, item["name"], item["namespaced"])
                for item in listed.get("resources") or []
                if "/" not in item["name"]
            }
            self._kinds[api_version] = known
        if kind not in known:
            raise NoMatchError(f'no matches for kind "{kind}" in version "{api_version}"')
        return known[kind]

    async def object_path(self, item: Object, name: str | None = None) -> str:
        """Return the path of an object; with an empty ``name`` that of its collection."""
        metadata = item.get("metadata") or {}
        place = await self.place(item["apiVersion"], item["kind"])
        return place.path(metadata.get("namespace") or "", metadata.get("name", "") if name is None else name)

    async def live(self, item: Object) -> Object | None:
        """Return the object as the server has it, or None if it has none of that name."""
        try:
            return await self.request("GET", await self.object_path(item))
        except ApiError as error:
            if error.code == 404:
                return None
            raise
