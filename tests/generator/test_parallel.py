"""Work in halves: the same results in the same order, whatever becomes of the other process."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

import pytest

from tritonfleet.parallel import in_halves

HERE = os.getpid()
ITEMS = list(range(101))


def squares(items: Sequence[int]) -> list[int]:
    return [item * item for item in items]


@pytest.mark.parametrize("count", [0, 1, 2, 101])
def test_the_results_are_those_of_one_process(count: int) -> None:
    assert in_halves(squares, ITEMS[:count], many=2) == squares(ITEMS[:count])


def test_many_items_are_done_by_two_processes() -> None:
    assert len(set(in_halves(lambda items: [os.getpid() for _ in items], ITEMS, many=2))) == 2
    assert len(set(in_halves(lambda items: [os.getpid() for _ in items], ITEMS, many=102))) == 1


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
    assert in_halves(work, ITEMS, many=2) == squares(ITEMS)  # type: ignore[arg-type]
    assert capfd.readouterr() == ("", "")


def test_what_is_wrong_with_an_item_is_told_as_ever() -> None:
    with pytest.raises(ZeroDivisionError):
        in_halves(lambda items: [1 // (item - 80) for item in items], ITEMS, many=2)
