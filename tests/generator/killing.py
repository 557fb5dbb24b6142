"""Kills a run at every file operation, in a process of its own, and looks at what is left: `killing.py DIRECTORY`.

An audit hook sees each open, rename, remove, mkdir and rmdir before it happens; the n-th ends the process on the spot.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tritonfleet.nouns import Tree
from tritonfleet.tree import MARK, MARKER, STAGED, Budget, write

OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}
OLD = Tree({f"dev/m{i}/values.yaml": f"{MARK}\ni: {i}\n" for i in range(6)})
NEW = Tree({
    **{path: text for path, text in OLD.files.items() if "m5" not in path},
    "dev/m1/values.yaml": f"{MARK}\n" + "x: 1\n" * 50,
    "dev/m7/values.yaml": f"{MARK}\ni: 7\n",
})  # fmt: skip


def texts(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


def killed(step: int, out: Path) -> bool:
    """Writes the new tree in a child that ends at its operation number `step`; whether it came that far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137
    left = iter(range(step))

    def kill(event: str, _: object) -> None:
        if event in OPERATIONS and next(left, None) is None:
            os._exit(137)

    sys.addaudithook(kill)
    write(NEW, out, Budget())
    os._exit(0)


def steps(out: Path) -> Iterator[int]:
    """Every step at which a run can be killed; each begins with the old tree."""
    for step in count():
        shutil.rmtree(out, ignore_errors=True)
        write(OLD, out, Budget())
        if not killed(step, out):
            return
        yield step


def main(out: Path) -> int:
    """How many times a run was killed. Fails when a file is half written or a rerun does not converge."""
    times = 0
    for step in steps(out):
        found = {
            path: text
            for path, text in texts(out).items()
            if not path.endswith(STAGED) and path != MARKER
        }
        assert all(
            text in (OLD.files.get(path), NEW.files.get(path)) for path, text in found.items()
        ), step
        assert found in (OLD.files, NEW.files) or (out / MARKER).exists(), step
        assert write(NEW, out, Budget(), check=True).any or found == NEW.files, step
        write(NEW, out, Budget())
        assert texts(out) == NEW.files, step
        times += 1
    return times


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
