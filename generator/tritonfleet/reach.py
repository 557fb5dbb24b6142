"""How a person reaches a release: its address, its lines in the Git host, and commands that work as pasted."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from tritonfleet.gitops import GitOps
from tritonfleet.nouns import Release
from tritonfleet.problem import Position
from tritonfleet.values import Values

# Where a line of a file is shown, by a word in the host's name: of other hosts nobody knows.
_LINES = {
    "github": "{base}/blob/{revision}/{path}#L{line}",
    "gitlab": "{base}/-/blob/{revision}/{path}#L{line}",
    "gitea": "{base}/src/branch/{revision}/{path}#L{line}",
    "codeberg": "{base}/src/branch/{revision}/{path}#L{line}",
    "bitbucket": "{base}/src/{revision}/{path}#lines-{line}",
}
_SCP = re.compile(r"[^@/]+@(?P<host>[^:/]+):(?P<path>.+)\Z")  # git@host:path


class Command(NamedTuple):
    """Something to paste into a shell, and what it is for."""

    title: str
    text: str


def lines_url(gitops: GitOps, position: Position) -> str:
    """The page of the Git host that shows a place in a file of the fleet; "" where the host's pages are not known."""
    base = _web_address(gitops.repository)
    host = urlsplit(base).hostname or ""
    form = next((form for word, form in _LINES.items() if word in host), "")
    directory = f"{gitops.path}/" if gitops.path else ""
    return form.format(
        base=base,
        revision=quote(gitops.revision),
        path=quote(directory + position.file),
        line=position.line,
    )


def _web_address(repository: str) -> str:
    """https://host/path of a repository's URL, without credentials and `.git`; "" where it has none."""
    scp = _SCP.match(repository)
    if scp:
        repository = f"ssh://{scp['host']}/{scp['path']}"
    parts = urlsplit(repository)
    if parts.scheme not in {"https", "ssh"} or not parts.hostname:
        return ""
    path = parts.path.removesuffix(".git").rstrip("/")
    return f"https://{parts.hostname}{quote(path)}"


def service_port(values: Values, listener: str) -> int:
    """The Service's port of a listener: its own, unless `service.ports` says another."""
    port: int = values["service"]["ports"].get(listener, values[listener]["port"])
    return port


def address(release: Release, values: Values) -> str:
    """host:port inside the cluster, of HTTP or else of gRPC."""
    listener = _listener(values)
    host = f"{release.name}.{release.environment.namespace}.svc"
    return f"{host}:{service_port(values, listener)}"


def commands(release: Release, values: Values) -> list[Command]:
    """What people do most with a release that runs: reach it, and ask it for something."""
    listener = _listener(values)
    port = service_port(values, listener)
    local = values[listener]["port"]
    namespace = release.environment.namespace
    name = values["fullnameOverride"] or release.name
    forward = [
        *("kubectl", "--namespace", namespace, "port-forward"),
        *(f"service/{name}", f"{local}:{port}"),
    ]
    found = [Command("Reach it from here", shlex.join(forward))]
    if listener == "http":
        found += _requests(values, f"http://localhost:{local}")
    return found


def _listener(values: Values) -> str:
    return "http" if values["http"]["enabled"] else "grpc"


def _requests(values: Values, base: str) -> list[Command]:
    """One request by curl and one by Python: the inference of `test`, or else whether the model is ready."""
    test = values["test"]["inference"]
    models = values["loadModels"]
    if test and test.get("body"):
        url = f"{base}/v2/models/{quote(test['model'])}/{test.get('path', 'infer')}"
        return [
            Command("Ask it with curl", _curl(url, test["body"])),
            Command("Ask it with Python", _python(url, test["body"])),
        ]
    path = f"/v2/models/{quote(models[0])}" if models else "/v2"
    return [
        Command("Ask it with curl", _curl(base + path)),
        Command("Ask it with Python", _python(base + path)),
    ]


def _curl(url: str, body: str = "") -> str:
    words = ["curl", "--fail-with-body", "--silent", "--show-error"]
    if body:
        words += ["--header", "Content-Type: application/json", "--data", body]
    return shlex.join([*words, url])


def _python(url: str, body: str = "") -> str:
    """A program of Python's own library, as one argument of a shell's command."""
    data = f", data={body.encode()!r}" if body else ""
    headers = ', headers={"Content-Type": "application/json"}' if body else ""
    lines = [
        "import json, urllib.request",
        f"request = urllib.request.Request({url!r}{data}{headers})",
        "print(json.dumps(json.load(urllib.request.urlopen(request)), indent=2))",
    ]
    return shlex.join(["python3", "-c", "\n".join(lines)])
