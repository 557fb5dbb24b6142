"""An environment in numbers: releases, pods, and devices against what its cluster has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tritonfleet.nouns import Environment
from tritonfleet.overview.shapes import Devices, Place, Running


def in_order(environments: Sequence[Environment]) -> list[Environment]:
    """As models are promoted: an environment comes after the one that it takes from; else by name."""
    before = {each.name: each.after for each in environments}
    return sorted(environments, key=lambda each: (_steps(each.name, before), each.name))


def _steps(name: str, before: Mapping[str, str]) -> int:
    """How many environments run a model before this one does. TF075 has refused circles."""
    after = before[name]
    return 1 + _steps(after, before) if after in before else 0


def place(environment: Environment, releases: Iterable[Running]) -> Place:
    """The numbers of an environment, from the releases of all."""
    own = [view for view in releases if view.environment == environment.name]
    return Place(
        name=environment.name,
        engine=environment.engine,
        namespace=environment.namespace,
        cluster=environment.cluster,
        kubernetes=environment.kubernetes,
        level=environment.pod_security,
        after=environment.after,
        releases=len(own),
        least=sum(view.least for view in own),
        most=sum(view.most for view in own),
        devices=tuple(_devices(environment, own)),
    )


def _devices(environment: Environment, views: Iterable[Running]) -> Iterator[Devices]:
    """Every kind of device that is there or asked for, in the order of their names."""
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for view in views:
        name = view.resource
        if name:
            least[name] += view.least * view.devices
            most[name] += view.most * view.devices
    capacity = environment.capacity
    for name in sorted({*most, *capacity}):
        there = capacity.get(name)
        yield Devices(name, least[name], most[name], there)
