"""What the commands have in common that edit lists: lock, read, edit, check the whole fleet, write, tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from tritonfleet import disk
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import problems_end_it, require_known
from tritonfleet.commands.talk import print_data, say, say_text, say_unless
from tritonfleet.edit.differences import Difference
from tritonfleet.edit.outcome import files_of, new_warnings
from tritonfleet.edit.wishes import Wish, entry_schema, key_path, wish
from tritonfleet.entries import entries_of
from tritonfleet.environments import environment_name
from tritonfleet.files import content
from tritonfleet.load import load
from tritonfleet.nouns import Sources
from tritonfleet.problem import ERROR, Invalid
from tritonfleet.report.edits import difference, edits, sentence
from tritonfleet.report.forms import in_form
from tritonfleet.rules import RULES
from tritonfleet.visible import line_of_log

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit makes of the files: each step is a fleet without new errors, the last one is what was asked for."""

    steps: Sequence[Sources]
    edits: Sequence[Difference]
    notes: Sequence[str] = ()
    """What people should know besides, a line each."""


Editing: TypeAlias = Callable[[Sources], Edited]


@dataclass(frozen=True, slots=True)
class Way:
    """How a command was called."""

    form: str
    dry_run: bool
    quiet: bool


def run(root: Path, editing: Editing, way: Way) -> int:
    """Edits the files below `root/values`, or shows what would be edited; returns the exit code."""
    lists = root / "values"
    waiting = partial(say, f"waiting for another run that edits {lists}")
    written = not way.dry_run
    with problems_end_it(root, way.form), disk.locked(lists, waiting):
        # 1. What is there, and what it would be.
        before = _loaded(root)
        edited = editing(before)
        after = before
        if edited.steps:
            after = edited.steps[-1]
        # 2. The whole fleet is checked before anything is written.
        changed = _differing(before, after)
        if changed:
            _check(root, before, after, way)
        if written:
            _write(root, before, edited.steps)
    # 3. What was changed, or would be.
    _tell(root, before, after, edited, way)
    result = sentence(len(changed), written=written)
    for line in (*edited.notes, result):
        say_unless(way.quiet, line)
    return FINE


def _loaded(root: Path) -> Sources:
    """The files as they are. Raises Invalid when one of them cannot be read: an edit would be made without it."""
    sources = load(root)
    if any(problem.severity == ERROR for problem in sources.problems):
        raise Invalid(sources.problems)
    return sources


def _check(root: Path, before: Sources, after: Sources, way: Way) -> None:
    """Tells the warnings that an edit brings. Raises Invalid when it brings an error."""
    warnings = new_warnings(before, after, RULES.values())
    if warnings:
        say_text(in_form(warnings, way.form, root))


def _write(root: Path, before: Sources, steps: Sequence[Sources]) -> None:
    """Step after step, so that the fleet has no new error wherever this ends."""
    for step in steps:
        texts = _texts(step)
        for file in _differing(before, step):
            if file not in texts:
                disk.write(root, {}, removed=[file])
                continue
            text = _byte_order_mark(root, file) + texts[file]
            disk.write(root, {file: text})
        before = step


def _differing(before: Sources, after: Sources) -> list[str]:
    """The files that an edit changes, makes or removes."""
    old = _texts(before)
    new = _texts(after)
    differing = []
    for file in sorted({*old, *new}):
        if old.get(file) != new.get(file):
            differing.append(file)
    return differing


def _texts(sources: Sources) -> dict[str, str]:
    return {file: source.text for file, source in files_of(sources).items()}


def _byte_order_mark(root: Path, file: str) -> str:
    """The mark that some editors begin a file with, and that reading leaves out."""
    if not (root / file).exists():
        return ""
    text = content(root, file).decode()
    if text.startswith(_BYTE_ORDER_MARK):
        return _BYTE_ORDER_MARK
    return ""


def _tell(
    root: Path, before: Sources, after: Sources, edited: Edited, way: Way
) -> None:
    """A diff for people who only look, else the edits in the form that they asked for."""
    if way.dry_run and way.form == "text":
        for line in _diff(root, before, after):
            click.echo(line_of_log(line))
    else:
        written = not way.dry_run
        print_data(edits(edited.edits, way.form, root, written=written))


def _diff(root: Path, before: Sources, after: Sources) -> Iterator[str]:
    """The lines of a unified diff; files that are the same have none."""
    return difference(_texts(before), _texts(after), root)


# What people name.


def require_model(sources: Sources, name: str) -> None:
    """Raises click.UsageError when no list has an entry of this name."""
    known = [each.name for each in entries_of(sources.lists)]
    require_known([name], known, "model")


def require_environment(sources: Sources, name: str) -> None:
    """Raises click.UsageError when there is no such environment."""
    known = [environment_name(each) for each in sources.environments]
    require_known([name], known, "environment")


def wishes_of(sources: Sources, values: Iterable[str]) -> list[Wish]:
    """What each KEY=VALUE asks for. Raises click.UsageError for other words."""
    chart = next(iter(sources.charts.values()))
    schema = entry_schema(chart.schema)
    try:
        return [wish(words, schema) for words in values]
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def unwished(keys: Iterable[str]) -> list[Wish]:
    """Wishes for keys that are to go. Raises click.UsageError for what is no key."""
    try:
        return [Wish(key_path(key), is_gone=True) for key in keys]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
