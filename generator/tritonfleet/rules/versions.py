"""The version of models, where it is a part of their address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values
from tritonfleet.versions import USABLE, VERSION

_PLACES = ("repository", "extraRepositories")
# Kinds of repositories whose texts are models: what is in braces there is theirs.
_INLINE = ("configMap", "vllm")


@release_rule("TF197", "repository extraRepositories")
def version_fits_its_address(release: Release, values: Values) -> Iterator[Problem]:
    """A version that stands in an address is a name without slashes, and there is one."""
    places = [place for place in _PLACES if _is_versioned(values[place])]
    version = values["modelVersion"]
    if not places or USABLE.match(version):
        return
    address = f"the address in `{places[0]}`"
    if version:
        message = f"{version!r} cannot be a part of {address}"
    else:
        message = f"{address} has {VERSION}, and there is no version"
    characters = "letters, digits, - and _, and dots that are not its begin"
    hint = f"set `modelVersion` to {characters}"
    yield at(release, ("modelVersion",), message, hint)


def _is_versioned(part: Any) -> bool:
    """Whether an address in a part of the values has the version in it."""
    if isinstance(part, dict):
        addresses = [inner for key, inner in part.items() if key not in _INLINE]
        return any(map(_is_versioned, addresses))
    if isinstance(part, list):
        return any(map(_is_versioned, part))
    return isinstance(part, str) and VERSION in part
