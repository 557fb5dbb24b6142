"""How one model's requests are put together and where they run: batches, queues, sequences, instances.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelConfig, ValidateInstanceGroup).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tritonfleet.models.backends import run_of
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.said import Said
from tritonfleet.problem import WARNING

_OF_SEQUENCES = ("int32_false_true", "fp32_false_true", "bool_false_true")
_WITHOUT_GPUS = frozenset({"KIND_CPU", "KIND_MODEL"})
_CORRELATION = "CONTROL_SEQUENCE_CORRID"
_CORRELATION_TYPES = frozenset(
    {"TYPE_UINT64", "TYPE_INT64", "TYPE_UINT32", "TYPE_INT32", "TYPE_STRING"}
)


def batches_fit(model: Model, _: Server) -> Iterator[Finding]:
    config = model.config
    if config.number("max_batch_size") < 0:
        place = config.at("max_batch_size")
        yield Finding(
            "TF210", "`max_batch_size` is below 0", "0: no batches", CONFIG, place
        )
    batching = config.message("dynamic_batching")
    yield from _preferred(config, batching)
    yield from _preferred(config, config.message("sequence_batching").message("oldest"))
    yield from _priorities(batching)
    yield from _order(batching)


def _preferred(config: Said, batching: Said) -> Iterator[Finding]:
    most = config.number("max_batch_size")
    for word, size in zip(
        batching.words("preferred_batch_size"),
        batching.numbers("preferred_batch_size"),
        strict=True,
    ):
        if not 0 < size <= most:
            message = f"a preferred batch of {size}, and batches have 1 to {most}"
            hint = "raise `max_batch_size`, or remove the size"
            yield Finding("TF210", message, hint, CONFIG, word.place)


def _priorities(batching: Said) -> Iterator[Finding]:
    levels = batching.number("priority_levels")
    if not levels:
        return
    if not 1 <= batching.number("default_priority_level") <= levels:
        message = f"`default_priority_level` is not one of the {levels} levels"
        hint = f"set it to a number from 1 to {levels}"
        yield Finding("TF211", message, hint, CONFIG, batching.at("priority_levels"))
    for policy in batching.messages("priority_queue_policy"):
        if not 1 <= policy.number("key") <= levels:
            message = (
                f"a queue's policy is for level {policy.number('key')} of {levels}"
            )
            yield Finding("TF211", message, "", CONFIG, policy.at("key"))


def _order(batching: Said) -> Iterator[Finding]:
    if not batching.flag("preserve_ordering"):
        return
    place = batching.at("preserve_ordering")
    if batching.number("priority_levels") > 1:
        message = "`preserve_ordering` takes one priority level"
        yield Finding("TF211", message, "", CONFIG, place)
    policies = [
        each.message("value") for each in batching.messages("priority_queue_policy")
    ]
    for policy in [batching.message("default_queue_policy"), *policies]:
        delays = policy.text("timeout_action") == "DELAY"
        if delays and policy.number("default_timeout_microseconds"):
            message = "`preserve_ordering` does not go with a queue that delays"
            yield Finding("TF211", message, "remove one of them", CONFIG, place)


def instances_can_run(model: Model, server: Server) -> Iterator[Finding]:
    if model.config.has("ensemble_scheduling"):
        return
    is_tensorrt = run_of(model).backend == "tensorrt"
    for group in model.config.messages("instance_group"):
        if group.has("profile") and not is_tensorrt:
            message = "only TensorRT takes `profile`"
            yield Finding("TF212", message, "remove it", CONFIG, group.at("profile"))
        if group.text("kind") in _WITHOUT_GPUS:
            yield from _needless_gpus(group)
        else:
            yield from _absent_gpus(group, server)


def _needless_gpus(group: Said) -> Iterator[Finding]:
    if group.numbers("gpus"):
        message = f"a group of {group.text('kind')} names GPUs"
        hint = "remove `gpus`, or make it KIND_GPU"
        yield Finding("TF212", message, hint, CONFIG, group.at("gpus"))


def _absent_gpus(group: Said, server: Server) -> Iterator[Finding]:
    gpus = group.numbers("gpus")
    if gpus and server.devices == 0:
        message = "a group names GPUs, and a pod has none"
        hint = "set `accelerator.count`, or remove `gpus`"
        yield Finding("TF212", message, hint, CONFIG, group.at("gpus"))
    elif group.text("kind") == "KIND_GPU":
        yield from _devices(group, gpus, server)


def _devices(group: Said, gpus: list[int], server: Server) -> Iterator[Finding]:
    """Devices of a pod count from 0."""
    if server.devices is None:
        return
    place = group.at("kind")
    if not server.devices:
        message = "a group of KIND_GPU, and a pod has no GPU"
        hint = "set `accelerator.count`, or make it KIND_CPU"
        yield Finding("TF212", message, hint, CONFIG, place)
        return
    absent = [gpu for gpu in gpus if not 0 <= gpu < server.devices]
    if absent:
        message = f"GPU {absent[0]} is not there: a pod has {server.devices}"
        hint = "set `accelerator.count`, or name others; they count from 0"
        yield Finding("TF212", message, hint, CONFIG, group.at("gpus"))


def sequences_are_controlled(model: Model, _: Server) -> Iterator[Finding]:
    sequences = model.config.message("sequence_batching")
    inputs = sequences.messages("control_input")
    names = Counter(each.text("name") for each in inputs)
    for each in inputs:
        if not each.text("name"):
            yield Finding("TF213", "a control has no `name`", "", CONFIG, each.place)
        elif names[each.text("name")] > 1:
            message = f"two controls are called {each.text('name')}"
            yield Finding("TF213", message, "", CONFIG, each.at("name"))
        yield from _values(each)
    yield from _given_twice(inputs)
    direct = sequences.message("direct")
    yield from _utilization(direct)


def _given_twice(inputs: list[Said]) -> Iterator[Finding]:
    kinds = [(_kind(c), c) for each in inputs for c in each.messages("control")]
    counts = Counter(kind for kind, _ in kinds)
    for kind, control in kinds:
        if counts[kind] > 1:
            message = f"{kind} is given {counts[kind]} times"
            yield Finding("TF213", message, "give it once", CONFIG, control.place)


def _kind(control: Said) -> str:
    """protobuf's default is the first of the words."""
    return control.text("kind") or "CONTROL_SEQUENCE_START"


def _values(of_input: Said) -> Iterator[Finding]:
    for control in of_input.messages("control"):
        given = [name for name in _OF_SEQUENCES if control.has(name)]
        if _kind(control) == _CORRELATION:
            yield from _correlation(control, given)
        elif len(given) != 1 or len(control.given(given[0])) != 2:
            message = f"{_kind(control)} needs two values, for false and for true"
            hint = "like `int32_false_true: [0, 1]`"
            yield Finding("TF213", message, hint, CONFIG, control.place)


def _correlation(control: Said, given: list[str]) -> Iterator[Finding]:
    if given:
        message = f"{_CORRELATION} takes no `{given[0]}`"
        yield Finding("TF213", message, "remove it", CONFIG, control.at(given[0]))
    if control.text("data_type") not in _CORRELATION_TYPES:
        message = f"{_CORRELATION} is a whole number or a text"
        hint = "like `data_type: TYPE_UINT64`"
        yield Finding("TF213", message, hint, CONFIG, control.place)


def _utilization(direct: Said) -> Iterator[Finding]:
    text = direct.text("minimum_slot_utilization")
    try:
        share = float(text.rstrip("fF") or 0)
    except ValueError:  # hexadecimal, say
        return
    if not 0 <= share <= 1:
        message = "`minimum_slot_utilization` is a share, from 0 to 1"
        place = direct.at("minimum_slot_utilization")
        yield Finding("TF213", message, "", CONFIG, place)


def responses_can_be_cached(model: Model, server: Server) -> Iterator[Finding]:
    config = model.config
    cache = config.message("response_cache")
    if not cache.flag("enable"):
        return
    place = config.at("response_cache")
    for field, is_set in {
        "sequence_batching": config.has("sequence_batching"),
        "decoupled": config.message("model_transaction_policy").flag("decoupled"),
    }.items():
        if is_set:
            message = f"the responses of a model with `{field}` cannot be cached"
            yield Finding("TF217", message, "remove `response_cache`", CONFIG, place)
    if server.caches is False:
        message = "the model asks for a cache of responses, and the server has none"
        hint = "set `server.cache`"
        yield Finding("TF217", message, hint, CONFIG, place, WARNING)


def metrics_are_whole(model: Model, _: Server) -> Iterator[Finding]:
    for control in model.config.message("model_metrics").messages("metric_control"):
        family = control.message("metric_identifier").text("family")
        buckets = control.message("histogram_options").numbers("buckets")
        for name, is_given in {"family": family, "buckets": buckets}.items():
            if not is_given:
                message = f"a metric has no `{name}`"
                yield Finding("TF216", message, f"add `{name}`", CONFIG, control.place)
