"""Environments: what their files say over what fleet.yaml says, with our defaults below both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tritonfleet.gitops import gitops_of
from tritonfleet.nouns import Chart, Environment, Sources
from tritonfleet.problem import Problem
from tritonfleet.source import Source
from tritonfleet.values import Values, list_at, mapping_at, overlay, text_at

RESERVED = frozenset({"bootstrap"})  # deploy/bootstrap holds what an admin applies
# How the names of an environment's own objects and files end: `b-root` would be the project of `b`.
RESERVED_ENDINGS = ("-root", "-sources", "-target")
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,20}[a-z0-9])?\Z")


def environments_of(sources: Sources) -> tuple[Environment, ...]:
    """The environments whose charts can be used; of the others `load` has told what is wrong with the chart."""
    environments = []
    for source in sources.environments:
        chart = sources.charts.get(source.file)
        if chart is not None:
            environments.append(_environment(sources.fleet, source, chart))
    return tuple(environments)


def environment_name(source: Source) -> str:
    """An environment is called like its file."""
    return PurePosixPath(source.file).stem


def impossible_names(sources: Sources) -> Iterator[Problem]:
    """TF025: files whose names are no names of environments."""
    expected = (
        "a file name of at most 22 lower-case letters, digits and -, other than bootstrap,"
        f" that does not end in {', '.join(RESERVED_ENDINGS[:-1])} or {RESERVED_ENDINGS[-1]}"
    )
    for source in sources.environments:
        name = environment_name(source)
        if not _is_possible(name):
            message = f"`{name}` cannot be an environment's name"
            yield Problem(source.position(), "TF025", message, expected)


def _is_possible(name: str) -> bool:
    if name in RESERVED or name.endswith(RESERVED_ENDINGS):
        return False
    return _NAME.match(name) is not None


def _environment(fleet: Source, source: Source, chart: Chart) -> Environment:
    name = environment_name(source)
    fleet_name = text_at(fleet.data, "name")
    own = source.data
    # Where both files say something of `gitops`, the environment's counts.
    gitops = overlay(mapping_at(fleet.data, "gitops"), mapping_at(own, "gitops"))
    return Environment(
        name=name,
        source=source,
        fleet=fleet_name,
        namespace=text_at(own, "namespace"),
        cluster=text_at(own, "cluster", "name", default=name),
        server=text_at(own, "cluster", "server"),
        destination_name=text_at(own, "cluster", "destinationName"),
        engine=text_at(own, "engine", default=text_at(gitops, "engine")),
        gitops=gitops_of(gitops, f"{fleet_name}-{name}"),
        chart=chart,
        kubernetes=text_at(own, "kubernetes"),
        pod_security=text_at(own, "podSecurity", default="restricted"),
        capacity=mapping_at(own, "capacity"),
        extra_kinds=tuple(_extra_kinds(own)),
        context=text_at(own, "cluster", "context"),
        engine_context=text_at(gitops, "argocd", "context"),
        dynamo=own.get("dynamo") is True,
        after=text_at(own, "after"),
    )


def _extra_kinds(environment: Values) -> Iterator[Mapping[str, str]]:
    for kind in list_at(environment, "extraKinds"):
        if isinstance(kind, dict):
            yield kind
