"""Resources that instances of a model share through the server's rate limiter.

Source: triton-inference-server/core, src/rate_limiter.cc (ResourceManager), at 2.71.
"""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config


def resources_are_enough(model: Model, server: Server) -> Iterator[Finding]:
    """Every instance can get what it asks for, or the server does not load its model."""
    if not server.limits_rates:
        return
    asked = [
        resource
        for group in model.config.messages("instance_group")
        for resource in group.message("rate_limiter").messages("resources")
    ]
    for resource in asked:
        yield from _enough(resource, server)
    yield from _two_kinds(asked)


def _enough(resource: Message, server: Server) -> Iterator[Finding]:
    """Where the server is told no resources, there is as much of each as its greediest instance asks for."""
    limits = server.resources
    if not limits:
        return
    name, count = resource.name, resource.number("count")
    most = limits.get(name, 0)
    if count > most:
        message = f"an instance asks for {count} of {name}, and the server has {most}"
        hint = f"set `server.rateLimit.resources.{name}`, or ask for less"
        yield at_field(resource, "count", "TF224", message, hint)


def _two_kinds(asked: list[Message]) -> Iterator[Finding]:
    """A resource is there once for each device, or once for all of them."""
    shared = {each.name for each in asked if each.flag("global")}
    for resource in asked:
        if resource.name in shared and not resource.flag("global"):
            message = (
                f"{resource.name} is a resource of each device and of all together"
            )
            hint = "set `global` on all of them, or on none"
            yield in_config(resource.place, "TF224", message, hint)
