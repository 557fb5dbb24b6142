"""How many releases an engine takes, and how many devices a cluster has for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tritonfleet.facts import most_pods, replaces
from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.registry import fleet_rule, in_environment, on
from tritonfleet.values import Values

LARGE = 1000  # Applications below one root, or objects in one inventory, that a controller takes without tuning


@fleet_rule("TF104", WARNING)
def roots_are_small(resolved: Resolved) -> Iterator[Problem]:
    """No root has more releases than a controller takes without tuning."""
    counts = Counter(release.environment.name for release in resolved.releases)
    for environment in resolved.environments:
        name = environment.name
        count = counts[name]
        if count > LARGE:
            message = f"{name} has {count} releases below one root"
            hint = "a controller with its default settings takes about 1,000: split the environment, or tune it"
            yield in_environment(environment, (), message, hint)


@fleet_rule("TF105")
def capacity_is_set_once(resolved: Resolved) -> Iterator[Problem]:
    """Environments of one cluster agree on its capacity."""
    limited = (each for each in resolved.environments if each.capacity)
    of_clusters = ((environment.cluster, environment) for environment in limited)
    for cluster, first, later in clashes(of_clusters):
        agrees = dict(first.capacity) == dict(later.capacity)
        if not agrees:
            message = f"cluster {cluster} has a different capacity in {first.name}"
            hint = "set it in one environment of the cluster"
            yield in_environment(later, ("capacity",), message, hint)


class Device(NamedTuple):
    """A kind of device of one cluster."""

    cluster: str
    resource: str


class Supply(NamedTuple):
    """How many devices of a kind a cluster has, and where that was set."""

    device: Device
    number: int
    position: Position

    @property
    def words(self) -> str:
        """The beginning of a message about it."""
        device = self.device
        return f"cluster {device.cluster} has {self.number} {device.resource}"


@dataclass(slots=True)
class Demand:
    """How many devices of a kind a cluster's releases ask for."""

    steady: int = 0
    """With as many pods as each release may come to have."""
    surge: int = 0
    """For the extra pod of one rollout, the one that needs most."""
    surging: str = ""
    """The release whose rollout that is."""


@fleet_rule("TF106")
def devices_suffice(resolved: Resolved) -> Iterator[Problem]:
    """The models of a cluster need no more devices than it has."""
    demands = _demands(resolved)
    for supply in _supplies(resolved):
        demand = demands[supply.device]
        if demand.steady > supply.number:
            message = f"{supply.words}, but its models ask for {demand.steady}"
            hint = "run fewer pods, or correct the capacity"
            yield on(supply.position, message, hint)


@fleet_rule("TF107", WARNING)
def devices_suffice_for_surge(resolved: Resolved) -> Iterator[Problem]:
    """The extra pod of a rollout finds a free device; where even the steady pods do not, TF106 says so."""
    demands = _demands(resolved)
    for supply in _supplies(resolved):
        demand = demands[supply.device]
        most = demand.steady + demand.surge
        if demand.steady <= supply.number < most:
            used = f"{supply.words} and its models use {demand.steady}"
            surge = f"a rollout of `{demand.surging}` needs {demand.surge} more"
            message = f"{used}: {surge}"
            hint = "`rollout: replace` ends the old pod first"
            yield on(supply.position, message, hint)


@fleet_rule("TF166", WARNING)
def rollouts_find_devices(resolved: Resolved) -> Iterator[Problem]:
    """Where nobody counted the devices, somebody has said whether a rollout may ask for one more."""
    waiting: dict[str, Counter[str]] = defaultdict(Counter)
    for release, resource in _unplanned_surges(resolved):
        waiting[release.environment.name][resource] += 1
    for environment in resolved.environments:
        counts = waiting[environment.name]
        for resource, number in counts.items():
            rollout = f"a rollout of {number} of the models of {environment.name}"
            needs = f"{rollout} needs one more {resource}"
            message = f"{needs}, and nobody said whether there is one"
            devices = f"capacity: {{{resource}: <devices of the cluster>}}"
            hint = f"set {devices}; or `rollout: replace`, which needs none and answers nobody meanwhile"
            yield in_environment(environment, (), message, hint)


def _unplanned_surges(resolved: Resolved) -> Iterator[tuple[Release, str]]:
    """Releases whose rollout asks for a device that nobody counted, by default and not by decision; and its kind."""
    counted = {supply.device for supply in _supplies(resolved)}
    for release in resolved.releases:
        accelerator = release.value("accelerator")
        # `auto` is no decision, also where somebody wrote it.
        if not accelerator["count"] or release.value("rollout") != "auto":
            continue
        resource = accelerator["resource"]
        device = Device(release.environment.cluster, resource)
        if device in counted:
            continue
        values = _values_about_pods(release)
        if _surge_pods(values):
            yield release, resource


def _supplies(resolved: Resolved) -> Iterator[Supply]:
    """The devices that somebody counted; two environments of one cluster may both have counted them."""
    for environment in resolved.environments:
        for resource, number in environment.capacity.items():
            device = Device(environment.cluster, resource)
            path = ("capacity", resource)
            position = environment.source.position(path)
            yield Supply(device, number, position)


def _demands(resolved: Resolved) -> dict[Device, Demand]:
    """What releases ask for, by device, in the clusters whose capacity is known."""
    clusters = {supply.device.cluster for supply in _supplies(resolved)}
    demands: dict[Device, Demand] = defaultdict(Demand)
    for release in resolved.releases:
        if release.environment.cluster in clusters:
            _add_demand(demands, release)
    return demands


def _add_demand(demands: dict[Device, Demand], release: Release) -> None:
    """Adds what one release asks for, if it asks for devices at all."""
    accelerator = release.value("accelerator")
    devices = accelerator["count"]
    if devices:
        device = Device(release.environment.cluster, accelerator["resource"])
        _count(demands[device], release, devices)


def _count(demand: Demand, release: Release, devices: int) -> None:
    """Adds a release whose pods take so many devices each."""
    values = _values_about_pods(release)
    demand.steady += most_pods(values) * devices
    surge = _surge_pods(values) * devices
    # Of two that need as much the name decides, so that the message does not depend on the order of lists.
    largest = (demand.surge, demand.surging)
    if (surge, release.name) > largest:
        demand.surge = surge
        demand.surging = release.name


def _values_about_pods(release: Release) -> Values:
    """The values that `facts` looks at for numbers of pods: four keys are quicker to complete than all."""
    keys = ("autoscaling", "replicas", "rollout", "repository")
    return {key: release.value(key) for key in keys}


def _surge_pods(values: Values) -> int:
    """Pods that a rollout adds: one, unless the old pod goes first or there is none."""
    if replaces(values):
        return 0
    return min(1, most_pods(values))
