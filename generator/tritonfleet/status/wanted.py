"""What is to run: the releases of each environment in the commit that its engine follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from tritonfleet.engines.shared import object_name
from tritonfleet.facts import image, named_models, seconds
from tritonfleet.history import (
    Change,
    branch_of,
    commit_of,
    committed_texts,
    newest_changes,
    reaches,
)
from tritonfleet.modes import TRITON, listeners, mode
from tritonfleet.nouns import Environment
from tritonfleet.problem import Missing
from tritonfleet.status.nouns import UNKNOWN, Cause, Site, Wanted
from tritonfleet.values import (
    Values,
    list_at,
    lookup,
    mapping_at,
    overlay,
    text_at,
)

VALUES = "values.yaml"
# A release's own files: deploy/<environment>/<release>/<file>.
FILE_DEPTH = 4


def site_of(root: Path, environment: Environment, reference: str | None) -> Site:
    """An environment with the releases of a commit: by default of its branch as the remote has it.

    Where the commit cannot be read, the site says why.
    """
    own = environment.gitops
    is_argo_cd = environment.engine == "argocd"
    site = Site(
        name=environment.name,
        file=environment.source.file,
        engine=environment.engine,
        namespace=environment.namespace,
        engine_namespace=own.argocd.namespace if is_argo_cd else environment.namespace,
        object_name=object_name(environment),
        reference=reference or own.revision,
    )
    try:
        reference = reference or branch_of(root, own.revision)
        commit = commit_of(root, reference)
    except Missing as missing:
        told = f"nobody knows here what is merged: {missing}"
        return replace(site, hidden=Cause(UNKNOWN, told, "git fetch"))
    return replace(
        site,
        reference=reference,
        commit=commit,
        wanted=tuple(_wanted(root, environment, commit)),
        holds=cache(partial(reaches, root)),
    )


def _wanted(root: Path, environment: Environment, commit: str) -> Iterator[Wanted]:
    """The releases of an environment in a commit, in the order of their names."""
    directory = f"deploy/{environment.name}"
    texts = committed_texts(root, commit, directory)
    changes = newest_changes(root, commit, _depths(environment, directory))
    of_chart = changes.get(environment.chart.path)
    of_releases = _newest_below(changes)
    for path in sorted(texts):
        release = PurePosixPath(path)
        if release.name != VALUES:
            continue
        place = str(release.parent)
        is_suspended = _is_suspended(texts, place)
        values = overlay(environment.chart.defaults, _data(texts[path]))
        wanted = _release(release.parent.name, values)
        own = _newest_first(of_releases.get(place), of_chart)
        rendered = _newest_first(changes.get(path), of_chart)
        yield replace(
            wanted,
            suspended=is_suspended,
            commits=tuple(change.id for change in own),
            rendered=tuple(change.id for change in rendered),
            committed=own[0].time if own else 0,
        )


def _newest_below(changes: Mapping[str, Change]) -> dict[str, Change]:
    """The newest change of each directory, from those of its files, which are given newest first."""
    found: dict[str, Change] = {}
    for path, change in changes.items():
        directory, _, _ = path.rpartition("/")
        found.setdefault(directory, change)
    return found


def _newest_first(*changes: Change | None) -> list[Change]:
    """Those that are there."""
    return sorted(filter(None, changes), key=lambda change: -change.time)


def _depths(environment: Environment, directory: str) -> Mapping[str, int]:
    """Where changes of releases are looked for, and how many names of a path tell which one it is."""
    depths = {directory: FILE_DEPTH}
    chart = environment.chart.path
    if chart:
        depths[chart] = chart.count("/") + 1
    return depths


def _data(text: str) -> Values:
    """The first document of a file that `generate` wrote; an empty mapping for what somebody else did."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data: Any = next(yaml.load_all(text, Loader=loader), {})
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_suspended(texts: Mapping[str, str], place: str) -> bool:
    """Whether the engine's file says that the release is left alone."""
    flux = texts.get(f"{place}/helmrelease.yaml")
    if flux is not None:
        return lookup(_data(flux), ("spec", "suspend")) is True
    argo_cd = texts.get(f"{place}/application.yaml", "")
    application = _data(argo_cd)
    automated = mapping_at(application, "spec", "syncPolicy", "automated")
    return bool(application) and not automated


def _release(name: str, values: Values) -> Wanted:
    """What the values say; nothing yet of its commits."""
    scaling = values["autoscaling"]
    accelerator = values["accelerator"]
    count = accelerator["count"]
    ports = _ports(values)
    return Wanted(
        name=name,
        full_name=values["fullnameOverride"] or name,
        image="" if _replaces_containers(values) else image(values),
        model_version=values["modelVersion"],
        least=scaling["minReplicas"] if scaling["enabled"] else values["replicas"],
        suspended=False,
        owner=values["owner"]["team"],
        models=tuple(named_models(values)),
        http=ports.get("http", 0),
        metrics=ports.get("metrics", 0),
        startup=seconds(values["startup"]["timeout"]),
        memory=text_at(values, "resources", "limits", "memory"),
        devices=f"{count} {accelerator['resource']}" if count else "",
        commits=(),
        rendered=(),
        committed=0,
    )


def _ports(values: Values) -> dict[str, int]:
    """Triton's own listeners by name; none where something else speaks for it, which has other paths."""
    if mode(values) != TRITON:
        return {}
    return {each.name: each.port for each in listeners(values)}


def _replaces_containers(values: Values) -> bool:
    """Whether the release writes its containers itself: then nobody but it knows their image."""
    return bool(list_at(values, "podTemplate", "spec", "containers"))
