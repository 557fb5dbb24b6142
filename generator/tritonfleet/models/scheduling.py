"""How one model's requests are put together and where they run: batches, queues, instances.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelConfig, ValidateInstanceGroup).
"""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import Message, number_of
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config
from tritonfleet.problem import WARNING

_WITHOUT_GPUS = frozenset({"KIND_CPU", "KIND_MODEL"})


def batches_fit(model: Model, _: Server) -> Iterator[Finding]:
    """Sizes of batches, and the queues in which requests wait for them."""
    config = model.config
    most = model.max_batch_size
    if most < 0:
        message = "`max_batch_size` is below 0"
        yield at_field(config, "max_batch_size", "TF210", message, "0: no batches")
    batching = config.message("dynamic_batching")
    oldest = config.message("sequence_batching").message("oldest")
    yield from _preferred(most, batching)
    yield from _preferred(most, oldest)
    yield from _priorities(batching)
    yield from _order(batching)


def _preferred(most: int, batching: Message) -> Iterator[Finding]:
    """A size that is preferred must be one that the model takes."""
    for word in batching.words("preferred_batch_size"):
        size = number_of(word)
        if not 0 < size <= most:
            message = f"a preferred batch of {size}, and batches have 1 to {most}"
            hint = "raise `max_batch_size`, or remove the size"
            yield in_config(word.place, "TF210", message, hint)


def _priorities(batching: Message) -> Iterator[Finding]:
    """Levels count from 1; without `priority_levels` there are none, and nothing else of them counts."""
    levels = batching.number("priority_levels")
    if not levels:
        return
    default = batching.number("default_priority_level")
    if not 1 <= default <= levels:
        message = f"`default_priority_level` is not one of the {levels} levels"
        hint = f"set it to a number from 1 to {levels}"
        yield at_field(batching, "priority_levels", "TF211", message, hint)
    yield from _policies_of_no_level(batching, levels)


def _policies_of_no_level(batching: Message, levels: int) -> Iterator[Finding]:
    for policy in batching.messages("priority_queue_policy"):
        level = policy.number("key")
        if not 1 <= level <= levels:
            message = f"a queue's policy is for level {level} of {levels}"
            yield at_field(policy, "key", "TF211", message)


def _order(batching: Message) -> Iterator[Finding]:
    """Responses keep the order of their requests only in one queue, and if none is put back."""
    ordering = "preserve_ordering"
    if not batching.flag(ordering):
        return
    if batching.number("priority_levels") > 1:
        message = "`preserve_ordering` takes one priority level"
        yield at_field(batching, ordering, "TF211", message)
    for policy in _queue_policies(batching):
        delays = policy.text("timeout_action") == "DELAY"
        if delays and policy.number("default_timeout_microseconds"):
            message = "`preserve_ordering` does not go with a queue that delays"
            yield at_field(batching, ordering, "TF211", message, "remove one of them")


def _queue_policies(batching: Message) -> Iterator[Message]:
    """The one for all queues, and those of single levels."""
    yield batching.message("default_queue_policy")
    for each in batching.messages("priority_queue_policy"):
        yield each.message("value")


def instances_can_run(model: Model, server: Server) -> Iterator[Finding]:
    """Groups of instances have what they run on; an ensemble has no instances of its own."""
    if model.has_plan:
        return
    takes_profiles = run_of(model).backend == "tensorrt"
    for group in model.config.messages("instance_group"):
        if not takes_profiles:
            yield from _needless_profile(group)
        if group.text("kind") in _WITHOUT_GPUS:
            yield from _needless_gpus(group)
        else:
            yield from _absent_gpus(group, server)


def _needless_profile(group: Message) -> Iterator[Finding]:
    if group.has("profile"):
        message = "only TensorRT takes `profile`"
        yield at_field(group, "profile", "TF212", message, "remove it")


def _needless_gpus(group: Message) -> Iterator[Finding]:
    if group.numbers("gpus"):
        message = f"a group of {group.text('kind')} names GPUs"
        hint = "remove `gpus`, or make it KIND_GPU"
        yield at_field(group, "gpus", "TF212", message, hint)


def _absent_gpus(group: Message, server: Server) -> Iterator[Finding]:
    """KIND_AUTO, which is the default, takes GPUs where there are some; only those that it names must be there."""
    if group.numbers("gpus") and server.devices == 0:
        message = "a group names GPUs, and a pod has none"
        hint = "set `accelerator.count`, or remove `gpus`"
        yield at_field(group, "gpus", "TF212", message, hint)
    elif group.text("kind") == "KIND_GPU" and server.devices is not None:
        yield from _devices(group, server.devices)


def _devices(group: Message, devices: int) -> Iterator[Finding]:
    """Devices of a pod count from 0."""
    if not devices:
        message = "a group of KIND_GPU, and a pod has no GPU"
        hint = "set `accelerator.count`, or make it KIND_CPU"
        yield at_field(group, "kind", "TF212", message, hint)
        return
    absent = [gpu for gpu in group.numbers("gpus") if not 0 <= gpu < devices]
    if absent:
        message = f"GPU {absent[0]} is not there: a pod has {devices}"
        hint = "set `accelerator.count`, or name others; they count from 0"
        yield at_field(group, "gpus", "TF212", message, hint)


def responses_can_be_cached(model: Model, server: Server) -> Iterator[Finding]:
    """A cache keeps one response for one request, and it is the server that has it."""
    config = model.config
    field = "response_cache"
    if not config.message(field).flag("enable"):
        return
    for name in _uncachable(config):
        message = f"the responses of a model with `{name}` cannot be cached"
        yield at_field(config, field, "TF217", message, "remove `response_cache`")
    if server.caches is False:
        message = "the model asks for a cache of responses, and the server has none"
        found = at_field(config, field, "TF217", message, "set `server.cache`")
        yield found._replace(severity=WARNING)


def _uncachable(config: Message) -> Iterator[str]:
    """What a model has whose responses depend on more than their request."""
    if config.has("sequence_batching"):
        yield "sequence_batching"
    if config.message("model_transaction_policy").flag("decoupled"):
        yield "decoupled"
