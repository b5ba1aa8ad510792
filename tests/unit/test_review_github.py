"""The comment and the issue on GitHub, against a server that keeps them as GitHub does."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from operations.problem import OperationError
from review.__main__ import main
from review.drift import MARKER as DRIFT_MARKER
from review.github import GitHub
from review.markdown import MARKER

BOT, TOKEN = "github-actions[bot]", "a-token"
BASE = "/repos/owner/name"


@dataclass
class Server:
    """The part of GitHub that we use."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    """Codes that the next calls are answered with."""

    def client(self) -> GitHub:
        return GitHub(self.address, "owner/name", TOKEN, pause=0.01)

    def add(self, where: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        number = len(where) + 1
        made = {"id": number, "number": number, "state": "open", "user": {"login": BOT}, "html_url": f"u/{number}"}
        where.append(made | more)
        return where[-1]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        self.calls.append((method, path))
        if self.failing:
            return self.failing.pop(0), {"message": "not now"}
        path = path.removeprefix(BASE)
        if method == "GET":
            kept = self.comments if path.endswith("/comments") else [i for i in self.issues if i["state"] == "open"]
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return 200, kept[(page - 1) * size : page * size]
        if method == "POST":
            return 201, self.add(self.comments if path.endswith("/comments") else self.issues, **body)
        number = int(re.fullmatch(r"/issues(?:/comments)?/(\d+)", path)[1])  # type: ignore[index]
        found = (self.comments if "/comments/" in path else self.issues)[number - 1]
        found.update(body)
        return 200, found


@pytest.fixture
def server() -> Iterator[Server]:
    github = Server()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            code, answer = github.answer(self.command, url.path, parse_qs(url.query), body)
            text = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _do  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        github.address = f"http://127.0.0.1:{http.server_port}"
        yield github
        http.shutdown()


def test_the_first_comment_is_made_and_every_other_one_changes_it(server: Server) -> None:
    for text in ("one", "two", "three"):
        assert server.client().comment(7, MARKER, f"{MARKER}\n{text}") == "u/1"
    assert [each["body"] for each in server.comments] == [f"{MARKER}\nthree"]
    assert ("POST", f"{BASE}/issues/7/comments") in server.calls


def test_ours_is_found_behind_hundreds_of_others(server: Server) -> None:
    for number in range(250):
        server.add(server.comments, body=f"comment {number}", user={"login": "somebody"})
    server.client().comment(7, MARKER, f"{MARKER}\nours")
    server.client().comment(7, MARKER, f"{MARKER}\nours again")
    assert len(server.comments) == 251
    assert server.comments[-1]["body"].endswith("ours again")


def test_a_marker_that_somebody_else_wrote_is_not_followed(server: Server) -> None:
    server.add(server.comments, body=f"{MARKER}\nforged", user={"login": "somebody"})
    server.add(server.comments, body=f"> {MARKER} quoted", user={"login": BOT})
    server.client().comment(7, MARKER, f"{MARKER}\nours")
    assert [each["body"] for each in server.comments] == [
        f"{MARKER}\nforged",
        f"> {MARKER} quoted",
        f"{MARKER}\nours",
    ]


def test_a_server_that_cannot_answer_is_asked_again(server: Server) -> None:
    server.add(server.comments, body=MARKER)
    server.failing = [502, 503]
    server.client().comment(7, MARKER, f"{MARKER}\nlater")
    assert server.comments[0]["body"].endswith("later")


def test_a_comment_is_not_made_twice_and_a_refusal_says_what_the_token_needs(server: Server) -> None:
    client = server.client()
    assert client.comment(7, MARKER, MARKER)
    server.comments.clear()

    def fail_on_post(method: str, path: str, query: Any, body: Any) -> tuple[int, Any]:
        server.calls.append((method, path))
        return (502, {"message": "away"}) if method == "POST" else (200, [])

    server.calls.clear()
    server.answer = fail_on_post  # type: ignore[method-assign]
    with pytest.raises(OperationError, match="502"):
        client.comment(7, MARKER, MARKER)
    assert [method for method, _ in server.calls] == ["GET", "POST"]
    server.answer = lambda *_: (403, {"message": "Resource not accessible"})  # type: ignore[method-assign]
    with pytest.raises(OperationError, match="pull-requests: write"):
        client.comment(7, MARKER, MARKER)


def test_a_token_does_not_travel_in_plain() -> None:
    with pytest.raises(OperationError, match="https"):
        GitHub("http://github.example.com", "owner/name", TOKEN).comment(7, MARKER, MARKER)


def test_drift_has_one_issue_which_is_changed_and_closed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_API_URL", server.address)
    file = tmp_path / "drift.json"
    line = ["drift-issue", "--stack", "mysite", "--repository", "owner/name", "--file", str(file)]

    def told(findings: list[dict[str, str]], **problems: str) -> None:
        file.write_text(json.dumps({"findings": findings, "problems": problems, "repairs": {}}))
        assert main(line) == 0

    finding = {"place": "win1", "kind": "service", "name": "kube|let", "repair": "win1-joined", "remedy": ""}
    told([])
    assert not server.issues
    told([finding], win2="no answer")
    told([finding, finding])
    (issue,) = server.issues
    assert issue["title"] == "Drift in mysite"
    assert issue["body"].startswith(DRIFT_MARKER.format(stack="mysite"))
    assert "**2** things" in issue["body"]
    assert "| win1 | service | `kube\\|let` | `win1-joined` |" in issue["body"]
    told([])
    assert issue["state"] == "closed"
    told([finding])
    assert [each["state"] for each in server.issues] == ["closed", "open"]


def test_only_a_review_is_posted_as_one(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_API_URL", server.address)
    file = tmp_path / "review.md"
    line = ["comment", "--repository", "owner/name", "--pull-request", "7", "--file", str(file)]
    file.write_text("something else")
    assert main(line) == 1
    file.write_text(f"{MARKER}\ntext\n")
    assert main(line) == 0
    assert len(server.comments) == 1
