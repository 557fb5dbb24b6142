"""How a person reaches a release: its address, its lines in the Git host, and commands that work as pasted."""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from tritonfleet.facts import named_models
from tritonfleet.gitops import GitOps
from tritonfleet.modes import OPENAI, answers_http, main_listener, mode
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
    file = position.file
    if gitops.path:
        file = f"{gitops.path}/{file}"
    revision = quote(gitops.revision)
    path = quote(file)
    form = _form(base)
    return form.format(base=base, revision=revision, path=path, line=position.line)


def _form(base: str) -> str:
    """How the Git host of an address writes the address of a line; "" of one that nobody knows."""
    host = urlsplit(base).hostname or ""
    for word, form in _LINES.items():
        if word in host:
            return form
    return ""


def _web_address(repository: str) -> str:
    """https://host/path of a repository's URL, without credentials and `.git`; "" where it has none."""
    parts = urlsplit(_url(repository))
    host = parts.hostname
    if parts.scheme not in {"https", "ssh"} or not host:
        return ""
    # The port of SSH says nothing about that of the pages.
    if parts.scheme == "https" and parts.port:
        host = f"{host}:{parts.port}"
    path = parts.path.removesuffix(".git").rstrip("/")
    return f"https://{host}{quote(path)}"


def _url(repository: str) -> str:
    """The URL, which Git's short form means as well."""
    scp = _SCP.match(repository)
    if scp is None:
        return repository
    return f"ssh://{scp['host']}/{scp['path']}"


def service_port(values: Values, listener: str) -> int:
    """The Service's port of a listener: its own, unless `service.ports` says another."""
    own: int = values[listener]["port"]
    port: int = values["service"]["ports"].get(listener, own)
    return port


def address(release: Release, values: Values) -> str:
    """host:port inside the cluster, of HTTP or else of gRPC."""
    port = service_port(values, _listener(values))
    host = f"{release.full_name}.{release.environment.namespace}.svc"
    return f"{host}:{port}"


def commands(release: Release, values: Values) -> list[Command]:
    """What people do most with a release that runs: reach it, and ask it for something."""
    listener = _listener(values)
    forward = _forward(release, values, listener)
    found = [Command("Reach it from here", forward)]
    if listener == main_listener(values):
        port = values[listener]["port"]
        found += _requests(values, f"http://localhost:{port}")
    return found


def _forward(release: Release, values: Values, listener: str) -> str:
    """The listener's own port on this machine leads to the Service's."""
    namespace = release.environment.namespace
    local = values[listener]["port"]
    port = service_port(values, listener)
    words = ["kubectl", "--namespace", namespace, "port-forward"]
    words += [f"service/{release.full_name}", f"{local}:{port}"]
    return shlex.join(words)


def _listener(values: Values) -> str:
    """What takes HTTP first: a person reaches it with less than gRPC needs."""
    return main_listener(values) if answers_http(values) else "grpc"


def _requests(values: Values, base: str) -> list[Command]:
    """One request by curl and one by Python: the inference of `test`, or else whether the model is ready."""
    test = values["test"]["inference"] or {}
    body = test.get("body") or ""
    path = _inference_path(values) if body else _description_path(values)
    url = base + path
    curl = Command("Ask it with curl", _curl(url, body))
    python = Command("Ask it with Python", _python(url, body))
    return [curl, python]


def _inference_path(values: Values) -> str:
    test = values["test"]["inference"]
    if mode(values) == OPENAI:
        return f"/v1/{test.get('path', 'completions')}"
    path = test.get("path", "infer")
    return f"{_model_path(test['model'])}/{path}"


def _description_path(values: Values) -> str:
    """What the server says of the first model that it loads by name, or of itself."""
    if mode(values) == OPENAI:
        return "/v1/models"
    models = named_models(values)
    return _model_path(models[0]) if models else "/v2"


def _model_path(model: str) -> str:
    return f"/v2/models/{quote(model)}"


def _curl(url: str, body: str) -> str:
    """An error of the server ends curl with an error, and its words are shown."""
    words = ["curl", "--fail-with-body", "--silent", "--show-error"]
    if body:
        words += ["--header", "Content-Type: application/json", "--data", body]
    return shlex.join([*words, url])


def _python(url: str, body: str) -> str:
    """A program of Python's own library, as one argument of a shell's command."""
    arguments = _python_text(url)
    if body:
        headers = '{"Content-Type": "application/json"}'
        data = f"{_python_text(body)}.encode()"
        arguments += f", data={data}, headers={headers}"
    lines = [
        "import json, urllib.request",
        f"request = urllib.request.Request({arguments})",
        "print(json.dumps(json.load(urllib.request.urlopen(request)), indent=2))",
    ]
    return shlex.join(["python3", "-c", "\n".join(lines)])


def _python_text(text: str) -> str:
    """A text as Python reads it, between double quotes: single ones would each become five characters in a shell.

    JSON escapes like Python, when no letter is escaped.
    """
    return json.dumps(text, ensure_ascii=False)
