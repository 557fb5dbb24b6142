"""What an edit of the lists changed, or would change: for people, for machines, and as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tritonfleet.edit import in_line
from tritonfleet.problem import Position
from tritonfleet.report.shared import number, place, shown, to_json
from tritonfleet.visible import line_of_log


class Edit(NamedTuple):
    """One value that is another one afterwards; None stands for nothing."""

    position: Position
    """Where it is afterwards, or was, when it is gone."""
    model: str
    key: str
    before: Any
    after: Any


def edits(listed: Iterable[Edit], form: str, root: Path, *, written: bool) -> str:
    """The edits in a format; as text a line for each."""
    if form == "json":
        items = [_item(edit, root) for edit in listed]
        return to_json({"changed": bool(items), "written": written, "edits": items})
    return "".join(_line(edit, root) for edit in listed)


def _item(edit: Edit, root: Path) -> dict[str, Any]:
    return {
        "file": shown(edit.position.file, root),
        "line": edit.position.line,
        "column": edit.position.column,
        "model": edit.model,
        "key": edit.key,
        "before": edit.before,
        "after": edit.after,
    }


def _line(edit: Edit, root: Path) -> str:
    name = f"{edit.model} {edit.key}" if edit.key else edit.model
    change = f"{_short(edit.before)} → {_short(edit.after)}"
    return line_of_log(f"{place(edit.position, root)}: {name}: {change}") + "\n"


def _short(value: Any) -> str:
    return "nothing" if value is None else in_line(value)


def difference(
    before: Mapping[str, str], after: Mapping[str, str], root: Path
) -> Iterator[str]:
    """The lines of a unified diff between texts of files, by path; one that is missing is a file that is not there."""
    for file in sorted(before.keys() | after.keys()):
        yield from difflib.unified_diff(
            before.get(file, "").splitlines(),
            after.get(file, "").splitlines(),
            f"a/{shown(file, root)}",
            f"b/{shown(file, root)}",
            lineterm="",
        )


def sentence(files: int, *, written: bool) -> str:
    """One line about all edits."""
    if not files:
        return "nothing to change"
    if not written:
        return f"{number(files, 'file')} would be changed"
    return f"{number(files, 'file')} changed; next: tritonfleet generate"
