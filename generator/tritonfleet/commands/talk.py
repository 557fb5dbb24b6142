"""Talk goes to stderr, data to stdout: so that what a command prints can be piped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

import click

from tritonfleet.visible import line_of_log

Item = TypeVar("Item")
PATIENCE = 1  # seconds before progress is shown
CLEAR_LINE = "\r\x1b[K"


def say(*lines: str) -> None:
    """Lines for the person who watches."""
    for line in lines:
        _talk(line_of_log(line) + "\n")


def say_unless(quiet: bool, line: str) -> None:
    """A line that `--quiet` leaves out, as an empty one is."""
    if line and not quiet:
        say(line)


def say_text(text: str) -> None:
    """Text of a report, which has its own line breaks, or is empty."""
    _talk(text)


def _talk(text: str) -> None:
    # Nobody who listens is no failure: what a command did, or found, is the same.
    with suppress(OSError):
        click.echo(text, nl=False, err=True)


def print_data(text: str) -> None:
    """What the command was asked for."""
    click.echo(text, nl=False)


def progress(items: Iterable[Item], count: int) -> Iterator[Item]:
    """Hands items on as they come; past a second, a line on the terminal says how far it is.

    The line is away while an item is handed on, so that nothing is printed into it.
    """
    began = time.monotonic()
    line_is_shown = False
    for number, item in enumerate(items, 1):
        if line_is_shown:
            _show(CLEAR_LINE)
        yield item
        waited = time.monotonic() - began
        line_is_shown = waited > PATIENCE and number < count
        if line_is_shown:
            _show(f"rendered {number} of {count}")


def _show(text: str) -> None:
    """Text on the line of progress, which no line break ends."""
    _talk(text)
