"""What a change does to releases, as text: sums, values, what follows, and the objects themselves."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tritonfleet.comparison import Changed, Difference, Edit, Sums
from tritonfleet.comparison.difference import EditOfMany, equal_edits, grouped
from tritonfleet.comparison.objects import ObjectPair
from tritonfleet.report.changes import capped
from tritonfleet.report.consequences import (
    change_words,
    names,
    owner,
    release_words,
    sums_words,
)
from tritonfleet.report.shared import place
from tritonfleet.values import dotted
from tritonfleet.visible import line_of_log

HUNK = "@@"
"""Stands where a diff leaves lines out."""


def text(difference: Difference, root: Path) -> str:
    """For people at a terminal."""
    lines = heading(difference)
    for sums in difference.sums:
        lines += ["", *sums_lines(sums)]
        lines += values_lines(sums, difference, root)
        lines += follows_lines(sums, difference)
    diff = list(capped(objects_diff(difference)))
    if diff:
        lines += ["", *diff]
    return "".join(f"{line_of_log(line)}\n" for line in lines)


def heading(difference: Difference) -> list[str]:
    """What is compared, and what could not be."""
    lines = [f"compared with {difference.compared_with}"]
    lines += [f"note: {note}" for note in difference.notes]
    if not difference.releases:
        lines.append("no release differs")
    return lines


def sums_lines(sums: Sums) -> Iterator[str]:
    """An environment, and what the change adds up to in it."""
    yield f"{sums.environment}:"
    for line in sums_words(sums):
        yield f"  {line}"


def values_lines(sums: Sums, difference: Difference, root: Path) -> Iterator[str]:
    """The values that differ in an environment, and where they are said."""
    for edit in equal_edits(difference.releases_in(sums.environment)):
        yield f"  {edit_words(edit)}"
        yield f"      {edit_place(edit.edit, root)}"


def follows_lines(sums: Sums, difference: Difference) -> Iterator[str]:
    """What follows for the releases of an environment."""
    for group in alike(difference.releases_in(sums.environment)):
        yield f"  {title(group)}"
        for line in release_words(group[0]):
            yield f"      {line}"


def alike(releases: list[Changed]) -> list[list[Changed]]:
    """Releases of which the same is to be said, together."""
    return grouped(releases, lambda each: (*release_words(each), owner(each)))


def title(group: list[Changed]) -> str:
    """The releases of a group, and whose they are."""
    team = owner(group[0])
    words = names([each.name for each in group])
    return f"{words} (owner: {team})" if team else words


def edit_words(many: EditOfMany) -> str:
    """`image.tag: 24.10-py3 → 24.12-py3 in 48 releases: all restart`."""
    edit, releases = many.edit, many.releases
    change = change_words(edit.before, edit.after)
    words = (
        f"{dotted(edit.path)}: {change} in {names([each.name for each in releases])}"
    )
    if len(releases) > 1:
        words += f" ({len(releases)} releases)"
    return words


def edit_place(edit: Edit, root: Path) -> str:
    """Where the value is said: file:line:column, and the layer."""
    if edit.position is None:
        return edit.layer
    return f"{place(edit.position, root)}, {edit.layer}"


def objects_diff(difference: Difference) -> Iterator[str]:
    """A unified diff of the objects that differ; the same diff in several releases is there once."""
    items = [
        (each, pair)
        for each in difference.releases
        for pair in each.consequences.objects
    ]
    for group in grouped(items, lambda item: _anonymous(*item)):
        changed, pair = group[0]
        if len(group) > 1:
            others = [
                f"{each.pair.key.environment}/{each.name}" for each, _ in group[1:]
            ]
            yield f"# the same in {names(others)}"
        yield from object_diff(changed, pair)


def _anonymous(changed: Changed, pair: ObjectPair) -> str:
    """The lines that differ, whatever release, environment and namespace they are of."""
    release = changed.pair.release
    own = f"{release.environment.name}/{release.name}: "
    words = (
        "\n".join(object_diff(changed, pair))
        .replace(own, "")
        .replace(release.full_name, "\0")
    )
    return words.replace(release.environment.namespace, "\1")


def object_diff(changed: Changed, pair: ObjectPair) -> Iterator[str]:
    """A unified diff of one object; of one that is new or gone, its name alone."""
    key = changed.pair.key
    file = f"{key.environment}/{key.name}: {pair.key}"
    if pair.before is None:
        yield f"+++ {file} is made"
    elif pair.after is None:
        yield f"--- {file} {'stays in the cluster' if pair.is_kept else 'is removed'}"
    else:
        before, after = _lines(pair.before), _lines(pair.after)
        diff = difflib.unified_diff(before, after, file, file, lineterm="", n=2)
        # Numbers of lines say nothing about an object, and differ where nothing else does.
        yield from (HUNK if line.startswith("@@") else line for line in diff)


def _lines(manifest: Mapping[str, Any]) -> list[str]:
    # Python's own writer: an extra object may hold what ours does not write, like a date.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written: str = yaml.dump(
        manifest, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return written.splitlines()
