"""Work in parts: the same results in the same order, whatever becomes of the other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import pytest

from tritonfleet.parallel import MOST, in_parts

HERE = os.getpid()
ITEMS = list(range(101))


def squares(items: Sequence[int]) -> list[int]:
    return [item * item for item in items]


@pytest.fixture(params=[1, 2, 3, 64], autouse=True)
def cores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(os, "cpu_count", lambda: request.param)
    return int(request.param)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 101])
def test_the_results_are_those_of_one_process(count: int) -> None:
    assert in_parts(squares, ITEMS[:count], many=2) == squares(ITEMS[:count])


@pytest.mark.parametrize(("many", "most"), [(2, MOST), (50, 4), (101, 2), (102, 1)])
def test_many_items_are_done_by_as_many_processes_as_there_are_cores(
    many: int, most: int, cores: int
) -> None:
    processes = in_parts(lambda items: [os.getpid() for _ in items], ITEMS, many=many)
    assert len(set(processes)) == min(cores, most)


def killed(items: Sequence[int]) -> list[int]:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(items)


def failing(items: Sequence[int]) -> list[int]:
    if os.getpid() != HERE:
        raise RuntimeError("never told: this process does it again")
    return squares(items)


@pytest.mark.parametrize("work", [killed, failing])
def test_without_the_other_process_the_results_are_the_same(
    work: object, capfd: pytest.CaptureFixture[str]
) -> None:
    assert in_parts(work, ITEMS, many=2) == squares(ITEMS)  # type: ignore[arg-type]
    assert capfd.readouterr() == ("", "")


def test_what_is_wrong_with_an_item_is_told_as_ever() -> None:
    with pytest.raises(ZeroDivisionError):
        in_parts(lambda items: [1 // (item - 80) for item in items], ITEMS, many=2)


def test_no_process_is_left_when_this_one_fails() -> None:
    """The others have more to say than a pipe holds, and nobody reads it."""
    with tempfile.TemporaryFile() as file:

        def work(items: Sequence[int]) -> list[str]:
            if os.getpid() == HERE:
                raise ValueError("mine")
            os.write(file.fileno(), b"%d\n" % os.getpid())
            return ["x" * 100_000 for _ in items]

        with pytest.raises(ValueError, match="mine"):
            in_parts(work, ITEMS, many=2)
        file.seek(0)
        for process in file.read().split():
            with pytest.raises(ProcessLookupError):
                os.kill(int(process), 0)


def test_where_no_process_can_be_started_the_results_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    assert in_parts(squares, ITEMS, many=2) == squares(ITEMS)


WAITS = """
import os, sys, time
from tritonfleet.parallel import in_parts
os.cpu_count = lambda: 3
here = os.getpid()

def work(items):
    if os.getpid() == here:
        print("ready", flush=True)
        time.sleep(100)
    return ["x" * 1_000_000 for _ in items]

in_parts(work, list(range(12)), many=2)
"""


def test_no_process_outlives_one_that_is_killed() -> None:
    """Its output, which they share, ends with it: whoever reads that does not wait for ever."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.kill()
    told, _ = process.communicate(timeout=10)
    assert told == ""
