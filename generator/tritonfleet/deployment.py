"""The pod that a release becomes, as far as admission looks at it: the chart's parts, with `podTemplate` over them.

The chart makes the real one; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from tritonfleet import mounts, vllm
from tritonfleet.modes import listeners
from tritonfleet.nouns import Release
from tritonfleet.pod import Pod, patched
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at

# Root keys without which no part of the pod is people's own: then it is the chart's, which everything admits.
OPEN_KEYS = frozenset({
    "commonAnnotations", "initContainers", "lifecycle", "livenessProbe", "podAnnotations", "podSecurityContext",
    "podTemplate", "readinessProbe", "securityContext", "sidecars", "startupProbe", "volumeMounts", "volumes",
})  # fmt: skip
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# Keys of the server's container: those that the values have at their root, and those that they have in `server`.
OF_CONTAINER = ("lifecycle", *PROBES)
OF_SERVER = ("command", "args")
SERVER = "triton"
FETCH = "fetch"
WEIGHTS = "weights"
CHART_NAME = "triton"


def has_own_parts(release: Release) -> bool:
    """Whether some layer says something about the pod that the chart leaves open."""
    return not OPEN_KEYS.isdisjoint(release.values)


# Each rule about the pod asks for it, one after the other, so the last one is kept: without, `validate` makes it once
# for each of them.
@lru_cache(maxsize=1)
def server_pod(release: Release) -> Pod:
    """The pod of the release's Deployment."""
    values = release.complete()
    collected = _Collected()
    _collect_volumes(collected, values)
    _collect_containers(collected, values)
    context = values.get("podSecurityContext") or {}
    collected.origins["spec", "securityContext"] = ("podSecurityContext",)
    template = {
        "metadata": _metadata(collected, release.name, values),
        "spec": {"securityContext": context, **collected.lists},
    }
    patch = mapping_at(values, "podTemplate")
    return Pod(patched(template, patch), collected.origins, patch)


@dataclass(slots=True)
class _Collected:
    """The lists of a pod's spec as they grow, and where each item comes from."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    origins: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def add(self, kind: str, item: Any, origin: KeyPath) -> KeyPath:
        """Puts an item behind the others of its list; its path in the template."""
        items = self.lists.setdefault(kind, [])
        path = ("spec", kind, len(items))
        items.append(item)
        self.origins[path] = origin
        return path


def selector(name: str, values: Values) -> Values:
    """The labels by which the Deployment and the Service of a release find its pods."""
    return {
        "app.kubernetes.io/name": values["nameOverride"] or CHART_NAME,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": "server",
    }


def _metadata(collected: _Collected, name: str, values: Values) -> Values:
    """The pod's labels and annotations; of an annotation in both places the pod's own counts."""
    annotations: Values = {}
    for key in ("commonAnnotations", "podAnnotations"):
        for annotation, value in values[key].items():
            path = ("metadata", "annotations", annotation)
            collected.origins[path] = (key, annotation)
            annotations[annotation] = value
    return {"labels": selector(name, values), "annotations": annotations}


def _collect_volumes(collected: _Collected, values: Values) -> None:
    """The chart's volumes with their kinds alone, then people's."""
    # One volume may be mounted at several places; two values that ask for one name clash, as TF124 says.
    asked = {}
    for mounted in mounts.of_chart(values):
        asked[mounted.volume, mounted.origin] = mounted
    for mounted in asked.values():
        volume = {"name": mounted.volume, mounted.kind: {}}
        collected.add("volumes", volume, mounted.origin)
    for index, volume in enumerate(values["volumes"]):
        collected.add("volumes", volume, ("volumes", index))


def _collect_containers(collected: _Collected, values: Values) -> None:
    """Init containers, `fetch`, `weights`, the server and its sidecars, in this order."""
    context = values.get("securityContext") or {}
    _add_containers_of_people(
        collected, "initContainers", values, "initContainers", context
    )
    if values["fetch"]["enabled"]:
        seen = mounts.of_fetch(values)
        _add_container_of_chart(collected, FETCH, seen, context)
    if not vllm.DOWNLOADED.isdisjoint(vllm.weights(values)):
        seen = mounts.of_weights(values)
        _add_container_of_chart(collected, WEIGHTS, seen, context)
    _add_server(collected, values, context)
    _add_containers_of_people(collected, "containers", values, "sidecars", context)


def _add_containers_of_people(
    collected: _Collected, kind: str, values: Values, key: str, context: Values
) -> None:
    """The containers that people wrote at a root key."""
    for index, container in enumerate(values[key]):
        _add_container_of_people(collected, kind, container, context, (key, index))


def _add_container_of_people(
    collected: _Collected, kind: str, container: Any, context: Values, origin: KeyPath
) -> None:
    """A container as people wrote it; one without a security context gets the chart's."""
    inherits = isinstance(container, dict) and "securityContext" not in container
    if inherits:
        container = {**container, "securityContext": context}
    path = collected.add(kind, container, origin)
    if inherits:
        collected.origins[*path, "securityContext"] = ("securityContext",)


def _add_container_of_chart(
    collected: _Collected, name: str, seen: Iterator[mounts.Mounted], context: Values
) -> None:
    """An init container of the chart, called like the value that asks for it."""
    container = {
        "name": name,
        "securityContext": context,
        "volumeMounts": list(map(_mount, seen)),
    }
    path = collected.add("initContainers", container, (name,))
    collected.origins[*path, "securityContext"] = ("securityContext",)


def _add_server(collected: _Collected, values: Values, context: Values) -> None:
    """The server's container, and which value each part of it comes from."""
    lists = {
        "ports": list(_server_ports(values)),
        "volumeMounts": list(_server_mounts(values)),
    }
    server = {"name": SERVER, "securityContext": context}
    for key, items in lists.items():
        server[key] = [each.item for each in items]
    for key in OF_CONTAINER:
        server[key] = values[key]
    for key in OF_SERVER:
        server[key] = values["server"][key]
    path = collected.add("containers", server, ())
    _note_origins(collected.origins, path)
    for key, items in lists.items():
        for index, each in enumerate(items):
            collected.origins[*path, key, index] = each.origin


class _Item(NamedTuple):
    """An item of one of the server's lists, and the value that it comes from."""

    origin: KeyPath
    item: Any


def _note_origins(origins: dict[KeyPath, KeyPath], server: KeyPath) -> None:
    """Which value each key of the server's container comes from."""
    for key in ("securityContext", *OF_CONTAINER):
        origins[*server, key] = (key,)
    for key in OF_SERVER:
        origins[*server, key] = ("server", key)


def _server_mounts(values: Values) -> Iterator[_Item]:
    """The chart's mounts, then people's."""
    for mounted in mounts.of_chart(values):
        yield _Item(mounted.origin, _mount(mounted))
    for index, mount in enumerate(values["volumeMounts"]):
        yield _Item(("volumeMounts", index), mount)


def _mount(mounted: mounts.Mounted) -> Values:
    return {"name": mounted.volume, "mountPath": mounted.directory}


def _server_ports(values: Values) -> Iterator[_Item]:
    """The listeners' ports, then those of the Service that no listener or sidecar has."""
    taken = set(_ports_of_sidecars(values))
    for listener in listeners(values):
        taken.add(listener.port)
        port = _port(listener.name, listener.port)
        yield _Item(listener.origin, port)
    for index, extra in enumerate(values["service"]["extraPorts"]):
        number = extra.get("containerPort") or extra["port"]
        if number in taken:
            continue
        taken.add(number)
        port = _port(extra["name"], number)
        yield _Item(("service", "extraPorts", index), port)


def _ports_of_sidecars(values: Values) -> Iterator[int]:
    """Numbers of ports that are a sidecar's, and so none of the server's."""
    for sidecar in values["sidecars"]:
        for port in list_at(sidecar, "ports"):
            number = lookup(port, ("containerPort",))
            if isinstance(number, int):
                yield number


def _port(name: str, number: int) -> Values:
    return {"name": name, "containerPort": number}
