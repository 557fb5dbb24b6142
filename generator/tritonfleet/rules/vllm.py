"""Models of vLLM: what their engines are told, and whether their weights come and fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet import vllm
from tritonfleet.facts import quantity, triton_version
from tritonfleet.models.vllm_arguments import instead, unknown
from tritonfleet.mounts import TEMPORARY
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.network_policy import HUB_NAME
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values

GIBIBYTE = 2**30
# How many billions of parameters a model has, as nearly all names say it: 0.5B, 8x7B.
_PARAMETERS = re.compile(r"(?<![A-Za-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)B(?![A-Za-z0-9])")
# Names of weights with fewer bytes for a parameter than the two of BF16.
_QUANTIZED = re.compile(r"AWQ|GPTQ|FP8|FP4|INT[48]|W[48]A|GGUF|bnb|[48]-?bit", re.I)
# What the hub gives nobody without a token whose owner agreed to a licence: https://huggingface.co/docs/hub/models-gated
_GATED = re.compile(r"meta-llama/|google/gemma-(2b|7b|1|2-|3-)")
CACHES_OF_THE_HUB = ("HF_HOME", "HF_HUB_CACHE")
TOKENS = frozenset({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})


class Room(NamedTuple):
    """Where weights are put: the value that says how much fits, and the place in words."""

    path: KeyPath
    size: str
    place: str


@release_rule("TF190", "repository weights scratch", WARNING)
def weights_have_room(release: Release, values: Values) -> Iterator[Problem]:
    """Weights fit where they are put, as far as their names say how large they are."""
    names = _downloaded(values)
    room = _room(values) if names else None
    if room is None:
        return
    needed = sum(map(_bytes, names))
    if needed > quantity(room.size):
        models = " and ".join(names)
        size = f"{needed / GIBIBYTE:.3g}Gi"
        what = f"{models} may have {size} of weights"
        message = f"{what}, and {room.place} has {room.size}"
        path: KeyPath = ("repository", "vllm")
        if release.setter(room.path) is not None:
            path = room.path
        yield at(release, path, message, _hint(room, needed))


def _hint(room: Room, needed: int) -> str:
    size = f"{needed // GIBIBYTE + 2}Gi"
    if room.path[0] == "weights":
        return f"set size: {size}"
    return f"have them prepared with weights: {{hub: {{size: {size}}}}}, or raise `scratch.size`"


def _room(values: Values) -> Room | None:
    """None where nobody can tell, as on a claim that many releases share."""
    for source, settings in vllm.weights(values).items():
        if "size" not in settings:
            return None
        path = ("weights", source, "size")
        return Room(path, settings["size"], f"the volume of `weights.{source}`")
    scratch = values["scratch"]
    if scratch.get("volume") or _has_another_place(values):
        return None
    return Room(("scratch", "size"), scratch["size"], TEMPORARY)


def _has_another_place(values: Values) -> bool:
    """Without `weights` the server downloads below its HOME, unless somebody made another place for it."""
    if any(name in values["env"] for name in CACHES_OF_THE_HUB):
        return True
    caches = values.get("caches") or ()
    mounts = [*caches, *values["volumeMounts"]]
    places = (str(mount.get("mountPath")) for mount in mounts)
    return any(place.startswith(TEMPORARY) for place in places)


def _downloaded(values: Values) -> list[str]:
    """Names of weights that somebody downloads: before the start, or the server itself."""
    if vllm.weights(values):
        return vllm.downloads(values)
    engines = vllm.engines(values).values()
    names = {engine["model"] for engine in engines}
    return sorted(filter(HUB_NAME.match, names))


def _bytes(name: str) -> int:
    """Bytes of weights, at two for each parameter; 0 for a name that does not say how many these are."""
    match = _PARAMETERS.search(name)
    if match is None or _QUANTIZED.search(name):
        return 0
    experts = int(match[1] or 1)
    billions = float(match[2]) * experts
    return int(billions * 2e9)


@release_rule("TF191", "repository image", WARNING)
def engine_knows_what_it_is_told(release: Release, values: Values) -> Iterator[Problem]:
    """The vLLM of the image takes the arguments that its engines are told."""
    for model, engine in vllm.engines(values).items():
        version = triton_version(values)
        for argument in engine:
            said = unknown(argument, version)
            if said:
                path = ("repository", "vllm", model, argument)
                hint = instead(argument, version)
                yield at(release, path, said, hint, key=True)


@release_rule("TF192", "repository weights")
def weights_can_be_prepared(release: Release, values: Values) -> Iterator[Problem]:
    """There is something to prepare, and one version of it."""
    for source in vllm.weights(values):
        if source in vllm.DOWNLOADED and not vllm.downloads(values):
            message = "there is nothing to prepare: each model names a place of its own"
            hint = f"name what the {source} calls it, like Qwen/Qwen2.5-0.5B-Instruct, or remove this"
            yield at(release, ("weights", source), message, hint, key=True)
        yield from _second_versions(release, values)


def _second_versions(release: Release, values: Values) -> Iterator[Problem]:
    """All weights of one name are in one directory of the pod."""
    seen: dict[str, str] = {}
    for model, engine in vllm.engines(values).items():
        if not vllm.is_prepared(engine):
            continue
        name = engine["model"]
        revision = engine.get("revision", "")
        first = seen.setdefault(name, revision)
        if revision != first:
            path = ("repository", "vllm", model, "model")
            message = f"another model has {name} at another `revision`"
            yield at(release, path, message, "use one revision, or two releases")


@release_rule("TF193", "repository weights", WARNING)
def gated_weights_have_a_token(release: Release, values: Values) -> Iterator[Problem]:
    """What the hub gives nobody without a token is asked for with one."""
    if not vllm.engines(values):
        return
    weights = vllm.weights(values)
    hub = weights.get("hub")
    if weights and (hub is None or hub.get("secretName")):
        return
    if values["envFrom"] or not TOKENS.isdisjoint(values["env"]):
        return
    for model, engine in vllm.engines(values).items():
        if _GATED.match(engine["model"]):
            path = ("repository", "vllm", model, "model")
            message = f"the hub gives {engine['model']} to nobody without a token"
            hint = (
                "name its Secret: weights: {hub: {secretName: huggingface, key: token}}"
            )
            yield at(release, path, message, hint)
