"""A release as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tritonfleet.facts import image, most_pods, named_models
from tritonfleet.nouns import Release
from tritonfleet.overview.actions import changes
from tritonfleet.overview.shapes import Action, Running, span
from tritonfleet.reach import address, commands
from tritonfleet.values import Values


def running(
    release: Release, problems: Sequence[str], environments: Sequence[str]
) -> Running:
    """What the values of a release say of it, with the sentences of its problems.

    `environments` are those that its model goes to.
    """
    values = release.complete()
    environment = release.environment
    most = most_pods(values)
    least = _least_pods(values)
    devices = values["accelerator"]["count"]
    return Running(
        environment=environment.name,
        namespace=environment.namespace,
        image=image(values),
        tag=_tag(values),
        model_version=values["modelVersion"],
        pods=span(least, most),
        least=least,
        most=most,
        devices=devices,
        resource=values["accelerator"]["resource"] if devices else "",
        source=_source(values["repository"]),
        models=tuple(named_models(values)),
        address=address(release, values),
        outside=_outside(values),
        suspended=release.suspended,
        problems=tuple(problems),
        actions=tuple(_actions(release, values, environments)),
    )


def _actions(
    release: Release, values: Values, environments: Sequence[str]
) -> Iterator[Action]:
    for command in [
        *commands(release, values),
        *changes(release, values, environments),
    ]:
        yield Action(*command)


def _least_pods(values: Values) -> int:
    """Pods that are always there; without an autoscaler these are all."""
    scaling = values["autoscaling"]
    least: int = scaling["minReplicas"] if scaling["enabled"] else most_pods(values)
    return least


def _tag(values: Values) -> str:
    """A digest counts before a tag, as for a container's runtime."""
    parts = values["image"]
    tag: str = parts["digest"] or parts["tag"]
    return tag


# Of each kind of repository, the key that says where it is.
_ADDRESSES = ("uri", "path", "claim", "reference", "server")


def _source(repository: Values) -> str:
    """`s3 s3://bucket/prefix`; of inline models and of those of vLLM their names."""
    for kind, settings in repository.items():  # a repository has one kind
        if kind == "configMap":
            models = ", ".join(settings["models"])
            return f"inline {models}"
        if kind == "vllm":
            return f"{kind} {', '.join(settings)}"
        words = [kind, *_addresses(settings)]
        return " ".join(words[:2])
    return ""


def _addresses(settings: Values) -> Iterator[str]:
    for key in _ADDRESSES:
        address = settings.get(key)
        if address:
            yield str(address)


def _outside(values: Values) -> str:
    """Host names of routes, or how the Service is seen from outside."""
    hosts = _host_names(values)
    services = _outside_service(values["service"])
    found = [*hosts, *services]
    return ", ".join(filter(None, found))


def _host_names(values: Values) -> Iterator[str]:
    """Those of the Ingress, then those of the routes of Gateway API; "" for an Ingress of any host."""
    ingress = values["ingress"]
    if ingress["enabled"]:
        for host in ingress["hosts"]:
            yield host.get("host", "")
    for kind in ("httpRoute", "grpcRoute"):
        route = values[kind]
        if route["enabled"]:
            yield from route["hostnames"]


def _outside_service(service: Values) -> Iterator[str]:
    """`NodePort http 30080`; nothing of a Service that only the cluster reaches."""
    kind = service["type"]
    if kind == "ClusterIP":
        return
    words = [kind]
    for name, port in service["nodePorts"].items():
        words.append(f"{name} {port}")
    yield " ".join(words)
