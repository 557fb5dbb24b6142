"""Values: plain mappings that the chart's schema types, and paths inside them.

A path is a tuple of keys and indexes, `("models", 3, "image", "tag")`.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]
KeyPath: TypeAlias = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_/-]+\Z")
STEP = re.compile(
    r'"(?P<quoted>[^"]*)"|\[(?P<index>[0-9]{1,9})\]|(?P<plain>[^.\[\]"]+)'
)


def overlay(base: Values, over: Values) -> Values:
    """`over` merged over `base`: mappings merge, everything else replaces, null removes.

    Returns a new mapping that shares what is unchanged. Runs for each release: `type` costs less than `isinstance`.
    """
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif type(value) is dict and type(merged.get(key)) is dict:
            merged[key] = overlay(merged[key], value)
        else:
            merged[key] = value
    return merged


def lookup(values: Any, path: KeyPath) -> Any:
    """The value at `path`, or None where there is none."""
    for step in path:
        if type(values) is dict:  # as nearly always, and without a call
            values = values.get(step)
        elif _has(values, step):
            values = values[step]
        else:
            return None
    return values


def sets(values: Values, path: KeyPath) -> bool:
    """Whether a layer with these values decides what is at `path`.

    It does when it has a value there, and when it replaces something around it by what is no mapping.
    """
    value: Any = values
    for step in path:
        if not isinstance(value, dict | list):
            return True
        if not _has(value, step):
            return False
        value = lookup(value, (step,))
    return True


def _has(values: Any, step: str | int) -> bool:
    """Whether a mapping has this key, or a list this index."""
    if isinstance(values, dict):
        return step in values
    return isinstance(values, list) and step in range(len(values))


# What people wrote is read before it is checked: of another type than expected, it counts as not there.


def mapping_at(data: Any, *path: str) -> Values:
    """The mapping at `path`; empty where there is none."""
    value = lookup(data, path)
    return value if isinstance(value, dict) else {}


def text_at(data: Any, *path: str | int, default: str = "") -> str:
    """The text at `path`; `default` where there is none."""
    value = lookup(data, path)
    return value if isinstance(value, str) else default


def list_at(data: Any, *path: str) -> list[Any]:
    """The list at `path`; empty where there is none."""
    value = lookup(data, path)
    return value if isinstance(value, list) else []


def dotted(path: KeyPath) -> str:
    """A path as people write it: image.tag, tolerations[0].key, env."MY.VAR"."""
    text = "".join(map(_dotted_step, path))
    return text.removeprefix(".")


def _dotted_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY.match(step):
        return f".{step}"
    return f'."{step}"'


def parse_path(text: str) -> KeyPath:
    """The path that people write as `image.tag`, `tolerations[0].key` or `env."MY.VAR"`."""
    return tuple(_step(match) for match in STEP.finditer(text))


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["quoted"] is not None:
        return match["quoted"]
    return match["plain"]
