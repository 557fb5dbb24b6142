"""tritonfleet generate: deploy/, what the engine installs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click

from tritonfleet import disk
from tritonfleet.budget import Allowed
from tritonfleet.changes import compare, difference
from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import (
    checked_fleet,
    problems_end_it,
    wanted_environments,
)
from tritonfleet.commands.talk import say, say_text, say_unless
from tritonfleet.output import Changes
from tritonfleet.plan import plan
from tritonfleet.report.accounts import advice
from tritonfleet.report.changes import capped, sentence
from tritonfleet.report.forms import in_form
from tritonfleet.tree import render_tree
from tritonfleet.visible import line_of_log


@click.command(name="generate")
@options.root_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Directory to write (default: ROOT/deploy).",
)
@options.environments
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; print the differences and exit 1 when there are any.",
)
@click.option(
    "--allow-removals",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Let N releases be removed.",
)
@click.option(
    "--allow-moves",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Let N releases change place, engine, name or fleet, or lose their pods.",
)
@options.output("text", "json", "github")
@options.strict
@options.quiet
def command(
    root: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    check: bool,
    allow_removals: int,
    allow_moves: int,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Write deploy/, what the engine installs."""
    directory = fleet_directory(root)
    target = out or directory / "deploy"
    allowed = Allowed(allow_removals, allow_moves)
    # 1. Everything is checked before anything is written.
    with problems_end_it(directory, form):
        fleet = checked_fleet(directory, strict=strict)
        say_text(in_form(fleet.warnings, form, directory))
        wanted = wanted_environments(fleet, only)
        installations = plan(fleet)
        tree = render_tree(installations, fleet.environments, wanted)
        waiting = partial(say, f"waiting for another run that writes to {target}")
        with disk.opened(target, exclusive=not check, when_waiting=waiting) as place:
            changes = compare(tree, place.present, allowed)
            if not check:
                place.apply(changes, tree.files)
    # 2. What was written, or would be.
    warnings = [*changes.warnings, *changes.strangers]
    say_text(in_form(warnings, form, directory))
    if check:
        diff = difference(tree, changes, place.present)
        _print_lines(capped(diff))
    say_unless(quiet, sentence(changes, target, check=check))
    _say_what_engines_keep(changes)
    say_unless(quiet, advice(fleet.environments))
    # 3. Whether somebody should look at it.
    would_change = check and changes.any
    if changes.strangers or would_change:
        return FINDINGS
    return FINE


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line_of_log(line))


def _say_what_engines_keep(changes: Changes) -> None:
    """Neither Argo CD nor Flux prunes for a path that is gone, so somebody must remove the last release."""
    for name in changes.emptied:
        say(
            f"{name} has no release left: no engine removes the last one;"
            " delete it in the cluster by hand"
        )
