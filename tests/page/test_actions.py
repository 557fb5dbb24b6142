"""What the page's buttons copy works as pasted into a shell, whatever quotes and substitutions a value has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from tests.generator.fleets import Build, checked
from tests.page.browser import Browser, elements
from tests.page.conftest import Open
from tests.page.test_page import HOSTILE


class _Echo(BaseHTTPRequestHandler):
    """Stands for the server: it answers with what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = json.dumps({"path": self.path, "body": body}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _echo() -> Iterator[int]:
    """The port at which it listens."""
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def _copied(browser: Browser, title: str) -> str:
    """What the clipboard holds after a click on the first button with this title."""
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.execute_cdp_cmd("Browser.grantPermissions", {"permissions": permissions})
    button = elements(browser, f'[aria-label="Copy: {title}"]')[0]
    button.click()
    deadline = time.monotonic() + 5
    while button.text != "Copied":
        assert time.monotonic() < deadline, button.text
        time.sleep(0.02)
    script = "navigator.clipboard.readText().then(arguments[0])"
    text: str = browser.execute_async_script(script)
    return text


def _pasted(command: str, directory: Path) -> str:
    """What a shell prints for it, in which `python3` and `tritonfleet` are those of the test."""
    programs = directory / "programs"
    programs.mkdir(exist_ok=True)
    for name, arguments in {"python3": "", "tritonfleet": " -m tritonfleet"}.items():
        (programs / name).write_text(
            f'#!/bin/sh\nexec {sys.executable}{arguments} "$@"\n'
        )
        (programs / name).chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=directory,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copied_request_works_as_pasted(
    opened: Open, build: Build, tmp_path: Path
) -> None:
    """An echo stands for the server."""
    with _echo() as port:
        browser = opened(build(models=f"{HOSTILE}    http: {{port: {port}}}\n"))
        elements(browser, "tr[data-model] .name button")[0].click()
        commands = [_copied(browser, f"Ask it with {by}") for by in ("curl", "Python")]
        answers = [json.loads(_pasted(command, tmp_path)) for command in commands]
    body = '{"a": "\'; $(touch taken) `touch taken` <b>\\n"}'
    assert answers == [{"path": "/v2/models/m/infer", "body": body}] * 2
    assert not (tmp_path / "taken").exists()


VERSION = "$(touch taken)'\"; `touch taken`"
NEXT = "namespace: models-next\nafter: dev\n"


def test_a_copied_change_works_as_pasted(opened: Open, build: Build) -> None:
    """`set` says again what is there, for a person to write the next version over it; `promote` takes it further."""
    root = build(
        dev=f"patches: {{one: {{modelVersion: {json.dumps(VERSION)}}}}}\n",
        files={"values/environments/next.yaml": NEXT},
    )
    browser = opened(root)
    elements(browser, "tr[data-model] .name button")[0].click()
    change = _copied(browser, "Change its version here")
    promotion = _copied(browser, "Let it run what dev runs")
    assert "nothing to change" in _pasted(f"{change} 2>&1", root)
    assert _versions(root) == {"dev": VERSION, "next": ""}
    _pasted(promotion, root)
    assert _versions(root) == {"dev": VERSION, "next": VERSION}
    assert not (root / "taken").exists()


def _versions(root: Path) -> dict[str, str]:
    """What each environment runs of the only model."""
    return {
        each.environment.name: str(each.value("modelVersion"))
        for each in checked(root).releases
    }
