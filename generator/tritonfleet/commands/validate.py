"""tritonfleet validate: every problem of a fleet."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE, severity
from tritonfleet.commands.fleet import checked_fleet
from tritonfleet.commands.talk import print_data, say_unless
from tritonfleet.problem import Invalid
from tritonfleet.report.accounts import advice
from tritonfleet.report.forms import FORMS, in_form
from tritonfleet.report.problems import counted
from tritonfleet.report.releases import summary


@click.command(name="validate")
@options.root_argument
@options.output(*FORMS)
@options.strict
@options.quiet
def command(root: Path | None, form: str, strict: bool, quiet: bool) -> int:
    """Check everything; print every problem."""
    directory = fleet_directory(root)
    try:
        fleet = checked_fleet(directory, strict=strict)
    except Invalid as invalid:
        # Problems are what this command was asked for, so they are data here, and talk everywhere else.
        print_data(in_form(invalid.problems, form, directory))
        say_unless(quiet, counted(invalid.problems))
        return severity(invalid)
    print_data(in_form(fleet.warnings, form, directory))
    say_unless(quiet, summary(fleet))
    say_unless(quiet, advice(fleet.environments))
    return FINE
