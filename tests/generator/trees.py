"""Small trees of marked files, and directories that are made to hold them."""

from __future__ import annotations

from pathlib import Path

from tritonfleet import disk
from tritonfleet.budget import Allowed
from tritonfleet.changes import compare
from tritonfleet.output import MARK, Changes, Tree

MARKED = f"{MARK} from here.\n"


def tree(**files: str) -> Tree:
    """A tree from `dev__a="text"`: two underscores are a slash, and every file carries our mark."""
    return Tree(
        {
            path.replace("__", "/") + ".yaml": MARKED + text
            for path, text in files.items()
        }
    )


def models(count: int, environment: str = "dev") -> dict[str, str]:
    """Files of so many releases, for `tree`."""
    return {f"{environment}__m{i}__values": f"i: {i}\n" for i in range(count)}


def write(
    wanted: Tree, out: Path, allowed_removals: int = 0, *, check: bool = False
) -> Changes:
    """Makes a directory hold a tree as `generate` does, or only compares, as with `--check`."""
    with disk.opened(out, exclusive=not check) as place:
        changes = compare(wanted, place.present, Allowed(allowed_removals))
        if not check:
            place.apply(changes, wanted.files)
    return changes


def texts(directory: Path) -> dict[str, str]:
    """Every file below a directory, path → text."""
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }
