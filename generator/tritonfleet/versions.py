"""Versions of models and the addresses that they are at: bytes that change under an address that stays.

A pod that restarts reads its address anew. Where the version changed and the address did not, it loads other models
than its neighbours, and a rollback rolls nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tritonfleet.values import KeyPath, Values, dotted, lookup, mapping_at

VERSION = "{modelVersion}"
"""Stands for the version in an address; the chart replaces it when it makes the pod."""
# What may stand in every kind of address, and hides no directory: the chart refuses the same.
USABLE = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]*\Z")
# Parts of a repository that say where its models are, the last one being what a person would change. Models in an
# image, and texts in the list, are what they are. A volume that `fetch` fills has them from where `fetch` says.
_ADDRESSES: Mapping[str, tuple[KeyPath, ...]] = {
    "s3": (("endpoint",), ("uri",)),
    "gcs": (("uri",),),
    "azure": (("uri",),),
    "nfs": (("server",), ("path",)),
    "pvc": (("claim",), ("subPath",)),
    "hostPath": (("path",),),
    "volume": (("source",), ("subPath",)),
}
HINT = f"write the version into the address, where {VERSION} stands for it, and keep the old models where they are"


def placed(values: Values, text: str) -> str:
    """An address as the pod gets it."""
    return text.replace(VERSION, str(values.get("modelVersion") or ""))


def stays(before: Values, after: Values) -> str:
    """What to say where another version is at the same address; "" where it is not so.

    Values of which only some are said will do: the chart's defaults name no version and no repository.
    """
    old = before.get("modelVersion")
    new = after.get("modelVersion")
    if not old or not new or old == new:
        return ""
    if _addresses(before) != _addresses(after):
        return ""
    address = _main(after)
    if not address:
        return ""
    change = f"the models' version goes from {old} to {new} and {address} stays"
    restart = "an old pod that restarts would load the new models"
    return f"{change}: {restart}, and a rollback would not bring the old ones back"


def _main(values: Values) -> str:
    """The address in words; "" for a repository that has none."""
    repository = mapping_at(values, "repository")
    for kind, parts in _ADDRESSES.items():
        if kind in repository:
            return _words_of(values, kind, parts[-1])
    if "emptyDir" in repository:
        return "`fetch`"
    return ""


def _words_of(values: Values, kind: str, part: KeyPath) -> str:
    """A part of a repository with what it says; the repository's kind where it says nothing."""
    path = ("repository", kind, *part)
    address = lookup(values, path)
    if not address:
        return f"`repository.{kind}`"
    return f"`{dotted(path)}: {address}`"


def _addresses(values: Values) -> list[Any]:
    """Everything that says where models are, with the version in its place."""
    repository = mapping_at(values, "repository")
    parts: list[Any] = []
    for kind, paths in _ADDRESSES.items():
        settings = repository.get(kind)
        parts += [lookup(settings, path) for path in paths]
    if "emptyDir" in repository:
        parts.append(values.get("fetch"))
    parts += [values.get("extraRepositories"), values.get("weights")]
    return [_put(values, part) for part in parts]


def _put(values: Values, part: Any) -> Any:
    """Data with the version in the place of VERSION, wherever a text has it."""
    if isinstance(part, str):
        return placed(values, part)
    if isinstance(part, dict):
        return {key: _put(values, inner) for key, inner in part.items()}
    if isinstance(part, list):
        return [_put(values, inner) for inner in part]
    return part
