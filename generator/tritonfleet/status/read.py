"""Reads clusters for `status`: lists of whole namespaces, a few at once, and never one object at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeAlias

from tritonfleet.live import Absent, Cluster, Failed
from tritonfleet.status.nouns import Object, Read, Site
from tritonfleet.status.objects import is_false
from tritonfleet.status.resources import (
    NODES,
    OF_ENGINE,
    ON_DEMAND,
    RUNNING,
    Resource,
)

AT_ONCE = 8  # requests


class Reach(NamedTuple):
    """An environment, and the clusters that it is seen in; None of one that there is no way to."""

    site: Site
    pods: Cluster | None
    engine: Cluster | None


class _Task(NamedTuple):
    """One list."""

    environment: str
    resource: Resource
    cluster: Cluster
    namespace: str
    query: Mapping[str, str]


class _Outcome(NamedTuple):
    found: Sequence[Object]
    failure: Failed | None


_Outcomes: TypeAlias = dict[tuple[str, str], _Outcome]
"""By environment and resource."""


def read(reaches: Sequence[Reach]) -> dict[str, Read]:
    """What there is of each environment, by its name.

    Takes as many requests as there are kinds and environments, and one more for every 500 objects.
    """
    # 1. What every environment is judged by.
    tasks = [task for reach in reaches for task in _tasks(reach)]
    outcomes = _outcomes(tasks)
    found = _by_environment(reaches, outcomes)
    # 2. What only some causes need, when something waits for it.
    more: list[_Task] = []
    for reach in reaches:
        more += _more(reach, found[reach.site.name])
    if not more:
        return found
    outcomes |= _outcomes(more)
    return _by_environment(reaches, outcomes)


def _by_environment(reaches: Sequence[Reach], outcomes: _Outcomes) -> dict[str, Read]:
    names = [reach.site.name for reach in reaches]
    return {name: _read(outcomes, name) for name in names}


def _tasks(reach: Reach) -> Iterator[_Task]:
    site = reach.site
    if reach.engine:
        for resource in OF_ENGINE[site.engine]:
            yield _task(site, resource, reach.engine, site.engine_namespace)
    if reach.pods:
        for resource in RUNNING:
            yield _task(site, resource, reach.pods, site.namespace)


def _more(reach: Reach, found: Read) -> Iterator[_Task]:
    """Claims, events and nodes, for an environment in which a pod finds no node."""
    site, pods = reach.site, reach.pods
    waiting = [pod for pod in found.of("pods") if is_false(pod, "PodScheduled")]
    if pods and waiting:
        for resource in ON_DEMAND:
            yield _task(site, resource, pods, site.namespace)
        yield _task(site, NODES, pods, "")


def _task(site: Site, resource: Resource, cluster: Cluster, namespace: str) -> _Task:
    query = resource.query(site)
    return _Task(site.name, resource, cluster, namespace, query)


def _outcomes(tasks: Sequence[_Task]) -> _Outcomes:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(_outcome, tasks)
        return {
            (task.environment, task.resource.name): outcome
            for task, outcome in zip(tasks, outcomes, strict=True)
        }


def _outcome(task: _Task) -> _Outcome:
    path = task.resource.path(task.namespace)
    try:
        return _Outcome(task.cluster.listed(path, **task.query), None)
    except Failed as failure:
        return _Outcome((), failure)


def _read(outcomes: _Outcomes, environment: str) -> Read:
    """Those of one environment; a failure counts only where no cause can be told without the list."""
    own = {
        resource: outcome
        for (name, resource), outcome in outcomes.items()
        if name == environment
    }
    failures = {
        resource: outcome.failure
        for resource, outcome in own.items()
        if outcome.failure and not _is_optional(resource, outcome.failure)
    }
    return Read({name: outcome.found for name, outcome in own.items()}, failures)


def _is_optional(resource: str, failure: Failed) -> bool:
    """What a cause can be told without; and kinds of Flux' sources that an installation may leave out."""
    if resource in {"events", "persistentvolumeclaims", "nodes"}:
        return True
    return resource in {"helmcharts", "ocirepositories"} and isinstance(failure, Absent)
