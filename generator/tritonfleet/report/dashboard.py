"""A dashboard for Grafana of a whole fleet; environment, owner and model are its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, TypeAlias

import yaml

from tritonfleet.nouns import Fleet
from tritonfleet.report.shared import to_json

Json: TypeAlias = dict[str, Any]

# What a ReplicaSet and a pod add to a release's name holds no dash, so `a` never takes the pods of `a-b`.
_POD = "-[a-z0-9]+-[a-z0-9]{5}"
_NAMESPACE = 'namespace=~"$environment"'
# Grafana would escape the | between an owner's models, unless it is told `raw`.
_SERIES = f'{_NAMESPACE},pod=~"($model){_POD}",pod=~"(${{owner:raw}}){_POD}"'
_OWNED = f'{_NAMESPACE},deployment=~"${{owner:raw}}"'
_DEPLOYMENTS = f'{_OWNED},deployment=~"$model"'
_WIDTH = 24  # columns of Grafana's grid
_ALL = ".+"


def dashboard(fleet: Fleet) -> str:
    """JSON as Grafana imports and provisions it."""
    digest = sha256(fleet.name.encode()).hexdigest()
    whole = {
        "title": f"Models of {fleet.name}",
        "uid": f"tritonfleet-{digest[:12]}",
        "tags": ["triton"],
        "timezone": "browser",
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "schemaVersion": 39,
        "templating": {"list": list(_variables(fleet))},
        "panels": list(_panels()),
    }
    return to_json(whole)


def _variables(fleet: Fleet) -> Iterator[Json]:
    """An environment is its namespace, an owner a pattern of Deployments; Prometheus knows which are there."""
    yield {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
    }
    namespaces = {each.name: each.namespace for each in fleet.environments}
    everywhere = "|".join(dict.fromkeys(namespaces.values()))
    yield _choice("environment", namespaces, multi=True, whole=everywhere)
    yield _choice("owner", _owners(fleet), multi=False, whole=_ALL)
    yield {
        **_variable("model", "query", multi=True, whole=_ALL),
        "datasource": _datasource(),
        "query": f"label_values(kube_deployment_spec_replicas{{{_OWNED}}}, deployment)",
        "refresh": 2,  # whenever the time changes
        "sort": 1,
    }


def _owners(fleet: Fleet) -> Mapping[str, str]:
    """Each team, and a pattern of its releases' Deployments."""
    names: dict[str, dict[str, None]] = {}
    for release in fleet.releases:
        team = release.value("owner")["team"]
        if team:
            of_team = names.setdefault(team, {})
            of_team[release.full_name] = None
    return {team: "|".join(names[team]) for team in sorted(names)}


def _choice(name: str, values: Mapping[str, str], *, multi: bool, whole: str) -> Json:
    """A variable with values that are known: `text : value`, separated by commas."""
    pairs = [f"{text} : {value}" for text, value in values.items()]
    variable = _variable(name, "custom", multi=multi, whole=whole)
    return {**variable, "query": ", ".join(pairs)}


def _variable(name: str, kind: str, *, multi: bool, whole: str) -> Json:
    return {
        "name": name,
        "label": name.capitalize(),
        "type": kind,
        "multi": multi,
        "includeAll": True,
        "allValue": whole,
        "current": {"text": "All", "value": "$__all"},
    }


def _panels() -> Iterator[Json]:
    """Numbers in a row, and below them charts in two columns."""
    template = _template()
    numbers = template["numbers"]
    width = _WIDTH // len(numbers)
    for index, each in enumerate(numbers):
        place = {"x": index * width, "y": 0, "w": width, "h": 4}
        panel = _panel(each, place)
        yield {**panel, "type": "stat", "id": index + 1}
    half = _WIDTH // 2
    for index, each in enumerate(template["charts"]):
        row, column = divmod(index, 2)
        place = {"x": column * half, "y": 4 + row * 8, "w": half, "h": 8}
        panel = _panel(each, place)
        yield {**panel, "type": "timeseries", "id": len(numbers) + index + 1}


def _panel(each: Mapping[str, str], place: Mapping[str, int]) -> Json:
    return {
        "title": each["title"],
        "gridPos": place,
        "datasource": _datasource(),
        "fieldConfig": {"defaults": {"unit": each["unit"]}, "overrides": []},
        "targets": [
            {"refId": "A", "legendFormat": "__auto", "expr": _query(each["query"])}
        ],
    }


def _query(text: str) -> str:
    """A query of the template, its placeholders filled."""
    text = re.sub(r"RATE\((\w+)\)", lambda found: _rate(found[1]), text)
    return text.replace("SERIES", _SERIES).replace("DEPLOYMENTS", _DEPLOYMENTS)


def _rate(metric: str) -> str:
    """A counter's rate by release."""
    rate = f"rate({metric}{{{_SERIES}}}[$__rate_interval])"
    named = f'label_replace({rate}, "release", "$1", "pod", "(.+){_POD}")'
    return f"sum by (namespace, release) ({named})"


def _datasource() -> Json:
    return {"type": "prometheus", "uid": "${datasource}"}


@cache
def _template() -> Mapping[str, list[Mapping[str, str]]]:
    file = resources.files("tritonfleet").joinpath("templates", "dashboard.yaml")
    found: Mapping[str, list[Mapping[str, str]]] = yaml.safe_load(
        file.read_text(encoding="utf-8")
    )
    return found
