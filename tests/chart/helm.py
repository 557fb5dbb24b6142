"""The chart as the tests see it: its files, and what real Helm 3 and 4 make of them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "triton"
CI_FILES = sorted(path.name for path in (CHART / "ci").glob("*-values.yaml"))
HELM = {"3": ROOT / ".tools" / "helm3", "4": ROOT / ".tools" / "helm4"}
# Said by every render: the binaries' own default follows the client library they were built with.
KUBERNETES = "1.36.0"
SMALLEST = {"image": {"tag": "24.10-py3"}, "repository": {"image": {"path": "/models"}}}

Values = Mapping[str, Any]
Manifest = dict[str, Any]


class Refused(Exception):
    """What Helm said when it refused the values."""


def template(
    values: Values, helm: str = "4", *, chart: Path = CHART, name: str = "rel"
) -> str:
    """The text that `helm template` prints; raises Refused with what it said."""
    where = ["--namespace", "ml", "--kube-version", KUBERNETES]
    command = [str(HELM[helm]), "template", name, str(chart), *where, "--values", "-"]
    done = subprocess.run(
        command, input=json.dumps(values), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout


def render(
    values: Values, helm: str = "4", *, chart: Path = CHART, name: str = "rel"
) -> list[Manifest]:
    """The manifests of one release, in Helm's order."""
    documents = yaml.load_all(
        template(values, helm, chart=chart, name=name), yaml.CSafeLoader
    )
    return [document for document in documents if document]


def one(manifests: list[Manifest], kind: str, name: str = "") -> Manifest:
    """The only manifest of that kind, and of that name if it is given."""
    found = [
        each
        for each in manifests
        if each["kind"] == kind and name in ("", each["metadata"]["name"])
    ]
    assert len(found) == 1, (
        f"{len(found)} of {kind} {name} in {[(m['kind'], m['metadata']['name']) for m in manifests]}"
    )
    return found[0]


def pod(manifests: list[Manifest]) -> Manifest:
    """The server's pod template; a frontend before it has a Deployment of its own."""
    templates = [
        each["spec"]["template"] for each in manifests if each["kind"] == "Deployment"
    ]
    component = "app.kubernetes.io/component"
    [found] = [
        each for each in templates if each["metadata"]["labels"][component] == "server"
    ]
    return dict(found)


def server(manifests: list[Manifest]) -> Manifest:
    """The server's container."""
    return next(
        dict(each)
        for each in pod(manifests)["spec"]["containers"]
        if each["name"] == "triton"
    )


def ci(name: str) -> Any:
    """The values of a file in ci/."""
    return yaml.load((CHART / "ci" / name).read_text(), yaml.CSafeLoader)


@cache
def schema() -> Any:
    return json.loads((CHART / "values.schema.json").read_text())


@cache
def defaults() -> Any:
    return yaml.load((CHART / "values.yaml").read_text(), yaml.CSafeLoader)


def merged(base: Values, over: Values) -> dict[str, Any]:
    """Values as Helm merges them: mappings merge, the rest replaces, null removes what the base has."""
    result: dict[str, Any] = deepcopy(dict(base))
    for key, value in over.items():
        if value is None and key in result:
            del result[key]
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = deepcopy(value)
    return result


def refused_keys(message: str) -> set[str]:
    """The keys that Helm's schema error names, like http.port; each of its lines begins with `- at '/http/port':`."""
    return set(_refused_keys(message))


def _refused_keys(message: str) -> Iterator[str]:
    # What none of the items of `contains` fulfils is listed below it, deeper.
    message = re.sub(
        r"^( *)(- at .* no items match contains schema)\n(?:\1 +.*\n)*",
        r"\1\2\n",
        message,
        flags=re.MULTILINE,
    )
    for pointer, words in re.findall(
        r"^\s*- at '([^']*)': (.*)$", message, re.MULTILINE
    ):
        path = (
            pointer.strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
        )
        prefix = f"{path}." if path else ""
        if words.startswith(
            ("'allOf' failed", "'propertyNames' failed", "validation failed")
        ):
            continue
        if extra := re.match(r"additional propert(?:y|ies) (.*) not allowed", words):
            yield from (prefix + key for key in re.findall(r"'([^']*)'", extra[1]))
        elif missing := re.match(r"missing propert(?:y|ies) (.*)", words):
            yield from (prefix + key for key in re.findall(r"'([^']*)'", missing[1]))
        elif invalid := re.match(r"invalid propertyName '(.*)'", words):
            yield prefix + invalid[1]
        else:
            yield path
