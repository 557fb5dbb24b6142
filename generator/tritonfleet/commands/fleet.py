"""The stages that every command begins with: read, resolve, check; and the names that options may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import severity
from tritonfleet.commands.talk import say, say_text
from tritonfleet.load import load
from tritonfleet.nouns import Fleet
from tritonfleet.problem import Invalid, similar
from tritonfleet.report.forms import in_form
from tritonfleet.report.problems import counted
from tritonfleet.resolve import resolve
from tritonfleet.rules import RULES
from tritonfleet.validate import validate

SHOWN = 20  # names in a message


def checked_fleet(root: Path, *, strict: bool = False) -> Fleet:
    """The fleet of a directory, without errors. Raises Invalid with every problem."""
    return validate(resolve(load(root)), RULES.values(), strict=strict)


def fleet_or_exit(root: Path) -> Fleet:
    """The fleet of a directory; prints its problems and ends the command when it has errors."""
    with problems_end_it(root):
        return checked_fleet(root)


@contextmanager
def problems_end_it(root: Path, form: str = "text") -> Iterator[None]:
    """Where Invalid is raised inside: prints its problems where talk goes, and ends the command."""
    try:
        yield
    except Invalid as invalid:
        say_text(in_form(invalid.problems, form, root))
        say(counted(invalid.problems))
        raise click.exceptions.Exit(severity(invalid)) from None


def wanted_environments(fleet: Fleet, names: Sequence[str]) -> frozenset[str]:
    """The environments that `--env` names; empty means all. Raises click.UsageError for one that is not there."""
    require_known(names, fleet.environment_names, "environment")
    return frozenset(names)


def wanted_fleet(root: Path | None, names: Sequence[str]) -> Fleet:
    """The fleet at `root`, with the environments that `--env` names or with all. Ends the command as both above do."""
    fleet = fleet_or_exit(fleet_directory(root))
    wanted = wanted_environments(fleet, names)
    return fleet.within(wanted) if wanted else fleet


def require_known(names: Iterable[str], known: Sequence[str], noun: str) -> None:
    """Raises click.UsageError for the first name that nothing has, with the one that was probably meant."""
    for name in names:
        if name not in known:
            raise click.UsageError(_there_is_no(noun, name, known))


def _there_is_no(noun: str, name: str, known: Sequence[str]) -> str:
    """What to say of an unknown name: the one that was probably meant, and some of those that there are."""
    message = f"there is no {noun} `{name}`"
    guess = similar(name, known)
    if guess:
        message += f" ({guess})"
    there_are = ", ".join(known[:SHOWN])
    return f"{message}; there are {there_are}"
