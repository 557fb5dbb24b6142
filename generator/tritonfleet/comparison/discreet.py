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
    consequences = _consequences(changed.consequences)
    return replace(changed, edits=edits, consequences=consequences)


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
    field = _field(refusal.field)
    return replace(refusal, field=field)


def _objects(pair: ObjectPair) -> ObjectPair:
    before = _hidden(pair.before)
    after = _hidden(pair.after)
    return replace(pair, before=before, after=after)


def _field(field: Field) -> Field:
    sides = _sides(field, _name(field.path))
    return replace(field, **sides)


def _name(path: str) -> str:
    """What a field is called; "" for an item of a list."""
    match = _NAME.search(path)
    if match is None:
        return ""
    return match["item"] or match["last"] or ""


def _edit(edit: Edit) -> Edit:
    sides = _sides(edit, _last(edit.path))
    return replace(edit, **sides)


def _sides(differing: Field | Edit, name: str) -> dict[str, Any]:
    """What was there and what is there, as it may be told."""
    before = _hidden(differing.before, name)
    after = _hidden(differing.after, name)
    return {"before": before, "after": after}


def _last(path: KeyPath) -> str:
    if not path:
        return ""
    return str(path[-1])


def _hidden(value: Any, name: str = "") -> Any:
    """A value without secrets; `name` is what it is called."""
    if isinstance(value, str):
        return _hidden_text(value, name)
    if isinstance(value, list):
        return [_hidden(item, name) for item in value]
    if isinstance(value, dict):
        return dict(_hidden_items(value))
    return value


def _hidden_text(text: str, name: str) -> str:
    """All of a text whose name says that it is secret; of another one what looks like a secret."""
    if is_secret_by_name(name, text):
        return HIDDEN
    return without_secrets(text)


def _hidden_items(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The items of a mapping, each hidden or not by its own name."""
    for key, inner in mapping.items():
        name = str(key)
        # A variable of a container says its name beside its value.
        if name == "value":
            name = str(mapping.get("name", ""))
        yield key, _hidden(inner, name)
