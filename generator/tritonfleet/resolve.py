"""Layers to values: chart defaults < fleet `defaults` < environment `defaults` < profile (the fleet's, refined by the
environment's) < model entry < environment `patches.<name>`. The profile itself is resolved first.

Mappings merge, everything else replaces, null removes. A null stays in a release's values only where the chart has a
default to delete. Input that does not fit its schema is skipped here and told by `validate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tritonfleet.load import chart_key, chart_reference
from tritonfleet.nouns import ArgoCD, Entry, Environment, Flux, GitOps, Release, Resolved, Sources
from tritonfleet.problem import Problem, similar
from tritonfleet.source import Layer, Source
from tritonfleet.values import KeyPath, Values, lookup, overlay

GENERATOR_KEYS = frozenset({"name", "profile", "environments", "suspend"})
RESERVED_ENVIRONMENTS = frozenset({"bootstrap"})  # deploy/bootstrap holds what an admin applies
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,20}[a-z0-9])?\Z")
_NOTHING: Values = {}


def resolve(sources: Sources) -> Resolved:
    """Every entry in every environment that it goes to, with its layers and what they add up to."""
    found: list[Problem] = []
    environments = tuple(
        filter(None, (_environment(sources, source, found) for source in sources.environments))
    )
    entries = tuple(_entries(sources.lists))
    unique = {entry.name: entry for entry in reversed(entries)}
    found += _unknown_environments(entries, sources.environments)
    releases: list[Release] = []
    for environment in environments:
        found += _unknown_names(environment.source, unique)
        releases += _Resolver(sources.fleet, environment, found).resolved(unique.values(), entries)
    return Resolved(sources, environments, entries, tuple(releases), tuple(found))


def merge(base: Values, over: Values, defaults: Any) -> Values:
    """`over` merged over `base`; a null stays only where `defaults`, the chart's, have something to delete.

    Returns a new mapping unless there is nothing to change, and shares every unchanged part of both.
    """
    merged = dict(base)
    for key, value in over.items():
        default = defaults.get(key) if type(defaults) is dict else None
        if value is None and default is None:
            merged.pop(key, None)
        elif type(value) is dict:
            old = merged.get(key)
            merged[key] = merge(old if type(old) is dict else _NOTHING, value, default)
        else:
            merged[key] = value
    unchanged = len(merged) == len(over) and all(
        key in merged and merged[key] is over[key] for key in over
    )
    return over if unchanged else merged


def section(data: Any, *path: str) -> Values:
    """The mapping at `path`; empty where there is none or something else."""
    found = lookup(data, path)
    return found if isinstance(found, dict) else {}


def _text(data: Any, *path: str, default: str = "") -> str:
    found = lookup(data, path)
    return found if isinstance(found, str) else default


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key)
    return found if isinstance(found, list) else []


def environment_name(source: Source) -> str:
    """An environment is called like its file."""
    return PurePosixPath(source.file).stem


def _environment(sources: Sources, source: Source, found: list[Problem]) -> Environment | None:
    """None when its chart is missing, which `load` has told."""
    name, data, fleet = environment_name(source), source.data, sources.fleet.data
    if name in RESERVED_ENVIRONMENTS or not _NAME.match(name):
        message = f"`{name}` cannot be an environment's name"
        expected = (
            "a file name of at most 22 lower-case letters, digits and -, other than bootstrap"
        )
        found.append(Problem(source.position(), "TF025", message, expected))
    chart = sources.charts.get(chart_key(chart_reference(sources.fleet, source)[1]))
    if chart is None:
        return None
    fleet_name = _text(fleet, "name")
    gitops = overlay(section(fleet, "gitops"), section(data, "gitops"))
    return Environment(
        name=name,
        source=source,
        fleet=fleet_name,
        namespace=_text(data, "namespace"),
        cluster=_text(data, "cluster", "name", default=name),
        server=_text(data, "cluster", "server"),
        destination_name=_text(data, "cluster", "destinationName"),
        engine=_text(data, "engine", default=_text(gitops, "engine")),
        gitops=_gitops(gitops, f"{fleet_name}-{name}"),
        chart=chart,
        kubernetes=_text(data, "kubernetes"),
        pod_security=_text(data, "podSecurity", default="restricted"),
        capacity=section(data, "capacity"),
        extra_kinds=tuple(kind for kind in _list(data, "extraKinds") if isinstance(kind, dict)),
    )


def _gitops(said: Values, project: str) -> GitOps:
    """What lists say of Git over our defaults; `project` is Argo CD's where nobody names one."""
    return GitOps(
        repository=_text(said, "repository"),
        revision=_text(said, "revision", default="main"),
        path=_text(said, "path"),
        argocd=ArgoCD(
            namespace=_text(said, "argocd", "namespace", default="argocd"),
            project=_text(said, "argocd", "project", default=project),
        ),
        flux=Flux(
            interval=_text(said, "flux", "interval", default="1h"),
            secret_name=_text(said, "flux", "secretName"),
            service_account_name=_text(said, "flux", "serviceAccountName"),
            take_ownership=lookup(said, ("flux", "takeOwnership")) is True,
        ),
    )


def _entries(lists: Iterable[Source]) -> Iterator[Entry]:
    for source in lists:
        for index, item in enumerate(_list(source.data, "models")):
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                yield _entry(source, index, item)


def _entry(source: Source, index: int, item: Values) -> Entry:
    environments = item.get("environments")
    return Entry(
        name=item["name"],
        layer=layer("entry", source, ("models", index), item),
        profile=item["profile"] if isinstance(item.get("profile"), str) else None,
        environments=tuple(map(str, environments)) if isinstance(environments, list) else None,
        suspend=item.get("suspend") is True,
    )


def layer(name: str, source: Source, path: KeyPath, values: Values) -> Layer:
    """A layer of the chart's values alone."""
    return Layer(
        name,
        source,
        path,
        {key: value for key, value in values.items() if key not in GENERATOR_KEYS},
    )


def _unknown_environments(
    entries: Iterable[Entry], environments: Iterable[Source]
) -> Iterator[Problem]:
    known = [environment_name(source) for source in environments]
    for entry in entries:
        for index, name in enumerate(entry.environments or ()):
            if name not in known:
                position = entry.layer.position(("environments", index))
                expected = ", ".join(known)
                message = f"there is no environment `{name}`"
                yield Problem(
                    position, "TF022", message, expected, similar(name, known), subject=entry.name
                )


def _unknown_names(source: Source, entries: Mapping[str, Entry]) -> Iterator[Problem]:
    environment = environment_name(source)
    for name in section(source.data, "patches"):
        if name not in entries:
            position = source.position(("patches", name), key=True)
            yield Problem(
                position,
                "TF023",
                f"there is no entry `{name}` to patch",
                hint=similar(name, entries),
            )
        elif (wanted := entries[name].environments) is not None and environment not in wanted:
            position = source.position(("patches", name), key=True)
            yield Problem(
                position,
                "TF023",
                f"entry `{name}` does not go to {environment}",
                hint="remove the patch",
            )
    for index, name in enumerate(_list(source.data, "exclude")):
        if not isinstance(name, str) or name not in entries:
            position = source.position(("exclude", index))
            yield Problem(
                position,
                "TF024",
                f"there is no entry `{name}` to exclude",
                hint=similar(name, entries),
            )
        elif environment in (entries[name].environments or ()):
            position = source.position(("exclude", index))
            message = f"entry `{name}` names {environment} in its `environments`"
            yield Problem(position, "TF024", message, hint="say it in one place")


@dataclass(slots=True)
class _Base:
    """What a profile's releases of one environment share."""

    layers: tuple[Layer, ...]
    values: Values


@dataclass(slots=True)
class _Resolver:
    """Resolves the entries of one environment; what releases share is merged once."""

    fleet: Source
    environment: Environment
    found: list[Problem]
    profiles: list[str] = field(init=False)
    bases: dict[str | None, _Base] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = (
            section(source.data, "profiles") for source in (self.fleet, self.environment.source)
        )
        self.profiles = sorted({name for profiles in named for name in profiles})

    def resolved(self, unique: Iterable[Entry], entries: Iterable[Entry]) -> Iterator[Release]:
        wanted = set(map(id, unique))
        excluded = {
            name for name in _list(self.environment.source.data, "exclude") if isinstance(name, str)
        }
        for entry in entries:
            goes = entry.environments is None or self.environment.name in entry.environments
            if id(entry) in wanted and goes and entry.name not in excluded:
                yield self._candidate(entry)

    def _candidate(self, entry: Entry) -> Release:
        patches = section(self.environment.source.data, "patches")
        patch = patches.get(entry.name)
        patch = patch if isinstance(patch, dict) else _NOTHING
        base = self._base(entry, patch)
        layers = (*base.layers, entry.layer)
        values = merge(base.values, entry.layer.values, self.environment.chart.defaults)
        if patch:
            name, path = f"{self.environment.name} patch", ("patches", entry.name)
            layers = (*layers, layer(name, self.environment.source, path, patch))
            values = merge(values, layers[-1].values, self.environment.chart.defaults)
        suspended = patch.get("suspend", entry.suspend) is True
        return Release(entry.name, self.environment, entry, layers, values, suspended)

    def _base(self, entry: Entry, patch: Values) -> _Base:
        source, path, profile = self._profile(entry, patch)
        if profile is not None and profile not in self.profiles:
            message = f"there is no profile `{profile}` in the fleet or in {self.environment.name}"
            hint = similar(profile, self.profiles)
            self.found.append(
                Problem(source.position(path), "TF021", message, ", ".join(self.profiles), hint)
            )
        if profile not in self.bases:
            self.bases[profile] = self._shared(profile)
        return self.bases[profile]

    def _profile(self, entry: Entry, patch: Values) -> tuple[Source, KeyPath, str | None]:
        """The profile of a release, and where it was chosen."""
        if isinstance(patched := patch.get("profile"), str):
            return self.environment.source, ("patches", entry.name, "profile"), patched
        if entry.profile is not None:
            return entry.layer.source, (*entry.layer.path, "profile"), entry.profile
        return self._default_profile()

    def _default_profile(self) -> tuple[Source, KeyPath, str | None]:
        """A profile that `defaults` name: the environment's word counts more than the fleet's."""
        for source in (self.environment.source, self.fleet):
            if isinstance(profile := lookup(source.data, ("defaults", "profile")), str):
                return source, ("defaults", "profile"), profile
        return self.fleet, (), None

    def _profile_layers(self, profile: str) -> list[Layer]:
        own = self.environment.source
        named = (
            (f"profile {profile}", self.fleet),
            (f"{self.environment.name} profile {profile}", own),
        )
        path = ("profiles", profile)
        return [
            layer(name, source, path, section(source.data, *path))
            for name, source in named
            if profile in section(source.data, "profiles")
        ]

    def _shared(self, profile: str | None) -> _Base:
        own = self.environment.source
        layers = [
            layer(
                "fleet defaults", self.fleet, ("defaults",), section(self.fleet.data, "defaults")
            ),
            layer(
                f"{self.environment.name} defaults",
                own,
                ("defaults",),
                section(own.data, "defaults"),
            ),
            *(self._profile_layers(profile) if profile else ()),
        ]
        values: Values = {}
        for each in layers:
            values = merge(values, each.values, self.environment.chart.defaults)
        return _Base(tuple(layers), values)
