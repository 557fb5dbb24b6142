"""The nouns of the program: what is deployed where, and by whom.

Values stay plain mappings: the chart's schema types them, and no class here mirrors it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from tritonfleet.gitops import GitOps, Names, Timing
from tritonfleet.mode_table import ModeTable
from tritonfleet.problem import Position, Problem
from tritonfleet.source import Layer, Source
from tritonfleet.values import KeyPath, Values, overlay, sets


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart as an environment installs it: from Git (`path`) or from a registry (`oci`, with `digest`)."""

    version: str
    defaults: Values
    schema: Mapping[str, Any]
    modes: Mapping[str, ModeTable]
    directory: Path
    content: str
    """SHA-256 over the chart's files: what `deploy/charts.yaml` remembers of a chart from Git."""
    path: str = ""
    oci: str = ""
    digest: str = ""
    kubernetes: str = ""
    """Versions of Kubernetes that it installs on, as Chart.yaml says them: >=1.31.0-0."""


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Where releases go and who rolls them out."""

    name: str
    source: Source
    fleet: str  # the fleet's name
    namespace: str
    cluster: str
    """The cluster's name: environments that share it share its capacity and its nodePorts."""
    server: str
    """The cluster's URL for Argo CD; empty, as is `destination_name`, for the one that Argo CD runs in."""
    destination_name: str
    engine: str  # a key of ENGINES: `argocd` or `flux`
    gitops: GitOps
    chart: Chart
    kubernetes: str
    """Version of Kubernetes, like 1.36; empty when nobody says it."""
    pod_security: str
    """Level of Pod Security of the namespace: privileged, baseline or restricted."""
    capacity: Mapping[str, int]
    """Devices of the cluster by resource; empty means that nobody counts them."""
    extra_kinds: tuple[Mapping[str, str], ...]
    """`group` and `kind` of what `extraObjects` may hold beside the usual."""
    context: str = ""
    """The kubeconfig's context that people reach the cluster by; no file that is generated has it."""
    engine_context: str = ""
    """The same of Argo CD's cluster, where the releases go to another one."""
    dynamo: bool = False  # whether releases may have workers of it
    after: str = ""
    """The environment that runs before this one what this one shall run; "" of the first."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One item of a model list. `values` are the chart's values alone, the generator's keys are fields."""

    name: str
    layer: Layer
    profile: str | None
    environments: tuple[str, ...] | None
    """Names of those it goes to; None means all."""
    suspend: bool

    def goes_to(self, environment: str) -> bool:
        """Whether the entry wants to be in this environment, which may still exclude it."""
        return self.environments is None or environment in self.environments


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """A model entry in one environment: its layers, lowest first, and the values that they add up to."""

    name: str
    environment: Environment
    entry: Entry
    layers: tuple[Layer, ...]
    values: Values
    suspended: bool

    @property
    def words(self) -> str:
        """The release as messages name it."""
        return f"`{self.name}` of {self.environment.name}"

    @property
    def full_name(self) -> str:
        """Name of its Deployment and Service, and how the names of its other objects begin."""
        return str(self.value("fullnameOverride") or self.name)

    def complete(self) -> Values:
        """The chart's defaults with the release's values over them, as Helm will see them."""
        return overlay(self.environment.chart.defaults, self.values)

    def value(self, key: str) -> Any:
        """One root key of the complete values, without the work of making them all."""
        default = self.environment.chart.defaults.get(key)
        if key not in self.values:
            return default
        value = self.values[key]
        if isinstance(value, dict) and isinstance(default, dict):
            return overlay(default, value)
        return value

    def written(self, path: KeyPath) -> str:
        """The line of text from where the value at `path` was set; "" where nobody set it."""
        layer = self.setter(path)
        if layer is None:
            return ""
        return layer.written(path)

    def setter(self, path: KeyPath) -> Layer | None:
        """The layer that decides the value at `path`: the highest that sets it. None leaves it to the chart."""
        for layer in reversed(self.layers):
            if sets(layer.values, path):
                return layer
        return None

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` was set (its key with `key=True`).
        If nobody set it, the key of the nearest mapping around it that somebody set, else the entry's name.
        """
        for length in range(len(path), 0, -1):
            around = path[:length]
            layer = self.setter(around)
            if layer is not None:
                return layer.position(around, key=key or around != path)
        return self.entry.layer.position(("name",))


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Everything that was read below one root."""

    root: Path
    fleet: Source
    lists: tuple[Source, ...]
    environments: tuple[Source, ...]
    charts: Mapping[str, Chart]
    """By the environment's file; an environment whose chart cannot be used has none."""
    committed_charts: Mapping[str, Any]
    """What deploy/charts.yaml says: by a chart's path, its version and digest."""
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
    """A rule: its code, and the function that looks at a release or at all. What the code means is in CODES."""

    code: str
    severity: str
    of_release: OfRelease | None = None
    of_fleet: OfFleet | None = None
    keys: frozenset[str] = frozenset()
    """Root keys of which one must be said by somebody for a release to break the rule: the chart's defaults do not."""
    tells: frozenset[str] = frozenset()
    """Codes of the problems that it tells beside its own, each with its own severity."""
    always: bool = False
    """Whether it can look at a fleet whose values do not all have their types."""

    def coded(self, problem: Problem) -> Problem:
        """The problem with the rule's code and severity; one of a code that it tells beside keeps both."""
        if problem.code in self.tells:
            return problem
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

    @property
    def environment_names(self) -> list[str]:
        """Names of the environments, in their order."""
        return [environment.name for environment in self.environments]

    def releases_in(self, environment: str) -> list[Release]:
        """The releases of the environment with this name, in the order of lists."""
        return [each for each in self.releases if each.environment.name == environment]

    def within(self, names: Collection[str]) -> Fleet:
        """The same with these environments and their releases only."""
        environments = [each for each in self.environments if each.name in names]
        releases = [each for each in self.releases if each.environment.name in names]
        return replace(self, environments=tuple(environments), releases=tuple(releases))


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
    test: int  # seconds that the test after each rollout may take; 0 without one
    names: Names
