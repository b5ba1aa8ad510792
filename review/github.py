"""Comments and issues on GitHub: one that is found again by a marker, and changed in place."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from operations.problem import OperationError

AUTHOR = "github-actions[bot]"
"""Who writes with the token of a workflow."""
_SECONDS = 30
_TRIES = 4
_PAGE = 100
_MOST_PAGES = 100
_SERVER_ERROR = 500
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class GitHub:
    """One repository, by its REST API."""

    api: str
    """Where it is: https://api.github.com, or a server of one's own."""
    repository: str
    """OWNER/NAME."""
    token: str
    author: str = AUTHOR
    """Whose comments and issues may be changed: anybody can write a marker into a comment."""
    pause: float = 2
    """Seconds before the second try of a call that the server could not answer; doubled for each further one."""

    def comment(self, number: int, marker: str, text: str) -> str:
        """Make this text our only comment with the marker on a pull request or an issue; return its address.

        Raises OperationError.
        """
        ours = self._first(f"issues/{number}/comments", marker)
        if ours is None:
            made = self._call("POST", f"issues/{number}/comments", {"body": text})
        else:
            made = self._call("PATCH", f"issues/comments/{ours['id']}", {"body": text})
        return str(made["html_url"])

    def issue(self, marker: str, title: str, text: str | None) -> str:
        """Open an issue with the marker, or change the one that is open; without a text, close it.

        Returns its address; nothing if there is none to close. Raises OperationError.
        """
        ours = self._first("issues?state=open", marker)
        if text is None:
            if ours is None:
                return ""
            changed = self._call("PATCH", f"issues/{ours['number']}", {"state": "closed", "state_reason": "completed"})
        elif ours is None:
            changed = self._call("POST", "issues", {"title": title, "body": text})
        else:
            changed = self._call("PATCH", f"issues/{ours['number']}", {"title": title, "body": text})
        return str(changed["html_url"])

    def _first(self, path: str, marker: str) -> dict[str, Any] | None:
        """Return the first one of ours that has the marker in a line of its own."""
        for each in self._pages(path):
            if each["user"]["login"] == self.author and marker in (each.get("body") or "").splitlines():
                return each
        return None

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        join = "&" if "?" in path else "?"
        for page in range(1, _MOST_PAGES + 1):
            found = self._call("GET", f"{path}{join}per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Call the API; a server that could not answer is asked again, unless that may do a thing twice."""
        for attempt in range(_TRIES):
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                passing = error.code == _TOO_MANY or (error.code >= _SERVER_ERROR and method != "POST")
                if not passing or attempt == _TRIES - 1:
                    raise OperationError(
                        f"GitHub answers {error.code} to {method} {path}: {_said(error)}",
                        remedy="the token needs `pull-requests: write` for comments, `issues: write` for issues",
                    ) from None
            except (urllib.error.URLError, TimeoutError) as error:
                if method == "POST" or attempt == _TRIES - 1:
                    raise OperationError(
                        f"{self.api} does not answer: {error}", remedy="run it again; a comment is never made twice"
                    ) from None
            time.sleep(self.pause * 2**attempt)
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
        address = f"{self.api}/repos/{urllib.parse.quote(self.repository)}/{path}"
        if not address.startswith(("https://", "http://127.0.0.1:")):
            raise OperationError(f"{self.api} is no https:// address", remedy="the token must not travel in plain")
        request = urllib.request.Request(  # noqa: S310 - looked at above
            address,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read())


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["message"])
    except (ValueError, KeyError, TypeError):
        return error.reason
