"""A release as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence

from tritonfleet.facts import image, most_pods
from tritonfleet.nouns import Release
from tritonfleet.overview.shapes import Action, Running
from tritonfleet.reach import address, commands
from tritonfleet.values import Values


def running(release: Release, problems: Sequence[str]) -> Running:
    """What the values of a release say of it, with the sentences of its problems."""
    values = release.complete()
    scaling = values["autoscaling"]
    most = most_pods(values)
    least = scaling["minReplicas"] if scaling["enabled"] else most
    accelerator = values["accelerator"]
    parts = values["image"]
    return Running(
        environment=release.environment.name,
        namespace=release.environment.namespace,
        image=image(values),
        tag=parts["digest"] or parts["tag"],
        model_version=values["modelVersion"],
        pods=str(most) if least == most else f"{least}–{most}",
        least=least,
        most=most,
        devices=accelerator["count"],
        resource=accelerator["resource"] if accelerator["count"] else "",
        source=_source(values["repository"]),
        models=tuple(values["loadModels"]),
        address=address(release, values),
        outside=_outside(values),
        suspended=release.suspended,
        problems=tuple(problems),
        actions=tuple(Action(*each) for each in commands(release, values)),
    )


# Of each kind of repository, the key that says where it is.
_ADDRESSES = ("uri", "path", "claim", "reference", "server")


def _source(repository: Values) -> str:
    """`s3 s3://bucket/prefix`; of inline models their names."""
    for kind, settings in repository.items():
        if kind == "configMap":
            return f"inline {', '.join(settings['models'])}"
        for key in _ADDRESSES:
            if settings.get(key):
                return f"{kind} {settings[key]}"
        return str(kind)
    return ""


def _outside(values: Values) -> str:
    """Host names of routes, or how the Service is seen from outside."""
    hosts = [host.get("host", "") for host in values["ingress"]["hosts"]]
    found = hosts if values["ingress"]["enabled"] else []
    for kind in ("httpRoute", "grpcRoute"):
        if values[kind]["enabled"]:
            found = [*found, *values[kind]["hostnames"]]
    service = values["service"]
    if service["type"] != "ClusterIP":
        ports = [f"{name} {port}" for name, port in service["nodePorts"].items()]
        found = [*found, " ".join([service["type"], *ports])]
    return ", ".join(filter(None, found))
