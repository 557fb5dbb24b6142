"""The process: runs the command line and makes an exit code of whatever becomes of it."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn, TextIO

import click

from tritonfleet.cli import tritonfleet
from tritonfleet.commands.exits import BROKEN, FINE, INVALID
from tritonfleet.commands.talk import say
from tritonfleet.problem import Missing

INTERRUPTED, UNREAD = 130, 141


def run() -> NoReturn:
    """Runs the command of the process and ends it. To free a large fleet piece by piece would take a tenth of a run."""
    _prepare_streams()
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = UNREAD
    except OSError as error:  # what was printed did not all arrive: a full disk
        code = _failed(error)
    with suppress(OSError):  # that nobody listens changes no outcome
        sys.stderr.flush()
    os._exit(code)


def _prepare_streams() -> None:
    """Both outputs write UTF-8 in every locale, and one that was closed before the start goes nowhere."""
    sys.stdout = _stream(sys.stdout)
    sys.stderr = _stream(sys.stderr)


def _stream(stream: TextIO | None) -> TextIO:
    if stream is None:
        # Not closed: it is used until the end.
        stream = open(os.devnull, "w")  # noqa: SIM115, PTH123
    if isinstance(stream, io.TextIOWrapper):
        # A file's name may be no UTF-8.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code. No exception leaves it."""
    gc.disable()  # a run is short and makes no cycles, and looking for them costs a fifth of it
    try:
        code = tritonfleet.main(
            arguments, prog_name="tritonfleet", standalone_mode=False
        )
        return code if isinstance(code, int) else FINE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        shown = io.StringIO()
        wrong.show(shown)
        say(*shown.getvalue().splitlines())
        return INVALID
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return UNREAD
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    say(_words(error))
    return BROKEN


def _words(error: Exception) -> str:
    """What a person can do something about; only what nobody foresaw is the program's fault."""
    if isinstance(error, Missing):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename or 'system'}: {reason.lower()}"
    kind = type(error).__name__
    return f"internal error, please report it: {kind}: {error}"


def _close_quietly() -> None:
    """A reader that has gone away is no error; without this the interpreter complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
