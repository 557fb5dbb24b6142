"""A stand-in for Triton's OpenAI-compatible server, which is in NVIDIA's images and in no registry.

It takes exactly the server's flags by release, as main.py of the branches r24.12 to r26.08 of
github.com/triton-inference-server/server has them, and serves its routes: the port opens when the models are loaded,
SIGTERM closes it and lets requests in flight end. Its models echo. What it cannot show: Triton, a real model, FastAPI's
validation of requests.

    FRONTEND_RELEASE   the image's release, like 26.08
    FRONTEND_LOADING   seconds that loading takes
    FRONTEND_TOKEN     seconds between two words of a stream
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FIRST = "24.12"
# Each flag with the release that brought it, and how the server's own parser reads it.
FLAGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (FIRST, "--model-repository", {"required": True}),
    (FIRST, "--tokenizer", {}),
    (FIRST, "--backend", {"choices": ["vllm", "tensorrtllm"]}),
    (FIRST, "--tritonserver-log-verbose-level", {"type": int, "default": 0}),
    (FIRST, "--host", {"default": "0.0.0.0"}),
    (FIRST, "--openai-port", {"type": int, "default": 9000}),
    (FIRST, "--uvicorn-log-level", {"choices": ["debug", "info", "warning", "error", "critical", "trace"]}),
    (FIRST, "--enable-kserve-frontends", {"action": "store_true"}),
    (FIRST, "--kserve-http-port", {"type": int, "default": 8000}),
    (FIRST, "--kserve-grpc-port", {"type": int, "default": 8001}),
    ("25.05", "--lora-separator", {}),
    ("25.05", "--tool-call-parser", {}),
    ("25.05", "--chat-template", {}),
    ("25.08", "--default-max-tokens", {"type": int, "default": 16}),
    ("25.09", "--openai-restricted-api", {"nargs": 3, "action": "append", "default": []}),
    ("26.04", "--model-control-mode", {"choices": ["none", "explicit"], "default": "none"}),
    ("26.04", "--load-model", {"action": "append", "default": []}),
    ("26.06", "--http-max-input-size", {"type": int, "default": 64 * 2**20}),
    ("26.07", "--max-tool-call-parse-bytes", {"type": int}),
)  # fmt: skip
# What each restriction is about: a method, and how a path begins. Loading models came with explicit mode.
APIS = {
    "inference": [("POST", "/v1/chat/completions"), ("POST", "/v1/completions")],
    "model-repository": [("GET", "/v1/models"), ("POST", "/v1/models/")],
    "metrics": [("GET", "/metrics")],
    "health": [("GET", "/health/ready")],
}


def parser(release: str) -> argparse.ArgumentParser:
    """The command line of the server in the image of a release."""
    found = argparse.ArgumentParser()
    for since, flag, settings in FLAGS:
        if since <= release:
            found.add_argument(flag, **settings)
    return found


def main() -> None:
    """The server, until SIGTERM; exit code 1 for what it refuses after its flags are read."""
    arguments = parser(os.environ["FRONTEND_RELEASE"]).parse_args()
    # Only flags of this release are there.
    explicit = getattr(arguments, "model_control_mode", "none") == "explicit"
    named = getattr(arguments, "load_model", [])
    if named and not explicit:
        sys.exit(
            "Error: Use of '--load-model' requires '--model-control-mode=explicit'"
        )
    restricted = _restricted(getattr(arguments, "openai_restricted_api", []))

    # 1. Load: nothing listens yet.
    stored = sorted(path.name for path in Path(arguments.model_repository).iterdir())
    models = named if explicit else stored
    missing = set(models) - set(stored)
    if missing:
        sys.exit(f"failed to load {', '.join(sorted(missing))}")
    time.sleep(float(os.environ.get("FRONTEND_LOADING", "0")))

    # 2. Listen, on the ports of KServe as well when they are asked for.
    servers: list[ThreadingHTTPServer] = [Frontend(arguments, models, restricted)]
    if arguments.enable_kserve_frontends:
        for port in (arguments.kserve_http_port, arguments.kserve_grpc_port):
            servers.append(ThreadingHTTPServer((arguments.host, port), KServe))
    threads = [
        threading.Thread(target=each.serve_forever, args=(0.05,)) for each in servers
    ]
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    for thread in threads:
        thread.start()
    print("serving", flush=True)

    # 3. End: no new connection, and an answer for every request that is there.
    over.wait()
    for server in servers:
        server.shutdown()
        server.socket.close()
    for server in servers:
        server.server_close()  # waits for the requests in flight
    print("ended", flush=True)


def _restricted(groups: list[list[str]]) -> dict[str, tuple[str, str]]:
    """Header and key of each API that asks for one."""
    found: dict[str, tuple[str, str]] = {}
    for apis, header, key in groups:
        for api in apis.split(","):
            if api not in APIS or api in found:
                sys.exit(f"[ERROR] Failed to initialize FastAPI frontend: {api}")
            found[api] = (header, key)
    return found


class Frontend(ThreadingHTTPServer):
    """The API with its models, and what asks for keys."""

    daemon_threads = False

    def __init__(
        self,
        arguments: argparse.Namespace,
        models: list[str],
        restricted: dict[str, tuple[str, str]],
    ) -> None:
        super().__init__((arguments.host, arguments.openai_port), Handler)
        self.arguments = arguments
        self.models = models
        self.restricted = restricted
        self.answered = 0


class Handler(BaseHTTPRequestHandler):
    """The routes, as FastAPI's routers of the server have them."""

    server: Frontend

    def log_message(self, *_: object) -> None:
        """Nothing: a probe each tenth of a second is no news."""

    def do_GET(self) -> None:
        if self._is_refused("GET"):
            return
        name = self.path.removeprefix("/v1/models/")
        if self.path == "/health/ready":
            self._answer(200, "")
        elif self.path == "/metrics":
            count = f'nv_inference_request_success{{model="a"}} {self.server.answered}'
            self._answer(200, f"{count}\nnv_inference_pending_request_count 0\n")
        elif self.path == "/v1/models":
            data = [{"id": each, "object": "model"} for each in self.server.models]
            self._answer(200, {"object": "list", "data": data})
        elif name in self.server.models:
            self._answer(200, {"id": name, "object": "model"})
        else:
            self._answer(404, {"detail": f"Unknown model: {name}"})

    def do_POST(self) -> None:
        if self._is_refused("POST"):
            return
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        chat = self.path == "/v1/chat/completions"
        if not chat and self.path != "/v1/completions":
            self._answer(404, {"detail": "Not Found"})
            return
        request = json.loads(text) if is_json else {}
        if request.get("model") not in self.server.models:
            self._answer(422 if not is_json else 400, {"detail": "Unknown model"})
            return
        if chat and not self.server.arguments.tokenizer:
            self._answer(400, {"detail": "Unknown tokenizer"})
            return
        words = _echo(request, chat)
        self.server.answered += 1
        if request.get("stream"):
            self._stream(words)
        else:
            self._answer(200, {"choices": [_choice("".join(words), chat)]})

    def _is_refused(self, method: str) -> bool:
        """Whether the request lacks the key that its API asks for; it is answered then."""
        for api, (header, key) in self.server.restricted.items():
            is_about = any(
                method == verb and self.path.startswith(path)
                for verb, path in APIS[api]
            )
            if is_about and self.headers.get(header) != key:
                self._answer(401, {"error": {"type": "authentication_error"}})
                return True
        return False

    def _stream(self, words: Iterator[str]) -> None:
        """Server-sent events, one for each word, as slowly as a model speaks."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for word in words:
            event = json.dumps({"choices": [{"delta": {"content": word}}]})
            self.wfile.write(f"data: {event}\n\n".encode())
            time.sleep(float(os.environ.get("FRONTEND_TOKEN", "0")))
        self.wfile.write(b"data: [DONE]\n\n")

    def _answer(self, status: int, body: Any) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def _echo(request: Any, chat: bool) -> Iterator[str]:
    """The words of the prompt, or of the last message of a chat."""
    prompt = request["messages"][-1]["content"] if chat else request["prompt"]
    for word in str(prompt).split():
        yield f"{word} "


def _choice(text: str, chat: bool) -> Any:
    return {"message": {"content": text}} if chat else {"text": text}


class KServe(BaseHTTPRequestHandler):
    """KServe's endpoints are there; that is all that is asked of them here."""

    def log_message(self, *_: object) -> None:
        """Nothing, as above."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v2/health/ready" else 404)
        self.end_headers()


if __name__ == "__main__":
    main()
