"""A small client of the API server: it creates objects, or asks what creating them would say."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple

Manifest = Mapping[str, Any]


class Unreachable(Exception):
    """Nobody answers."""


class Refused(Exception):
    """What the API server said."""


class _Resource(NamedTuple):
    """Where objects of a kind live."""

    path: str
    """Of the group and version, like /apis/apps/v1."""
    name: str
    namespaced: bool


class Api:
    """A connection that stays open; one thread at a time may use it."""

    def __init__(self, port: int, token: str, certificate: Path) -> None:
        context = ssl.create_default_context(cafile=str(certificate))
        # Its certificate is its own, for names that it chose: the file that it wrote itself is the proof.
        context.check_hostname = False
        self._connection = HTTPSConnection("127.0.0.1", port, context=context)
        self.port = port
        self.certificate = certificate
        self.token = token
        self._resources: dict[tuple[str, str], _Resource] = {}

    def close(self) -> None:
        self._connection.close()

    def get_text(self, path: str) -> str:
        return self.ask("GET", path)[1]

    def kinds(self) -> set[str]:
        """Every kind that is served, asked anew."""
        self._resources = self._discover()
        return {kind for _, kind in self._resources}

    def create(self, manifest: Manifest) -> None:
        """Raises Refused."""
        refusal = self._post(manifest, "")
        if refusal:
            raise Refused(refusal)

    def refusal(self, manifest: Manifest) -> str:
        """What the server says against an object, "" when nothing; it keeps nothing of it."""
        return self._post(manifest, "dryRun=All&fieldValidation=Strict")

    def _post(self, manifest: Manifest, query: str) -> str:
        version = str(manifest.get("apiVersion"))
        resource = self._resource(version, str(manifest.get("kind")))
        if resource is None:
            return f"no kind {manifest.get('kind')} in {version}"
        namespace = str(manifest["metadata"].get("namespace", "default"))
        scope = f"/namespaces/{namespace}" if resource.namespaced else ""
        path = f"{resource.path}{scope}/{resource.name}?{query}"
        status, text = self.ask("POST", path, json.dumps(manifest))
        if status < 300:
            return ""
        answer = json.loads(text)
        return str(answer.get("message", text))

    def _resource(self, version: str, kind: str) -> _Resource | None:
        if not self._resources:
            self._resources = self._discover()
        return self._resources.get((version, kind))

    def _discover(self) -> dict[tuple[str, str], _Resource]:
        """By version and kind."""
        groups = json.loads(self.get_text("/apis"))["groups"]
        versions = [
            each["groupVersion"] for group in groups for each in group["versions"]
        ]
        paths = {"v1": "/api/v1"} | {each: f"/apis/{each}" for each in versions}
        found = {}
        for version, path in paths.items():
            status, text = self.ask("GET", path)
            if status != 200:
                continue  # a group is told before it is served
            for each in json.loads(text)["resources"]:
                if "/" not in each["name"]:  # a part of an object, like pods/log
                    resource = _Resource(path, each["name"], each["namespaced"])
                    found[version, each["kind"]] = resource
        return found

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        """Status and text. Raises Unreachable."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise Unreachable(str(error)) from error
