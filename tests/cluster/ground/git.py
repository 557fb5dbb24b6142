"""A Git repository as a team has one: a work tree to commit in, and a smart HTTP server that both engines can read."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PERSON = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]


@dataclass(frozen=True)
class Repository:
    """`tree` is where people write; engines read http://127.0.0.1:<port>/fleet.git."""

    tree: Path

    def commit(self, message: str) -> str:
        """Commit everything and push; the commit."""
        self.git("add", "--all")
        self.git(*PERSON, "commit", "--quiet", f"--message={message}")
        self.git("push", "--quiet", "origin", "main")
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.tree), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout


@contextmanager
def repository(directory: Path, port: int) -> Iterator[Repository]:
    """A new, empty one, served until the end."""
    bare, tree = directory / "fleet.git", directory / "tree"
    for path, *flags in ((bare, "--bare"), (tree,)):
        subprocess.run(
            ["git", "init", "--quiet", "--initial-branch=main", *flags, str(path)],
            check=True,
        )
    server = ThreadingHTTPServer(("127.0.0.1", port), git_handler(directory))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Repository(tree)
    made.git("remote", "add", "origin", str(bare))
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def git_handler(directory: Path) -> type[BaseHTTPRequestHandler]:
    """Hands each request to `git http-backend`, which speaks CGI."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b"".join(iter(self._chunk, b""))
            env = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(directory),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                env=env,
                capture_output=True,
                check=True,
            )
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815

        def _chunk(self) -> bytes:
            size = int(self.rfile.readline(), 16)
            return self.rfile.read(size + 2)[:size]

        def log_message(self, format: str, *args: object) -> None:
            """The engines ask every few seconds: nobody reads that."""

    return Handler
