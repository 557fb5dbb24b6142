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
    if not isinstance(text, str) or not _is_part(path):
        return ""
    parts = image_parts(text)
    if not isinstance(parts, dict):
        parts = {"repository": text}
    part = str(path[-1])
    parts[part] = str(value)
    if part == "tag":
        parts["digest"] = ""
    return image_text(parts)


def _is_part(path: KeyPath) -> bool:
    """Whether a path leads to a part of an image, which may have any name that ends so: `modelImage`."""
    if len(path) < 2 or path[-1] not in _PARTS:
        return False
    image = str(path[-2])
    return image.lower().endswith("image")


def image_text(parts: dict[str, str]) -> str:
    """registry/repository:tag@digest, without the parts that are empty."""
    text = parts.get("repository", "")
    registry = parts.get("registry")
    if registry:
        text = f"{registry}/{text}"
    tag = parts.get("tag")
    if tag:
        text += f":{tag}"
    digest = parts.get("digest")
    if digest:
        text += f"@{digest}"
    return text
