"""The pod that a release becomes, as far as admission looks at it: the chart's parts, with `podTemplate` over them.

The chart makes the real one; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tritonfleet import mounts
from tritonfleet.nouns import Release
from tritonfleet.pod import Pod, patched
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at

# Root keys without which no part of the pod is people's own: then it is the chart's, which everything admits.
OPEN_KEYS = frozenset({
    "commonAnnotations", "initContainers", "lifecycle", "livenessProbe", "podAnnotations", "podSecurityContext",
    "podTemplate", "readinessProbe", "securityContext", "sidecars", "startupProbe", "volumeMounts", "volumes",
})  # fmt: skip
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
LISTENERS = ("http", "grpc", "metrics")
SERVER = "triton"
FETCH = "fetch"
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
    patch = mapping_at(values, "podTemplate")
    collected = _Collected()
    _collect_volumes(collected, values)
    _collect_containers(collected, values)
    collected.origins["spec", "securityContext"] = ("podSecurityContext",)
    template = {
        "metadata": _metadata(collected, release.name, values),
        "spec": {
            "securityContext": values.get("podSecurityContext") or {},
            **collected.lists,
        },
    }
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
    for key in ("commonAnnotations", "podAnnotations"):
        for annotation in values[key]:
            path = ("metadata", "annotations", annotation)
            collected.origins[path] = (key, annotation)
    annotations = {**values["commonAnnotations"], **values["podAnnotations"]}
    return {"labels": selector(name, values), "annotations": annotations}


def _collect_volumes(collected: _Collected, values: Values) -> None:
    """The chart's volumes with their kinds alone, then people's."""
    for mounted in mounts.of_chart(values):
        volume = {"name": mounted.volume, mounted.kind: {}}
        collected.add("volumes", volume, mounted.origin)
    for index, volume in enumerate(values["volumes"]):
        collected.add("volumes", volume, ("volumes", index))


def _collect_containers(collected: _Collected, values: Values) -> None:
    """Init containers, `fetch`, the server and its sidecars, in this order."""
    context = values.get("securityContext") or {}
    for index, container in enumerate(values["initContainers"]):
        origin = ("initContainers", index)
        _add_peoples(collected, "initContainers", container, context, origin)
    if values["fetch"]["enabled"]:
        _add_fetch(collected, values, context)
    _add_server(collected, values, context)
    for index, container in enumerate(values["sidecars"]):
        _add_peoples(collected, "containers", container, context, ("sidecars", index))


def _add_peoples(
    collected: _Collected, kind: str, container: Any, context: Values, origin: KeyPath
) -> None:
    """A container as people wrote it; one without a security context gets the chart's."""
    inherits = isinstance(container, dict) and "securityContext" not in container
    if inherits:
        container = {**container, "securityContext": context}
    path = collected.add(kind, container, origin)
    if inherits:
        collected.origins[*path, "securityContext"] = ("securityContext",)


def _add_fetch(collected: _Collected, values: Values, context: Values) -> None:
    fetch = {
        "name": FETCH,
        "securityContext": context,
        "volumeMounts": [_mount(each) for each in mounts.of_fetch(values)],
    }
    path = collected.add("initContainers", fetch, ("fetch",))
    collected.origins[*path, "securityContext"] = ("securityContext",)


def _add_server(collected: _Collected, values: Values, context: Values) -> None:
    of_chart = list(mounts.of_chart(values))
    ports = dict(_server_ports(values))
    server = {
        "name": SERVER,
        "securityContext": context,
        "ports": [*ports.values()],
        "volumeMounts": [*map(_mount, of_chart), *values["volumeMounts"]],
        "lifecycle": values["lifecycle"],
        "command": values["server"]["command"],
        "args": values["server"]["args"],
    }
    server |= {probe: values[probe] for probe in PROBES}
    path = collected.add("containers", server, ())
    origins = collected.origins
    for key in ("securityContext", "lifecycle", *PROBES):
        origins[*path, key] = (key,)
    for key in ("command", "args"):
        origins[*path, key] = ("server", key)
    for index, origin in enumerate(ports):
        origins[*path, "ports", index] = origin
    for index, mounted in enumerate(of_chart):
        origins[*path, "volumeMounts", index] = mounted.origin
    for index in range(len(values["volumeMounts"])):
        place = (*path, "volumeMounts", len(of_chart) + index)
        origins[place] = ("volumeMounts", index)


def _server_ports(values: Values) -> Iterator[tuple[KeyPath, Values]]:
    """The listeners' ports, then those of the Service that no listener or sidecar has: the value, and the port."""
    taken = {
        lookup(port, ("containerPort",))
        for sidecar in values["sidecars"]
        for port in list_at(sidecar, "ports")
    }
    for name in LISTENERS:
        if values[name]["enabled"]:
            number = values[name]["port"]
            taken.add(number)
            yield (name, "port"), {"name": name, "containerPort": number}
    for index, port in enumerate(values["service"]["extraPorts"]):
        number = port.get("containerPort") or port["port"]
        if number not in taken:
            taken.add(number)
            path = ("service", "extraPorts", index)
            yield path, {"name": port["name"], "containerPort": number}


def _mount(mounted: mounts.Mounted) -> Values:
    return {"name": mounted.volume, "mountPath": mounted.directory}
