"""What follows from a release's values: numbers from quantities, pods, the server's version, the kind of rollout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tritonfleet.values import Values

SECONDS = {"s": 1, "m": 60, "h": 3600}
FACTORS: dict[str, Fraction | int] = {
    "": 1, "m": Fraction(1, 1000), "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)\Z")
_VERSION = re.compile(r"[0-9]{2}\.(?:0[1-9]|1[0-2])")


def seconds(duration: str) -> int:
    """Seconds of a duration of the schema: 90s, 10m, 1h."""
    return int(duration[:-1]) * SECONDS[duration[-1]]


@lru_cache(maxsize=1000)
def quantity(text: str | float) -> Fraction:
    """The number that a Kubernetes quantity means: 500m, 2, 4Gi. Raises ValueError for anything else."""
    match = _QUANTITY.match(str(text))
    if match is None or match[2] not in FACTORS:
        raise ValueError(f"{text} is no quantity")
    return Fraction(match[1]) * FACTORS[match[2]]


def most_pods(values: Values) -> int:
    """Pods that a release may come to have, surge pods aside."""
    scaling = values["autoscaling"]
    return int(scaling["maxReplicas"] if scaling["enabled"] else values["replicas"])


def owns_single_writer_claim(values: Values) -> bool:
    """Whether the release creates a claim that only one node, or pod, can mount."""
    create: Any = (values["repository"].get("pvc") or {}).get("create")
    modes = create.get("accessModes", ["ReadWriteOnce"]) if create else ()
    return bool(modes) and not {"ReadWriteMany", "ReadOnlyMany"} & set(modes)


def replaces(values: Values) -> bool:
    """Whether a rollout ends an old pod before it starts a new one."""
    return values["rollout"] == "replace" or (
        values["rollout"] == "auto" and owns_single_writer_claim(values)
    )


def triton_version(values: Values) -> str:
    """YY.MM of the server, as `tritonVersion` or the image's tag says it; "" when neither does."""
    image = values["image"]
    if image["tritonVersion"]:
        return str(image["tritonVersion"])
    return _version(image["tag"])


@lru_cache(maxsize=1000)
def _version(tag: str) -> str:
    match = _VERSION.match(tag)
    return match[0] if match else ""


def explicit(values: Values) -> bool:
    """Whether the server loads the models that are named, and no others."""
    mode = values["modelControl"]["mode"]
    return mode == "explicit" or (mode == "auto" and bool(values["loadModels"]))


def inline_models(values: Values) -> Mapping[str, Mapping[str, str]]:
    """The files of models that are written in the values themselves, by model and path."""
    models: Mapping[str, Mapping[str, str]] = (values["repository"].get("configMap") or {}).get(
        "models", {}
    )
    return models
