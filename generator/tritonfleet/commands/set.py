"""tritonfleet set: other values for a model, in its entry or for one environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.edits import Edited, Way, run
from tritonfleet.commands.fleet import require_known
from tritonfleet.edit.places import entry_of, environment_of, in_entry, in_patch
from tritonfleet.edit.wishes import Wish, entry_schema, key_path, wish
from tritonfleet.entries import entries_of
from tritonfleet.environments import environment_name
from tritonfleet.nouns import Sources
from tritonfleet.report.edits import Edit
from tritonfleet.source import Source
from tritonfleet.values import KeyPath, dotted, lookup


@click.command(name="set")
@click.argument("model")
@click.argument("values", nargs=-1, metavar="KEY=VALUE...")
@click.option(
    "--unset",
    "gone",
    multiple=True,
    metavar="KEY",
    help="Take this key away; may be given several times.",
)
@click.option(
    "--env",
    "environment",
    metavar="ENV",
    help="For this environment only, in its `patches`.",
)
@options.dry_run
@options.output("text", "json")
@options.quiet
@options.root_option
def command(
    model: str,
    values: tuple[str, ...],
    gone: tuple[str, ...],
    environment: str | None,
    dry_run: bool,
    form: str,
    quiet: bool,
    root: Path | None,
) -> int:
    """Change values of a model in the lists, and no other byte."""
    if not values and not gone:
        raise click.UsageError("say what to set: KEY=VALUE, or --unset KEY")

    def editing(sources: Sources) -> Edited:
        wishes = _wishes(sources, model, values, gone)
        return _edited(sources, model, environment, wishes)

    directory = fleet_directory(root)
    return run(directory, editing, Way(form, dry_run, quiet))


def _wishes(
    sources: Sources, model: str, values: Iterable[str], gone: Iterable[str]
) -> list[Wish]:
    """What is asked for. Raises click.UsageError for an unknown model or words that ask for nothing."""
    require_known([model], [each.name for each in entries_of(sources.lists)], "model")
    chart = next(iter(sources.charts.values()))
    schema = entry_schema(chart.schema)
    try:
        wishes = [wish(words, schema) for words in values]
        wishes += [Wish(key_path(key), is_gone=True) for key in gone]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if any(each.path[0] == "name" for each in wishes):
        needed = "remove the model and add it under its new name"
        raise click.UsageError(f"a name is never changed: {needed}")
    return wishes


def _edited(
    sources: Sources, model: str, environment: str | None, wishes: Sequence[Wish]
) -> Edited:
    if environment is None:
        after = in_entry(sources, model, wishes)
    else:
        known = [environment_name(each) for each in sources.environments]
        require_known([environment], known, "environment")
        after = in_patch(sources, model, environment, wishes)
    listed = _edits(sources, after, model, environment, wishes)
    return Edited([after], tuple(listed))


def _edits(
    before: Sources,
    after: Sources,
    model: str,
    environment: str | None,
    wishes: Sequence[Wish],
) -> Iterator[Edit]:
    old, path = _place(before, model, environment)
    new, _ = _place(after, model, environment)
    for each in wishes:
        whole = (*path, *each.path)
        was, now = lookup(old.data, whole), lookup(new.data, whole)
        if was != now:
            shown = old if each.is_gone else new
            position = shown.position(whole, key=True)
            yield Edit(position, model, dotted(each.path), was, now)


def _place(
    sources: Sources, model: str, environment: str | None
) -> tuple[Source, KeyPath]:
    if environment is None:
        layer = entry_of(sources, model).layer
        return layer.source, layer.path
    return environment_of(sources, environment), ("patches", model)
