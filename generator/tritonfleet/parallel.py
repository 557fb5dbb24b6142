"""Work on two cores: half of a long list in a process of its own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_halves(
    work: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item], many: int
) -> list[Result]:
    """`work(items)`, a result for each item, done by two processes where there are `many`: a process takes some 20 ms.

    A fork shares what was read, so that nothing but results is copied: `work` must be pure, and results can be pickled.
    The answer is the same whatever becomes of the other process: without its word this one does that half as well.
    """
    if len(items) < many or not hasattr(os, "fork"):
        return work(items)
    middle = len(items) // 2
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(sending, lambda: work(items[middle:]))
    os.close(sending)
    with open(receiving, "rb") as stream:  # noqa: PTH123 -- a descriptor
        first = work(items[:middle])
        said = stream.read()
    _, status = os.waitpid(child, 0)
    return first + (pickle.loads(said) if status == 0 else work(items[middle:]))  # noqa: S301 -- our own words


def _answer(sending: int, work: Callable[[], object]) -> None:
    """The whole life of the other process: nothing leaves it but the results, whatever goes wrong."""
    status = 1
    try:
        said = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with open(sending, "wb") as stream:
            stream.write(said)
        status = 0
    finally:
        os._exit(status)
