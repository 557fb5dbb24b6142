"""Environments: what their files say over what fleet.yaml says, with our defaults below both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tritonfleet.gitops import gitops_of
from tritonfleet.nouns import Chart, Environment, Sources
from tritonfleet.problem import Problem
from tritonfleet.source import Source
from tritonfleet.values import list_at, mapping_at, overlay, text_at

RESERVED = frozenset({"bootstrap"})  # deploy/bootstrap holds what an admin applies
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,20}[a-z0-9])?\Z")


def environments_of(sources: Sources) -> tuple[Environment, ...]:
    """The environments whose charts can be used; of the others `load` has told what is wrong with the chart."""
    return tuple(
        _environment(sources.fleet, source, sources.charts[source.file])
        for source in sources.environments
        if source.file in sources.charts
    )


def environment_name(source: Source) -> str:
    """An environment is called like its file."""
    return PurePosixPath(source.file).stem


def impossible_names(sources: Sources) -> Iterator[Problem]:
    """TF025: files whose names are no names of environments."""
    expected = "a file name of at most 22 lower-case letters, digits and -, other than bootstrap"
    for source in sources.environments:
        name = environment_name(source)
        if name in RESERVED or not _NAME.match(name):
            message = f"`{name}` cannot be an environment's name"
            yield Problem(source.position(), "TF025", message, expected)


def _environment(fleet: Source, source: Source, chart: Chart) -> Environment:
    name = environment_name(source)
    fleet_name = text_at(fleet.data, "name")
    gitops = overlay(
        mapping_at(fleet.data, "gitops"), mapping_at(source.data, "gitops")
    )
    kinds = list_at(source.data, "extraKinds")
    return Environment(
        name=name,
        source=source,
        fleet=fleet_name,
        namespace=text_at(source.data, "namespace"),
        cluster=text_at(source.data, "cluster", "name", default=name),
        server=text_at(source.data, "cluster", "server"),
        destination_name=text_at(source.data, "cluster", "destinationName"),
        engine=text_at(source.data, "engine", default=text_at(gitops, "engine")),
        gitops=gitops_of(gitops, f"{fleet_name}-{name}"),
        chart=chart,
        kubernetes=text_at(source.data, "kubernetes"),
        pod_security=text_at(source.data, "podSecurity", default="restricted"),
        capacity=mapping_at(source.data, "capacity"),
        extra_kinds=tuple(kind for kind in kinds if isinstance(kind, dict)),
    )
