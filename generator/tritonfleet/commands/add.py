"""tritonfleet add: one more model at the end of a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.edits import Edited, Way, run, wishes_of
from tritonfleet.edit.differences import differences
from tritonfleet.edit.entries import added, with_values
from tritonfleet.load import MODELS
from tritonfleet.nouns import Sources
from tritonfleet.values import Values
from tritonfleet.yaml import read


@click.command(name="add")
@click.argument("name")
@click.argument("values", nargs=-1, metavar="KEY=VALUE...")
@click.option(
    "-f",
    "--file",
    "given",
    type=click.File("rb"),
    metavar="ENTRY",
    help="A file with the entry's keys, as YAML; - reads standard input.",
)
@click.option(
    "--list",
    "named",
    metavar="FILE",
    help="The list; may be left out where there is one only, and is made when it is missing.",
)
@options.dry_run
@options.output("text", "json")
@options.quiet
@options.root_option
def command(
    name: str,
    values: tuple[str, ...],
    given: Any,
    named: str | None,
    dry_run: bool,
    form: str,
    quiet: bool,
    root: Path | None,
) -> int:
    """Add a model to a list."""
    directory = fleet_directory(root)

    def editing(sources: Sources) -> Edited:
        wishes = wishes_of(sources, values)
        begin = {"name": name, **_given(given, name)}
        entry = with_values(begin, wishes)
        file = _list(sources, named, directory)
        after = added(sources, entry, file)
        return Edited([after], tuple(differences(sources, after, name)))

    return run(directory, editing, Way(form, dry_run, quiet))


def _given(file: Any, name: str) -> Values:
    """The keys of an entry in a file. Raises click.UsageError when it holds another model, or no mapping."""
    if file is None:
        return {}
    source = read(str(file.name), file.read())
    if not isinstance(source.data, dict):
        raise click.UsageError(f"{file.name} is no entry: it has no keys")
    values = dict(source.data)
    its_name = values.pop("name", name)
    if its_name != name:
        raise click.UsageError(f"{file.name} is the entry of {its_name}")
    return values


def _list(sources: Sources, named: str | None, directory: Path) -> str:
    """The list's path below the fleet's root. Raises click.UsageError where it can't be told, or would not be read."""
    if named is None:
        return _only_list(sources)
    path = _below(directory, named)
    if not path.startswith(f"{MODELS}/") or not path.endswith(".yaml"):
        raise click.UsageError(f"a list is a file {MODELS}/<team>.yaml, unlike {named}")
    return path


def _only_list(sources: Sources) -> str:
    """The fleet's list, where it has one only. Raises click.UsageError where it has several."""
    first, *others = [source.file for source in sources.lists]
    if others:
        raise click.UsageError(f"say which list: --list {first}, for example")
    return first


def _below(directory: Path, named: str) -> str:
    """A path as the fleet's files have it; as it was given where it leads out of the fleet."""
    path = Path(named).absolute()
    try:
        return path.relative_to(directory.absolute()).as_posix()
    except ValueError:
        return named
