"""Ctrl-C before the command's own modules are there."""

from __future__ import annotations

import signal
import subprocess
import sys

# A finder of modules that is interrupted when somebody asks for click: what a finger does, at a known moment.
INTERRUPTED = """
import os, signal, sys
class Finger:
    def find_spec(self, name, *_):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finger())
from tritonfleet.start import run
run()
"""
KEPT = """
import signal, sys
from tritonfleet import start
sys.argv = ["tritonfleet", "--version"]
before = signal.getsignal(signal.SIGINT)
import tritonfleet.__main__ as main
main.run = lambda: print(signal.getsignal(signal.SIGINT) is before)
start.run()
"""


def _python(script: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", script]
    return subprocess.run(arguments, capture_output=True, text=True)


def test_an_interrupt_while_modules_are_read_says_nothing() -> None:
    finished = _python(INTERRUPTED)
    told = (finished.returncode, finished.stdout, finished.stderr)
    assert told == (-signal.SIGINT, "", "")


def test_the_command_itself_hears_of_interrupts() -> None:
    assert _python(KEPT).stdout == "True\n"
