"""Images that are written as one text: registry/repository:tag@digest."""

from __future__ import annotations

from typing import Any

from tritonfleet.layers import image_parts
from tritonfleet.values import KeyPath

_PARTS = ("registry", "repository", "tag", "digest")


def with_part(text: Any, path: KeyPath, value: Any) -> str:
    """The text of an image with one part of it changed; "" where `path` leads to no part of such a text.

    A digest belongs to one tag: a new tag takes it away.
    """
    if len(path) < 2 or path[-1] not in _PARTS or not isinstance(text, str):
        return ""
    if not str(path[-2]).lower().endswith("image"):
        return ""
    parts = image_parts(text)
    if not isinstance(parts, dict):
        parts = {"repository": text}
    parts[str(path[-1])] = str(value)
    if path[-1] == "tag":
        parts["digest"] = ""
    return image_text(parts)


def image_text(parts: dict[str, str]) -> str:
    """registry/repository:tag@digest, without the parts that are empty."""
    registry, repository, tag, digest = (parts.get(part, "") for part in _PARTS)
    text = f"{registry}/{repository}" if registry else repository
    if tag:
        text += f":{tag}"
    return f"{text}@{digest}" if digest else text
