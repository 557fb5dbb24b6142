"""What `status` compares: what Git wants, and what was read from clusters; and the rows that come of it.

Everything here is data. `wanted` makes the first from commits, `read` the second from clusters, `judge` the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from tritonfleet.values import text_at

Object: TypeAlias = Mapping[str, Any]
"""An object of Kubernetes, as the API server's JSON has it."""

Holds: TypeAlias = Callable[[str, str], bool | None]


def by_name(things: Iterable[Object]) -> Mapping[str, Object]:
    """Objects by their names."""
    return {text_at(each, "metadata", "name"): each for each in things}


def _equal(newer: str, older: str) -> bool | None:
    return True if newer == older else None


# States, worst first.
FAILING, UNKNOWN, WAITING, SUSPENDED, SERVING = (
    "failing",
    "unknown",
    "waiting",
    "suspended",
    "serving",
)
STATES = (FAILING, UNKNOWN, WAITING, SUSPENDED, SERVING)


class Cause(NamedTuple):
    """Why a row is as it is, in a sentence, and the next thing to do."""

    state: str
    words: str
    step: str = ""
    log: str = ""
    """A line of a container's log, which says why; it may tell more than everybody should read."""

    @property
    def sentence(self) -> str:
        """All of it, for the person who asked."""
        return f"{self.words}: {self.log}" if self.log else self.words


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release as the commit has it that its engine is to install."""

    name: str
    full_name: str
    """Name of its Deployment."""
    image: str
    """"" where the release writes its containers itself."""
    model_version: str
    least: int
    """Pods; under an autoscaler the fewest."""
    suspended: bool
    owner: str
    models: tuple[str, ...]
    """Models that the server loads by name; none where it loads what it finds."""
    http: int
    """The server's port, 0 for none; so is that of metrics."""
    metrics: int
    startup: int
    """Seconds that a start may take."""
    memory: str
    """Limit of the server's memory; "" for none."""
    devices: str
    """`1 nvidia.com/gpu`; "" for none."""
    commits: tuple[str, ...]
    """The newest commits that changed the release, or the chart: an engine that has seen them is up to date."""
    rendered: tuple[str, ...]
    """The newest commits that changed its values, or the chart: whoever has installed them has what is merged."""
    committed: int
    """When the release changed last, in seconds since 1970; 0 where nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """An environment: who rolls it out and where, and what is wanted there."""

    name: str
    file: str
    """Its file in values/environments/."""
    engine: str
    namespace: str
    engine_namespace: str
    """Where the engine's own objects are."""
    object_name: str
    """Name of the engine's objects that stand for the environment, like acme-prod."""
    reference: str
    """What the commit is called here: origin/main."""
    commit: str = ""
    hidden: Cause | None = None
    """Why nobody knows here what is wanted, or cannot look; None where both are possible."""
    wanted: tuple[Wanted, ...] = ()
    kubectl: str = "kubectl"
    """How commands to paste begin, for the releases' namespace."""
    engine_kubectl: str = "kubectl"
    """The same for the engine's own objects."""
    holds: Holds = _equal
    """Whether a commit, the first, has another in its history; None where git does not know one of them here."""


class Counters(NamedTuple):
    """What a release's servers have counted since they started, in sum."""

    requests: int
    failures: int
    queued: int
    """Microseconds that requests have waited."""
    pending: int


class Benchmark(NamedTuple):
    """What perf_analyzer measured of a release."""

    finished: str
    """When, as Kubernetes writes a time."""
    measured: tuple[Mapping[str, float], ...]
    """One mapping for each load, by perf_analyzer's own names: Concurrency, Inferences/Second, p99 latency (µs)."""


class Answer(NamedTuple):
    """Triton's own word, of one pod."""

    ready: Mapping[str, bool]
    """By the model's name; "" is the server itself, where no model is named."""
    counters: Counters | None = None
    failure: str = ""
    """Why it could not be asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What was read of one environment."""

    objects: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    """By the resource's name, like `pods`."""
    failures: Mapping[str, Exception] = field(default_factory=dict)
    """Of resources that could not be read, by their names."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By the pod's name."""

    _names: dict[str, Mapping[str, Object]] = field(default_factory=dict)

    def of(self, resource: str) -> Sequence[Object]:
        """The objects of a resource; none where it was not read."""
        return self.objects.get(resource, ())

    def named(self, resource: str, name: str) -> Object:
        """One object; an empty mapping where there is none."""
        if resource not in self._names:
            self._names[resource] = by_name(self.of(resource))
        named = self._names[resource]
        return named.get(name, {})


@dataclass(frozen=True, slots=True)
class Row:
    """A release, or with no name a whole environment."""

    environment: str
    name: str
    cause: Cause
    image: str = ""
    wanted_image: str = ""
    model_version: str = ""
    wanted_model_version: str = ""
    ready: int = 0
    """Pods of the newest ReplicaSet that are ready, of so many."""
    pods: int = 0
    models_ready: int | None = None
    """Of the models of all ready pods; None where nobody asked."""
    models: int = 0
    engine: str = ""
    """The engine's own words: Synced, Healthy."""
    commit: str = ""
    committed: int = 0
    owner: str = ""
    last_end: str = ""
    """How a container of it ended last, and when."""
    counters: Counters | None = None
    benchmark: Benchmark | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether somebody has to do something, or to look."""
        return self.cause.state in {FAILING, UNKNOWN}
