"""Values: plain mappings that the chart's schema types, and paths inside them.

A path is a tuple of keys and indexes, `("models", 3, "image", "tag")`.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]
KeyPath: TypeAlias = tuple[str | int, ...]


def overlay(base: Values, over: Values) -> Values:
    """`over` merged over `base`: mappings merge, everything else replaces, null removes. Shares what is unchanged."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif type(value) is dict and type(old := merged.get(key)) is dict:
            merged[key] = overlay(old, value)
        else:
            merged[key] = value
    return merged


def lookup(values: Any, path: KeyPath) -> Any:
    """The value at `path`, or None where there is none."""
    for step in path:
        if type(values) is dict:  # noqa: SIM108 -- as nearly always, and without a call
            values = values.get(step)
        else:
            values = values[step] if has(values, step) else None
    return values


def has(values: Any, step: str | int) -> bool:
    """Whether a mapping has this key, or a list this index."""
    return (
        step in values
        if isinstance(values, dict)
        else isinstance(values, list) and step in range(len(values))
    )


def says(values: Any, path: KeyPath) -> bool:
    """Whether a layer decides the value at `path`: it has it, or replaces something around it by what is no mapping."""
    for step in path:
        if not isinstance(values, dict | list):
            return True
        if not has(values, step):
            return False
        values = lookup(values, (step,))
    return True


def dotted(path: KeyPath) -> str:
    """A path as people write it: image.tag, tolerations[0].key, env."MY.VAR"."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            plain = re.match(r"[A-Za-z0-9_/-]+\Z", step) is not None
            text += ("." if text else "") + (step if plain else f'"{step}"')
    return text


def parse_path(key: str) -> KeyPath:
    """`image.tag`, `tolerations[0].key`, `env."A.B"` as a path."""
    parts = re.findall(r'"([^"]*)"|\[([0-9]+)\]|([^.\[\]"]+)', key)
    return tuple(int(index) if index else quoted or plain for quoted, index, plain in parts)
