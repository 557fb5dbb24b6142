"""An answer against what is expected: the command says the same of it as the program that the chart runs in pods."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.generator.fleets import CHART
from tritonfleet.report.smoke import Answered, smoke_text
from tritonfleet.smoke import Asked
from tritonfleet.smoke.answers import differences, in_one_line, outputs_of

PROGRAM = (CHART / "files" / "ask.py.txt").read_text()
TWO = {"outputs": [
    {"name": "A", "datatype": "FP32", "shape": [1, 2], "data": [1.0, 2.5]},
    {"name": "B", "datatype": "BYTES", "shape": [1], "data": ["yes"]},
]}  # fmt: skip
TEXT = {"model_name": "m", "text_output": "a cat"}
CASES = {
    "everything": (TWO, {"A": {"datatype": "FP32", "shape": [1, 2], "data": [[1, 2.5]]}, "B": {"data": "yes"}}, []),
    "any size": (TWO, {"A": {"shape": [-1, 2]}, "B": {}}, []),
    "within": (TWO, {"A": {"data": [1.01, 2.49], "tolerance": 0.02}}, []),
    "not within": (TWO, {"A": {"data": [1.01, 2.49]}}, ["value 0 of A is 1.0, expected 1.01"]),
    "another type": (TWO, {"A": {"datatype": "FP64"}}, ["A is FP32, expected FP64"]),
    "another shape": (TWO, {"A": {"shape": [2, 2], "data": [1]}}, ["A has shape [1, 2], expected [2, 2]"]),
    "fewer": (TWO, {"A": {"data": [1]}}, ["A has 2 values, expected 1"]),
    "not there": (TWO, {"C": {}}, ["there is no C, only A, B"]),
    "another text": (TWO, {"B": {"data": ["no"]}}, ['value 0 of B is "yes", expected "no"']),
    "a number as text": (TWO, {"A": {"data": ["1.0", 2.5]}}, ['value 0 of A is 1.0, expected "1.0"']),
    "generated": (TEXT, {"text_output": {"data": "a cat"}}, []),
    "generated otherwise": (TEXT, {"text_output": {"data": "a dog"}},
                            ['value 0 of text_output is "a cat", expected "a dog"']),
    "two of two": (TWO, {"A": {"data": [1, 2]}, "B": {"data": "no"}},
                   ["value 1 of A is 2.5, expected 2", 'value 0 of B is "yes", expected "no"']),
}  # fmt: skip


@contextmanager
def answering(answer: object) -> Iterator[str]:
    """A server that answers this to everybody."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads that."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v2/models/m/infer"
        server.shutdown()


@pytest.mark.parametrize(("answer", "expect", "said"), CASES.values(), ids=CASES)
def test_command_and_probe_say_the_same(
    answer: dict[str, Any], expect: dict[str, Any], said: list[str]
) -> None:
    found = list(differences(expect, outputs_of(answer)))
    settings = json.dumps({"seconds": 10, "expect": expect})
    with answering(answer) as url:
        command = [sys.executable, "-I", "-c", PROGRAM, url, "{}", settings]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    words = f"Wrong: {'; '.join(said)}\n" if said else ""
    assert (found, done.returncode, done.stderr) == (said, bool(said), words)


def test_an_answer_is_one_line_and_no_command_to_a_terminal() -> None:
    long = {"A": {"datatype": "INT32", "shape": [20], "data": [*range(20)]}}
    evil = {"B": {"datatype": "BYTES", "shape": [1], "data": ["\x1b[2J\n"]}}
    asked = (
        Asked("http", (), in_one_line(long), (0.001,)),
        Asked(
            "grpc",
            ("value 0 of B is \x1b]0;",),
            in_one_line(evil),
            (0.001, 0.003, 0.002),
        ),
    )
    found = [
        Answered("dev", "one", "one-5c9f", asked),
        Answered("prod", "one", "", (), "no pod is ready"),
    ]
    assert smoke_text(found).splitlines() == [
        "dev/one  pod one-5c9f",
        "  http  right  A INT32 [20] = 0, 1, 2, 3, 4, 5, 6, 7, … 20 in all",
        "        1 request: 1.0 ms",
        "  grpc  wrong  value 0 of B is \\x1b]0;",
        r'        it answers B BYTES [1] = "\u001b[2J\n"',
        "        3 requests: fastest 1.0 ms, half within 2.0 ms, 95 % within 3.0 ms, slowest 3.0 ms",
        "prod/one",
        "  not asked: no pod is ready",
        "2 asked, 2 wrong",
    ]
