"""What the page of a fleet shows: text and numbers, so that its script can read the same data as its template."""

from __future__ import annotations

from dataclasses import dataclass


def span(least: int, most: int) -> str:
    """`2`, or `1–4`."""
    return str(least) if least == most else f"{least}–{most}"


@dataclass(frozen=True, slots=True)
class Action:
    """A command to copy."""

    title: str
    command: str


@dataclass(frozen=True, slots=True)
class Live:
    """What runs of a release, at the time when the clusters were read."""

    state: str
    ready: str
    """Pods that are ready of those that are wanted: `1/2`."""
    runs: str
    """The image, and the model version where there is one."""
    engine: str
    words: str
    """Why it does not serve; "" where it does."""
    step: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read from clusters, in numbers."""

    time: str
    states: tuple[tuple[str, int], ...]
    """How many releases are in each state, worst first."""
    causes: tuple[str, ...]
    """What is wrong with whole environments, one sentence each."""


@dataclass(frozen=True, slots=True)
class Running:
    """A model in one environment."""

    environment: str
    namespace: str
    image: str
    tag: str
    """Of the image: its tag, or its digest."""
    model_version: str
    pods: str
    """`2`, or `1–4` where an autoscaler decides."""
    least: int
    most: int
    devices: int
    """Of one pod."""
    resource: str
    """The devices' name; "" without one."""
    source: str
    """Kind and address of the model repository."""
    models: tuple[str, ...]
    """Those that are loaded by name; none means all that are in the repository."""
    address: str
    outside: str
    """How it is reached from outside the cluster; "" where it is not."""
    suspended: bool
    problems: tuple[str, ...]
    actions: tuple[Action, ...]
    live: Live | None = None
    """None where nobody asked a cluster, or none could say."""


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of a list with its releases."""

    name: str
    team: str
    email: str
    profile: str
    place: str
    """file:line of the entry."""
    url: str
    """The Git host's page of that line; "" where it is not known."""
    releases: tuple[Running, ...]


@dataclass(frozen=True, slots=True)
class Devices:
    """Devices of a kind in one environment."""

    resource: str
    least: int
    """With as many pods as each release has at least."""
    most: int
    capacity: int | None
    """Of the environment's cluster; None where nobody counts them."""


@dataclass(frozen=True, slots=True)
class Place:
    """An environment in numbers."""

    name: str
    engine: str
    namespace: str
    cluster: str
    kubernetes: str
    level: str
    after: str
    """The environment from which models are promoted to this one; "" of the first."""
    releases: int
    least: int
    most: int
    devices: tuple[Devices, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How many releases of each environment have something in common."""

    name: str
    counts: tuple[int, ...]
    """In the order of the environments."""

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the drawing of an ensemble: a tensor of its own, or a model that it calls."""

    name: str
    words: str
    """A tensor's type and shape, or a model's backend; "" where nobody says it."""
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ensemble:
    """An ensemble of an entry whose models are in the lists."""

    name: str
    model: str
    """The entry's name."""
    environments: tuple[str, ...]
    """Those in which it is as it is drawn."""
    columns: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole page."""

    fleet: str
    places: tuple[Place, ...]
    models: tuple[Model, ...]
    images: tuple[Share, ...]
    owners: tuple[Share, ...]
    ensembles: tuple[Ensemble, ...]
    problems: tuple[str, ...]
    """Warnings, one sentence each."""
    seen: Seen | None = None
    """None where nobody asked a cluster."""

    @property
    def releases(self) -> int:
        return sum(place.releases for place in self.places)
