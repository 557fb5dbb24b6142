"""A Git host for tests: bare repositories over HTTP, and what GitHub and GitLab answer about comments.

It stands for both hosts as their references describe them; neither was asked.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.cluster.ground.git import git_handler

TOKEN = "a-token"
BOT = 7
"""The number of the user that the token is of."""


@dataclass
class Host:
    """`asked` is every request about comments, in order; `comments` are what the host has."""

    address: str
    directory: Path
    """The bare repository of acme/fleet."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False

    def comment(self, body: str, user: int = BOT, kind: str = "Bot") -> None:
        """A comment that is there already."""
        self.comments.append(
            {
                "id": len(self.comments) + 1,
                "body": body,
                "user": {"id": user, "type": kind},
                "author": {"id": user},
            }
        )

    def answer(self, method: str, path: str, body: dict[str, str]) -> Any:
        """What it answers, in the form of both hosts."""
        self.asked.append(f"{method} {path}")
        place, _, query = path.partition("?")
        if place.endswith("/user"):
            return {"id": BOT}
        if method == "GET":
            number = int(query.rpartition("page=")[2])
            return self.comments[(number - 1) * 100 : number * 100]
        if method == "POST":
            self.comment(body["body"])
            return self.comments[-1]
        changed = self.comments[int(place.rpartition("/")[2]) - 1]
        return changed.update(body) or changed


@contextmanager
def host(directory: Path) -> Iterator[Host]:
    """Serves the bare repositories of a directory, for whoever has the token, and the API below /api."""
    made = Host("", directory / "acme/fleet")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made, directory))
    made.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _handler(made: Host, directory: Path) -> type[BaseHTTPRequestHandler]:
    known = {
        f"Bearer {TOKEN}",
        f"Basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}",
        f"Basic {base64.b64encode(f'tritonfleet:{TOKEN}'.encode()).decode()}",
    }

    class Handler(git_handler(directory)):  # type: ignore[misc]
        def do_GET(self) -> None:  # noqa: N802
            given = self.headers.get_all("Authorization") or []
            token = self.headers.get("PRIVATE-TOKEN")
            # Two headers are what GitHub refuses when a checkout has left its own credentials behind.
            if token != TOKEN and not (len(given) == 1 and given[0] in known):
                self.send_error(401)
            elif made.refuses:
                self.send_error(403)
            elif self.path.startswith("/api/"):
                self._api()
            else:
                super().do_GET()

        do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815

        def _api(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            path = self.path.removeprefix("/api")
            answer = json.dumps(made.answer(self.command, path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    return Handler
