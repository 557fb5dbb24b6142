"""Work on all cores: parts of a long list, each in a process of its own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple, NoReturn, TypeAlias, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work: TypeAlias = Callable[[Sequence[Item]], list[Result]]

MOST = 4
"""Processes. They start one after another, which costs some 20 ms each, and each gets its own copy of what it looks at:
with eight, 99,000 releases took more than a gigabyte."""


def in_parts(
    work: Work[Item, Result], items: Sequence[Item], many: int
) -> list[Result]:
    """`work(items)`, done by as many processes as there are cores where there are `many` items or more.

    A part is a run of neighbours, at least half of `many`; results come in the order of the items. A fork shares what
    was read, so that nothing but results is copied: they must be what can be pickled.

    `work` must bear to be done twice: a part whose process did not come to its end is done again by this one, so that
    the answer is the same whatever becomes of the others, and raises here what it raises. No process outlives the call.
    """
    count = _process_count(len(items), many)
    if count < 2:
        return work(items)
    first, *rest = _parts(items, count)
    started = _start_all(work, rest)
    try:
        results = work(first)
        answers = [_answer_of(process) for process in started]
    finally:
        complete = _end(started)
    for index, part in enumerate(rest):
        answer = None
        if index < len(started) and complete[index]:
            answer = answers[index]
        if answer is None:
            answer = work(part)
        results += answer
    return results


def _answer_of(process: _Process) -> list[Any] | None:
    """The results of another process as they arrive: whoever kept the bytes too would need twice the memory."""
    # A process that was killed leaves half an answer, which breaks off or reads as something else.
    with suppress(Exception):
        answer = pickle.load(process.answer)  # noqa: S301 -- our own words
        if isinstance(answer, list):
            return answer
    return None


def _process_count(items: int, many: int) -> int:
    """How many processes are worth it; below 2 this one works alone."""
    if not hasattr(os, "fork"):  # as on Windows
        return 1
    return min(processes(), 2 * items // many)


def processes() -> int:
    """How many may work at the same time."""
    return min(os.cpu_count() or 1, MOST)


def _parts(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    """Runs of neighbours, as many as `count` and of nearly the same length."""
    bounds = [len(items) * number // count for number in range(count + 1)]
    return [items[begin:end] for begin, end in pairwise(bounds)]


class _Process(NamedTuple):
    """Another process, and the end of the pipe where its results arrive."""

    id: int
    answer: BinaryIO


def _start_all(
    work: Work[Item, Result], parts: Iterable[Sequence[Item]]
) -> list[_Process]:
    """A process for each part, or for the first ones: the system may refuse to start more."""
    processes: list[_Process] = []
    with suppress(OSError):
        for part in parts:
            processes.append(_start(work, part))
    return processes


def _start(work: Work[Item, Result], part: Sequence[Item]) -> _Process:
    receiving, sending = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(receiving)
        os.close(sending)
        raise
    if child == 0:
        os.close(receiving)
        _answer(sending, work, part)
    os.close(sending)
    return _Process(child, open(receiving, "rb"))  # noqa: PTH123 -- a descriptor, closed by _end


def _answer(sending: int, work: Work[Item, Result], part: Sequence[Item]) -> NoReturn:
    """The whole life of another process: nothing leaves it but the results, whatever goes wrong."""
    status = 1
    try:
        results = work(part)
        with open(sending, "wb") as stream:
            pickle.dump(results, stream, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _end(processes: Sequence[_Process]) -> list[bool]:
    """Waits for all, and says of each whether it did its part."""
    # All pipes first: a process holds those of the processes before it, and one that nobody reads ends when it writes.
    for process in processes:
        process.answer.close()
    return [_has_done_its_part(process) for process in processes]


def _has_done_its_part(process: _Process) -> bool:
    _, status = os.waitpid(process.id, 0)
    return status == 0
