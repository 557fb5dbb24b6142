"""What a change does to releases, as text: sums, values, what follows, and the objects themselves."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
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
        lines.append("")
        lines += sums_lines(sums)
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
    releases = difference.releases_in(sums.environment)
    for edit in equal_edits(releases):
        yield f"  {edit_words(edit)}"
        yield f"      {edit_place(edit.edit, root)}"


def follows_lines(sums: Sums, difference: Difference) -> Iterator[str]:
    """What follows for the releases of an environment."""
    releases = difference.releases_in(sums.environment)
    for group in alike(releases):
        yield f"  {title(group)}"
        for line in release_words(group[0]):
            yield f"      {line}"


def alike(releases: list[Changed]) -> list[list[Changed]]:
    """Releases of which the same is to be said, together."""
    return grouped(releases, _said_of)


def _said_of(changed: Changed) -> tuple[str, ...]:
    return (*release_words(changed), owner(changed))


def title(group: list[Changed]) -> str:
    """The releases of a group, and whose they are."""
    words = _names(group)
    team = owner(group[0])
    if team:
        words += f" (owner: {team})"
    return words


def _names(releases: Iterable[Changed]) -> str:
    return names([each.name for each in releases])


def edit_words(many: EditOfMany) -> str:
    """`image.tag: 24.10-py3 → 24.12-py3 in bert, resnet50 (2 releases)`."""
    edit = many.edit
    key = dotted(edit.path)
    change = change_words(edit.before, edit.after)
    words = f"{key}: {change} in {_names(many.releases)}"
    count = len(many.releases)
    if count > 1:
        words += f" ({count} releases)"
    return words


def edit_place(edit: Edit, root: Path) -> str:
    """Where the value is said: file:line:column, and the layer."""
    if edit.position is None:
        return edit.layer
    where = place(edit.position, root)
    return f"{where}, {edit.layer}"


def objects_diff(difference: Difference) -> Iterator[str]:
    """A unified diff of the objects that differ; the same diff in several releases is there once."""
    for group in grouped(_objects(difference), lambda item: _anonymous(*item)):
        first, *others = group
        if others:
            places = [_where(changed) for changed, _ in others]
            yield f"# the same in {names(places)}"
        changed, pair = first
        yield from object_diff(changed, pair)


def _objects(difference: Difference) -> Iterator[tuple[Changed, ObjectPair]]:
    for changed in difference.releases:
        for pair in changed.consequences.objects:
            yield changed, pair


def _where(changed: Changed) -> str:
    return f"{changed.environment}/{changed.name}"


def _anonymous(changed: Changed, pair: ObjectPair) -> str:
    """The lines that differ, whatever release, environment and namespace they are of."""
    release = changed.pair.release
    place = f"{_where(changed)}: "
    words = "\n".join(object_diff(changed, pair))
    words = words.replace(place, "")
    words = words.replace(release.full_name, "\0")
    return words.replace(release.environment.namespace, "\1")


def object_diff(changed: Changed, pair: ObjectPair) -> Iterator[str]:
    """A unified diff of one object; of one that is new or gone, its name alone."""
    file = f"{_where(changed)}: {pair.key}"
    if pair.before is None:
        yield f"+++ {file} is made"
    elif pair.after is None and pair.is_kept:
        yield f"--- {file} stays in the cluster"
    elif pair.after is None:
        yield f"--- {file} is removed"
    else:
        before = _lines(pair.before)
        after = _lines(pair.after)
        yield from _diff(file, before, after)


def _diff(file: str, before: list[str], after: list[str]) -> Iterator[str]:
    """A unified diff without numbers of lines: they say nothing about an object, and differ where nothing else does."""
    for line in difflib.unified_diff(before, after, file, file, lineterm="", n=2):
        if line.startswith("@@"):
            yield HUNK
        else:
            yield line


def _lines(manifest: Mapping[str, Any]) -> list[str]:
    """An object as lines of YAML."""
    # Python's own writer: an extra object may hold what ours does not write, like a date.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written: str = yaml.dump(
        manifest, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return written.splitlines()
