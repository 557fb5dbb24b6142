"""A difference without what looks like a secret: it is told in pull requests, also when a change takes a secret out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tritonfleet.comparison.difference import Changed
from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.immutable import Refusal
from tritonfleet.comparison.objects import Field, ObjectPair
from tritonfleet.comparison.pairs import Edit
from tritonfleet.validate.secrets import is_secret_by_name, without_secrets
from tritonfleet.values import KeyPath

HIDDEN = "…"
# The name in `env[NAME].value`, else the last part of a path.
_NAME = re.compile(r"\[(?P<item>[^\]]*)\]\.value\Z|(?P<last>[^.\[\]]*)\Z")


def discreet(changed: Changed) -> Changed:
    """The same with … in the place of secrets. That a secret differs can still be seen."""
    edits = tuple(map(_edit, changed.edits))
    return replace(
        changed, edits=edits, consequences=_consequences(changed.consequences)
    )


def _consequences(found: Consequences) -> Consequences:
    return replace(
        found,
        objects=tuple(map(_objects, found.objects)),
        restarts=tuple(map(_field, found.restarts)),
        clients=tuple(map(_field, found.clients)),
        refusals=tuple(map(_refusal, found.refusals)),
        pulls=tuple(map(without_secrets, found.pulls)),
        overwritten=without_secrets(found.overwritten),
        failure=without_secrets(found.failure),
    )


def _refusal(refusal: Refusal) -> Refusal:
    return replace(refusal, field=_field(refusal.field))


def _objects(pair: ObjectPair) -> ObjectPair:
    return replace(pair, before=_hidden(pair.before), after=_hidden(pair.after))


def _field(field: Field) -> Field:
    name = _name(field.path)
    return replace(field, **_sides(field, name))


def _name(path: str) -> str:
    """What a field is called; "" for an item of a list."""
    match = _NAME.search(path)
    if match is None:
        return ""
    return match["item"] or match["last"] or ""


def _edit(edit: Edit) -> Edit:
    name = _last(edit.path)
    return replace(edit, **_sides(edit, name))


def _sides(differing: Field | Edit, name: str) -> dict[str, Any]:
    """What was there and what is there, as it may be told."""
    before = _hidden(differing.before, name)
    after = _hidden(differing.after, name)
    return {"before": before, "after": after}


def _last(path: KeyPath) -> str:
    return str(path[-1]) if path else ""


def _hidden(value: Any, name: str = "") -> Any:
    """A value without secrets; `name` is what it is called."""
    if isinstance(value, str):
        return HIDDEN if is_secret_by_name(name, value) else without_secrets(value)
    if isinstance(value, list):
        return [_hidden(item, name) for item in value]
    if isinstance(value, dict):
        return dict(_hidden_items(value))
    return value


def _hidden_items(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for key, inner in mapping.items():
        name = str(key)
        # A variable of a container says its name beside its value.
        if name == "value":
            name = str(mapping.get("name", ""))
        yield key, _hidden(inner, name)
