"""The nouns of the program: what is deployed where, and by whom.

Values stay plain mappings: the chart's schema types them, and no class here mirrors it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from tritonfleet.problem import Position, Problem
from tritonfleet.source import Layer, Source
from tritonfleet.values import KeyPath, Values, overlay, says


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart as an environment installs it: from Git (`path`) or from a registry (`oci`, with `digest`)."""

    version: str
    defaults: Values
    schema: Mapping[str, Any]
    flags: tuple[Mapping[str, Any], ...]
    directory: Path
    content: str
    """SHA-256 over the chart's files: what `deploy/charts.yaml` remembers of a chart from Git."""
    path: str = ""
    oci: str = ""
    digest: str = ""
    known: dict[int, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    def completed(self, key: str, said: Any) -> Any:
        """The default of a root key with `said` over it; made once for each mapping that releases share."""
        if type(said) is not dict:
            return said
        known = self.known.get(id(said))
        if known is None:
            default = self.defaults.get(key)
            known = said, overlay(default, said) if type(default) is dict else said
            self.known[id(said)] = known  # `said` is kept, so that its identity is not reused
        return known[1]


@dataclass(frozen=True, slots=True)
class ArgoCD:
    """Where Argo CD's own objects of an environment live."""

    namespace: str
    project: str


@dataclass(frozen=True, slots=True)
class Flux:
    """What Flux's objects of an environment say; an empty name is not written."""

    interval: str
    secret_name: str
    service_account_name: str
    take_ownership: bool


@dataclass(frozen=True, slots=True)
class GitOps:
    """The Git repository as an engine reads it, and what each engine is told beside."""

    repository: str
    revision: str
    path: str
    """The fleet's directory inside the repository; empty when it is the repository's root."""
    argocd: ArgoCD
    flux: Flux


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Where releases go and who rolls them out."""

    name: str
    source: Source
    fleet: str
    namespace: str
    cluster: str
    server: str
    destination_name: str
    engine: str
    gitops: GitOps
    chart: Chart
    kubernetes: str
    pod_security: str
    capacity: Mapping[str, int]
    extra_kinds: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One item of a model list. `values` are the chart's values alone, the generator's keys are fields."""

    name: str
    layer: Layer
    profile: str | None
    environments: tuple[str, ...] | None
    suspend: bool


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """A model entry in one environment: its layers, lowest first, and the values that they add up to."""

    name: str
    environment: Environment
    entry: Entry
    layers: tuple[Layer, ...]
    values: Values
    suspended: bool

    def complete(self) -> Values:
        """The chart's defaults with the release's values over them, as Helm will see them."""
        chart = self.environment.chart
        values = dict(chart.defaults)
        for key, said in self.values.items():
            if said is None:
                values.pop(key, None)
            else:
                values[key] = chart.completed(key, said)
        return values

    def value(self, key: str) -> Any:
        """One root key of the complete values."""
        chart = self.environment.chart
        return chart.completed(key, self.values[key]) if key in self.values else chart.defaults[key]

    def setter(self, path: KeyPath) -> Layer | None:
        """The layer whose word on `path` counts: the last that says anything about it."""
        return next((layer for layer in reversed(self.layers) if says(layer.values, path)), None)

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` was set; if nobody set it, the nearest mapping around it, else the entry's name."""
        for length in range(len(path), 0, -1):
            layer = self.setter(path[:length])
            if layer is not None:
                return layer.position(path[:length], key=key or length < len(path))
        return self.entry.layer.position(("name",))


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Everything that was read below one root."""

    root: Path
    fleet: Source
    lists: tuple[Source, ...]
    environments: tuple[Source, ...]
    charts: Mapping[tuple[str, ...], Chart]
    committed_charts: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """Every entry in every environment that it goes to, and what went wrong on the way."""

    sources: Sources
    environments: tuple[Environment, ...]
    entries: tuple[Entry, ...]
    releases: tuple[Release, ...]
    problems: tuple[Problem, ...] = ()


OfRelease: TypeAlias = Callable[[Release, Values], Iterable[Problem]]
OfFleet: TypeAlias = Callable[[Resolved], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, what it protects in one sentence, and the function that looks at a release or at all."""

    code: str
    severity: str
    sentence: str
    of_release: OfRelease | None = None
    of_fleet: OfFleet | None = None
    keys: frozenset[str] = frozenset()
    """Root keys of which one must be said by somebody for a release to break the rule: the chart's defaults do not."""
    always: bool = False
    """Whether it can look at a fleet whose values do not all have their types."""

    def coded(self, problem: Problem) -> Problem:
        """The problem with the rule's code and severity."""
        return replace(problem, code=self.code, severity=self.severity)


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """A fleet without errors; warnings are left to tell."""

    name: str
    sources: Sources
    environments: tuple[Environment, ...]
    entries: tuple[Entry, ...]
    releases: tuple[Release, ...]
    warnings: tuple[Problem, ...] = ()

    def within(self, names: Collection[str]) -> Fleet:
        """The same with these environments and their releases only."""
        environments = tuple(each for each in self.environments if each.name in names)
        releases = tuple(each for each in self.releases if each.environment.name in names)
        return replace(self, environments=environments, releases=releases)


@dataclass(frozen=True, slots=True, eq=False)
class Installation:
    """What is installed: a name, a place, its values, and where they come from."""

    name: str
    environment: Environment
    values: Values
    suspended: bool
    file: str
    timing: Timing
    autoscaled: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that engines need and the chart derives as well."""

    startup: int
    pull: int
    drain: int
    grace: int
    deadline: int
    timeout: int
    pods: int


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Files to write: path below the output directory → text. Files of other environments than `only` stay."""

    files: Mapping[str, str]
    only: frozenset[str] = frozenset()
    """Environments that were asked for; empty means all, those that are gone from the fleet included."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What writing a tree did, or would do: paths below the output directory."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    interrupted: bool = False
    """The run before this one did not come to its end."""
    emptied: tuple[str, ...] = ()
    """Environments whose last release is removed."""
    warnings: tuple[Problem, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the directory differs from the tree."""
        return bool(self.created or self.changed or self.removed or self.interrupted)
