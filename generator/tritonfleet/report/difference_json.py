"""What a change does to releases, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tritonfleet.comparison import Changed, Consequences, Difference, Edit, Sums
from tritonfleet.comparison.immutable import Refusal
from tritonfleet.comparison.objects import Field, ObjectPair
from tritonfleet.problem import Position
from tritonfleet.report.consequences import owner
from tritonfleet.report.difference import object_diff
from tritonfleet.report.problems import MOST_CHARACTERS, MOST_ITEMS
from tritonfleet.report.shared import shown, to_json
from tritonfleet.values import dotted


def json_text(difference: Difference, root: Path) -> str:
    """Everything, but no more releases than a program is given; then `truncated` is true."""
    releases = list(_releases(difference, root))
    data = {
        "comparedWith": difference.compared_with,
        "notes": difference.notes,
        "environments": [_sums(each) for each in difference.sums],
        "releases": releases,
        "truncated": len(releases) < len(difference.releases),
    }
    return to_json(data)


def _releases(difference: Difference, root: Path) -> Iterator[dict[str, Any]]:
    """As many as there is room for."""
    characters = 0
    for index, changed in enumerate(difference.releases):
        # An extra object may hold what JSON does not know, like a date.
        text = json.dumps(_release(changed, root), default=str)
        characters += len(text)
        if index == MOST_ITEMS or characters > MOST_CHARACTERS:
            return
        yield json.loads(text)


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "name": sums.environment,
        "settings": [name for name, _, _ in sums.settings],
        "releasesBefore": sums.before,
        "added": sums.added,
        "removed": sums.removed,
        "changed": sums.changed,
        "restarted": sums.restarted,
        "podsRestarted": sums.pods_restarted,
        "seconds": sums.seconds,
        "needsAllowRemovals": sums.needs_permission,
        "devices": [asdict(each) for each in sums.devices],
    }


def _release(changed: Changed, root: Path) -> dict[str, Any]:
    found = changed.consequences
    release = changed.pair.release
    return {
        "environment": release.environment.name,
        "name": release.name,
        "change": changed.pair.kind,
        "owner": owner(changed),
        "suspended": release.suspended,
        "undecided": changed.is_undecided,
        "edits": [_edit(edit, root) for edit in changed.edits],
        "restarts": changed.restarts,
        "podTemplate": list(map(_field, found.restarts)),
        "replicas": _field(found.replicas) if found.replicas else None,
        "overwritten": found.overwritten,
        "refused": list(map(_refusal, found.refusals)),
        "clients": list(map(_field, found.clients)),
        "pulls": found.pulls,
        "claims": _claims(found),
        "objects": [_object(changed, pair) for pair in found.objects],
        "failure": found.failure,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    field = _field(refusal.field)
    return {"object": refusal.object, **field, "advice": refusal.advice}


def _claims(found: Consequences) -> dict[str, Any]:
    return {
        "made": found.claims_made,
        "kept": found.claims_kept,
        "deleted": found.claims_deleted,
    }


def _object(changed: Changed, pair: ObjectPair) -> dict[str, Any]:
    """An object that differs. Its diff is told for each release, also where several have the same."""
    return {
        "kind": pair.key.kind,
        "namespace": pair.key.namespace,
        "name": pair.key.name,
        "change": _fate(pair),
        "hook": pair.hook,
        "diff": list(object_diff(changed, pair)),
    }


def _fate(pair: ObjectPair) -> str:
    """What becomes of an object."""
    if pair.before is None:
        return "made"
    if pair.after is not None:
        return "changed"
    return "kept" if pair.is_kept else "removed"


def _edit(edit: Edit, root: Path) -> dict[str, Any]:
    return {
        "path": dotted(edit.path),
        "before": edit.before,
        "after": edit.after,
        "layer": edit.layer,
        **_place(edit.position, root),
    }


def _place(position: Position | None, root: Path) -> dict[str, Any]:
    """Where a value is written; without an answer for a default of the chart."""
    if position is None:
        return {"file": None, "line": None, "column": None}
    file = shown(position.file, root)
    return {"file": file, "line": position.line, "column": position.column}


def _field(field: Field) -> dict[str, Any]:
    return {"field": field.path, "before": field.before, "after": field.after}
