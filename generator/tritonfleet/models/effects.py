"""Settings that the server reads, keeps and never uses: it says nothing, so we do.

Source: triton-inference-server/core, src/dynamic_batch_scheduler.cc and src/model_config_utils.cc, at 2.71.
"""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field
from tritonfleet.models.tensors import may_be_completed
from tritonfleet.problem import WARNING


def settings_have_effects(model: Model, server: Server) -> Iterator[Finding]:
    """What is set does something; as nothing else breaks, all of it is a warning."""
    for found in _without_effect(model, server):
        yield found._replace(severity=WARNING)


def _without_effect(model: Model, server: Server) -> Iterator[Finding]:
    config = model.config
    yield from _batching(model, server)
    yield from _levels(config.message("dynamic_batching"))
    if server.limits_rates is False:
        yield from _rates(config)


def _batching(model: Model, server: Server) -> Iterator[Finding]:
    """Requests are put together up to `max_batch_size`, which some backends complete by themselves."""
    config = model.config
    if config.has("dynamic_batching") and config.has("sequence_batching"):
        return  # of which the grammar says that only one may be given
    is_told = model.max_batch_size > 0 or may_be_completed(model, server)
    if config.has("dynamic_batching") and not is_told:
        message = "`dynamic_batching` does nothing: `max_batch_size` is 0"
        hint = "set `max_batch_size`, or remove it"
        yield at_field(config, "dynamic_batching", "TF226", message, hint)


def _levels(batching: Message) -> Iterator[Finding]:
    """Without levels there are no priorities."""
    if batching.number("priority_levels"):
        return
    for field in ("default_priority_level", "priority_queue_policy"):
        if batching.has(field):
            message = f"`{field}` does nothing: there are no `priority_levels`"
            hint = "set `priority_levels`, or remove it"
            yield at_field(batching, field, "TF226", message, hint)


def _rates(config: Message) -> Iterator[Finding]:
    for group in config.messages("instance_group"):
        if group.has("rate_limiter"):
            message = "`rate_limiter` does nothing: the server has no rate limiter"
            hint = "set `server.rateLimit.enabled`, or remove it"
            yield at_field(group, "rate_limiter", "TF226", message, hint)
