"""What follows from a release's values: numbers of quantities, pods, the server's version, its image and models.

`values` are always complete: the chart's defaults with the release's own over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from tritonfleet import vllm
from tritonfleet.modes import DYNAMO, mode
from tritonfleet.values import KeyPath, Values, mapping_at

SECONDS = {"s": 1, "m": 60, "h": 3600}
# As far as the chart's schema takes https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/.
FACTORS: dict[str, Fraction | int] = {
    "": 1, "m": Fraction(1, 1000), "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<unit>[A-Za-z]*)\Z")
# The first part of a name is a registry when it could not be part of a name, as container runtimes read it:
# https://github.com/distribution/reference
_REGISTRY = re.compile(r"\A(?:localhost|[^/@]*[.:][^/@]*)/")
_VERSION = re.compile(r"[0-9]{2}\.(?:0[1-9]|1[0-2])")

InlineModels: TypeAlias = Mapping[str, Mapping[str, str]]

MEBIBYTE = 2**20
VLLM_SHARED_MEMORY = 2**30
# Access modes of claims that many nodes mount at once.
MODES_OF_MANY = frozenset({"ReadWriteMany", "ReadOnlyMany"})


def seconds(duration: str) -> int:
    """Seconds of a duration of the schema: 90s, 10m, 1h."""
    number = duration[:-1]
    unit = duration[-1]
    return int(number) * SECONDS[unit]


# Rules ask four times for each release, mostly for the same few quantities: without the cache, the stage `validate`
# takes 0.29 s for 1,000 models in 3 environments, with it 0.23 s.
@lru_cache(maxsize=1000)
def quantity(text: str | float) -> Fraction:
    """The number that a Kubernetes quantity means: 500m, 2, 4Gi. Raises ValueError for anything else."""
    if not isinstance(text, str):
        return Fraction(str(text))  # 0.00001 too, which Python writes as 1e-05
    match = _QUANTITY.match(text)
    if match is None or match["unit"] not in FACTORS:
        raise ValueError(f"{text} is no quantity")
    factor = FACTORS[match["unit"]]
    return Fraction(match["number"]) * factor


def most_pods(values: Values) -> int:
    """Pods that a release may come to have, surge pods aside."""
    scaling = values["autoscaling"]
    if scaling["enabled"]:
        return int(scaling["maxReplicas"])
    return int(values["replicas"])


def owns_single_writer_claim(values: Values) -> bool:
    """Whether the release creates a claim that only one node, or pod, can mount."""
    created = [mapping_at(values, "repository", "pvc", "create")]
    for cache in _created_caches(values):
        created.append({"size": 0, **cache["create"]})
    created += vllm.claims(values)
    return any(map(_has_single_writer, filter(None, created)))


def _created_caches(values: Values) -> Iterator[Values]:
    """Caches on claims that the release creates; a chart before 0.2 has none."""
    for cache in values.get("caches") or ():
        if cache.get("create") is not None:
            yield cache


def _has_single_writer(create: Values) -> bool:
    """Whether none of a claim's access modes lets many nodes mount it."""
    modes: list[str] = create.get("accessModes", ["ReadWriteOnce"])
    return bool(modes) and MODES_OF_MANY.isdisjoint(modes)


def replaces(values: Values) -> bool:
    """Whether a rollout ends an old pod before it starts a new one."""
    if values["rollout"] == "auto":
        return owns_single_writer_claim(values)
    return bool(values["rollout"] == "replace")


def shared_memory(values: Values) -> int:
    """Bytes of /dev/shm: what is asked for, or what Python instances or vLLM need when that is more."""
    asked = values["sharedMemory"]
    needed = int(quantity(asked["size"]))
    instances: int = asked["pythonInstances"]
    if instances:
        needed = max(needed, (64 + 16 * instances) * MEBIBYTE)
    if vllm.engines(values):
        needed = max(needed, VLLM_SHARED_MEMORY)
    return needed


def volumes_in_memory(values: Values) -> int:
    """Bytes that limited volumes in memory may take: /tmp, caches, and those of `volumes`."""
    spaces = (values["scratch"], *values.get("caches", ()))
    limits = [each.get("size", 0) for each in spaces if each.get("medium")]
    for volume in values["volumes"]:
        directory = mapping_at(volume, "emptyDir")
        if directory.get("medium") == "Memory":
            limits.append(directory.get("sizeLimit", 0))
    return sum(map(_size_limit, limits))


def _size_limit(text: Any) -> int:
    """Bytes of a limit that the chart's schema does not type; 0 where it is written in a way of its own."""
    try:
        return int(quantity(text))
    except ValueError:
        return 0


def image(values: Values) -> str:
    """The server's image as pods ask for it: registry/repository:tag, or @digest when there is one."""
    parts = values["image"]
    name = parts["repository"]
    if parts["registry"]:
        name = f"{parts['registry']}/{name}"
    mirror = mapping_at(values, "global").get("imageRegistry")
    if mirror:
        name = mirrored(name, mirror)
    # A tag may have its digest behind it, as Renovate writes it: a new tag then replaces both.
    tag, _, of_tag = parts["tag"].partition("@")
    digest = of_tag or parts["digest"]
    if digest:
        return f"{name}@{digest}"
    return f"{name}:{tag}"


def mirrored(image: str, registry: str) -> str:
    """What an image is called in a mirror: the same name, in another registry."""
    name = _REGISTRY.sub("", image, count=1)
    place = registry.rstrip("/")
    return f"{place}/{name}"


def triton_version(values: Values) -> str:
    """YY.MM of the server, as `tritonVersion` or the image's tag says it; "" when neither does.

    Other products have tags like 25.10, too: it is Triton's where the image's name or NVIDIA's ending says so.
    """
    parts = values["image"]
    version: str = parts["tritonVersion"]
    if version:
        return version
    tag = parts["tag"]
    is_of_triton = "triton" in parts["repository"] or "-py3" in tag
    if not is_of_triton:
        return ""
    match = _VERSION.match(tag)
    return match[0] if match else ""


def explicit(values: Values) -> bool:
    """Whether the server loads the models that are named, and no others."""
    control = values["modelControl"]["mode"]
    if control == "auto":
        return bool(values["loadModels"]) and mode(values) != DYNAMO
    return bool(control == "explicit")


def named_models(values: Values) -> list[str]:
    """The models that `loadModels` names; `*`, which means all of them, names none."""
    return [model for model in values["loadModels"] if model != "*"]


def is_filled_later(values: Values) -> bool:
    """Whether models may come while the server runs: it looks for them, or somebody loads them."""
    control = values["modelControl"]["mode"]
    if control == "explicit":
        return not values["loadModels"]
    return bool(control == "poll")


def inline_models(values: Values) -> InlineModels:
    """The files of models that are in the values themselves, by model and path; for vLLM the chart writes them."""
    engines = vllm.engines(values)
    if not engines:
        config_map: Values = values["repository"].get("configMap") or {}
        models: InlineModels = config_map.get("models", {})
        return models
    weights = vllm.weights(values)
    return {name: vllm.files_of(each, weights) for name, each in engines.items()}


def path_of_inline_models(values: Values) -> KeyPath:
    """Where the values name them."""
    if vllm.engines(values):
        return ("repository", "vllm")
    return ("repository", "configMap", "models")
