"""Kills writers at every file operation, in processes of their own, and looks at what is left: `killing.py DIRECTORY`.

An audit hook sees each open, rename, remove, mkdir and rmdir before it happens, and `os.write` is replaced; the n-th
operation ends the process on the spot, a write after half of its bytes. Prints how many times each writer was killed.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.generator.trees import MARKED, texts, write
from tritonfleet import disk
from tritonfleet.output import Tree
from tritonfleet.present import MARKER, MARKER_TEXT, STAGED

OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}
OLD = Tree({f"dev/m{i}/values.yaml": f"{MARKED}i: {i}\n" for i in range(6)})
NEW = Tree({
    **{path: text for path, text in OLD.files.items() if "m5" not in path},
    "dev/m1/values.yaml": MARKED + "x: 1\n" * 50,
    "dev/m7/values.yaml": f"{MARKED}i: 7\n",
    "prod/m1/values.yaml": f"{MARKED}i: 1\n",
})  # fmt: skip
FIRST, SECOND, BOTH = "the first", "the second", "both"
real_write = os.write


@dataclass(frozen=True)
class Writer:
    """One who writes: on what it begins, what it does, what must hold when it was killed (raises AssertionError)."""

    prepare: Callable[[Path], object]
    run: Callable[[Path], object]
    look: Callable[[Path], None]
    processes: int = 1
    killed: str = BOTH


def whole(out: Path) -> dict[str, str]:
    """The files under their own names: each must have its old text or its new one."""
    found = {
        path: text for path, text in texts(out).items() if not path.endswith(STAGED)
    }
    for path, text in found.items():
        allowed = OLD.files.get(path), NEW.files.get(path), MARKER_TEXT
        assert text in allowed, f"{path} is half written: {text!r}"
    return found


def look_at_generate(out: Path) -> None:
    """What is neither the old tree nor the new one says so, and another run makes it the new one."""
    with disk.opened(
        out, exclusive=False
    ):  # waits for a process that goes on without the first
        found = whole(out)
    assert found in (OLD.files, NEW.files) or MARKER in found
    assert found == NEW.files or write(NEW, out, check=True).any
    write(NEW, out)
    assert texts(out) == NEW.files


def look_at_write(out: Path) -> None:
    """Another run writes what is missing."""
    whole(out)
    disk.write(out, NEW.files)
    assert texts(out) == {**OLD.files, **NEW.files}


def look_at_create(out: Path) -> None:
    """Another run names what is there already, and writes all of it when that is gone."""
    found = whole(out) if out.exists() else {}
    assert disk.create(out, NEW.files) == tuple(sorted(found))
    if found:
        for path in found:
            (out / path).unlink()
        assert disk.create(out, NEW.files) == ()
    assert texts(out) == NEW.files


def generate(killed: str, processes: int) -> Writer:
    return Writer(
        prepare=lambda out: write(OLD, out),
        run=lambda out: write(NEW, out),
        look=look_at_generate,
        processes=processes,
        killed=killed,
    )


WRITERS = {
    "generate": generate(BOTH, processes=1),
    "generate in two processes, both killed": generate(BOTH, processes=2),
    "generate in two processes, the first killed": generate(FIRST, processes=2),
    "generate in two processes, the second killed": generate(SECOND, processes=2),
    "render --out": Writer(
        prepare=lambda out: disk.write(out, OLD.files),
        run=lambda out: disk.write(out, NEW.files),
        look=look_at_write,
    ),
    "init": Writer(
        prepare=lambda _: None,
        run=lambda out: disk.create(out, NEW.files),
        look=look_at_create,
    ),
}


def runs(writer: Writer, step: int, out: Path) -> bool:
    """Runs a writer whose process ends at its operation number `step`; whether it came that far."""
    was_killed = mmap.mmap(-1, 1)  # shared with the processes
    child = os.fork()
    if child == 0:
        kill_at(step, writer.killed, was_killed)
        os.cpu_count = lambda: writer.processes
        disk.MANY = 2
        writer.run(out)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0 or was_killed[0], f"the writer failed by itself with {status}"
    return bool(was_killed[0])


def kill_at(step: int, which: str, was_killed: mmap.mmap) -> None:
    """From now on `which` process ends at its operation number `step`: this one, one that it forks, or each of both."""
    first = os.getpid()
    left = iter(range(step))

    def is_time() -> bool:
        is_meant = which == BOTH or (os.getpid() == first) == (which == FIRST)
        return is_meant and next(left, None) is None

    def end() -> None:
        was_killed[0] = 1
        os._exit(137)

    def hook(event: str, _: object) -> None:
        if event in OPERATIONS and is_time():
            end()

    def half_write(descriptor: int, data: memoryview) -> int:
        if is_time():
            real_write(descriptor, data[: len(data) // 2])
            end()
        return real_write(descriptor, data)

    sys.addaudithook(hook)
    os.write = half_write  # type: ignore[assignment]


def times_killed(writer: Writer, out: Path) -> int:
    """Kills a writer at every step until it gets to its end."""
    for step in count():
        shutil.rmtree(out, ignore_errors=True)
        writer.prepare(out)
        if not runs(writer, step, out):
            assert step > 0
            return step
        try:
            writer.look(out)
        except AssertionError as error:
            raise AssertionError(f"killed at operation {step}: {error}") from error
    raise AssertionError


def main(out: Path) -> None:
    """Fails when a file is half written or a run after it does not come to the end."""
    for name, writer in WRITERS.items():
        print(f"{name}: {times_killed(writer, out)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
