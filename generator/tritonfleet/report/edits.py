"""What an edit of the lists changed, or would change: for people, for machines, and as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tritonfleet.edit import in_line
from tritonfleet.edit.differences import Difference
from tritonfleet.report.shared import number, place, shown, to_json
from tritonfleet.visible import line_of_log


def edits(listed: Iterable[Difference], form: str, root: Path, *, written: bool) -> str:
    """The edits in a format; as text a line for each."""
    if form == "json":
        items = [_item(edit, root) for edit in listed]
        return to_json({"changed": bool(items), "written": written, "edits": items})
    return "".join(_line(edit, root) for edit in listed)


def _item(edit: Difference, root: Path) -> dict[str, Any]:
    position = edit.position
    return {
        "file": shown(position.file, root),
        "line": position.line,
        "column": position.column,
        "model": edit.model,
        "key": edit.key,
        "before": edit.before,
        "after": edit.after,
    }


def _line(edit: Difference, root: Path) -> str:
    where = place(edit.position, root)
    return line_of_log(f"{where}: {_what(edit)}") + "\n"


def _what(edit: Difference) -> str:
    """The edit in words; of an entry or a patch as a whole its name is enough."""
    model = edit.model
    if edit.key:
        before = _short(edit.before)
        after = _short(edit.after)
        return f"{model} {edit.key}: {before} → {after}"
    if edit.before is None:
        return f"{model}: added"
    return f"{model}: removed"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    return in_line(value)


def difference(
    before: Mapping[str, str], after: Mapping[str, str], root: Path
) -> Iterator[str]:
    """The lines of a unified diff between texts of files, by path; one that is missing is a file that is not there."""
    for file in sorted({*before, *after}):
        old = before.get(file, "")
        new = after.get(file, "")
        if old != new:  # of equal texts, too, it would look at every line
            name = shown(file, root)
            yield from _of_file(old, new, name)


def _of_file(old: str, new: str, name: str) -> Iterator[str]:
    return difflib.unified_diff(
        old.splitlines(),
        new.splitlines(),
        fromfile=f"a/{name}",
        tofile=f"b/{name}",
        lineterm="",
    )


def sentence(files: int, *, written: bool) -> str:
    """One line about all edits."""
    if not files:
        return "nothing to change"
    counted = number(files, "file")
    if not written:
        return f"{counted} would be changed"
    return f"{counted} changed; next: tritonfleet generate"
