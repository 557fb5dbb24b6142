"""Commands on a fleet, called in this process: some hundred a second, where a process of their own takes a second.

The chart is the same in every input. So it is read once, and its schemas are understood once; everything else is done
as the command does it, from the files to what is printed.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from tests.chart.helm import CHART
from tests.fuzz.material import Files
from tritonfleet import charts
from tritonfleet.__main__ import main
from tritonfleet.validate import check
from tritonfleet.validate.shapes import shapes_of as understand

FAST = "jsonschema_rs"  # what the extra `fast` installs
OFTEN = 200  # calls after which memory that refers to itself is freed: a command leaves that to its end


class Told(NamedTuple):
    """What became of a command."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float
    """Of the processor."""


class Bench:
    """A directory with a chart, in which one fleet after another is put. It is the current one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls = 0

    def put(self, files: Files) -> None:
        """Takes the files of the fleet before away, and writes these."""
        for directory in {Path(path).parts[0] for path in files}:
            shutil.rmtree(self.root / directory, ignore_errors=True)
        for path, content in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def run(self, *arguments: str) -> Told:
        """Calls the command."""
        out, err = io.StringIO(), io.StringIO()
        began = time.process_time()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
        seconds = time.process_time() - began
        self.calls += 1
        if self.calls % OFTEN == 0:
            gc.collect()
        return Told(arguments, code, out.getvalue(), err.getvalue(), seconds)

    def run_without_fast(self, *arguments: str) -> Told:
        """The same where the extra is not installed."""
        with mock.patch.dict(sys.modules, {FAST: None}):
            return self.run(*arguments)

    def texts(self, directory: str) -> dict[str, bytes]:
        """Every file below a directory of the root, path → bytes."""
        paths = sorted((self.root / directory).rglob("*"))
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in paths
            if path.is_file()
        }


@contextmanager
def bench(directory: Path) -> Iterator[Bench]:
    """A bench in a directory that is empty; the current directory is it until the block ends."""
    shutil.copytree(CHART, directory / "charts" / "triton")
    before = Path.cwd()
    os.chdir(directory)
    try:
        with _the_chart_is_read_once():
            yield Bench(Path())
    finally:
        os.chdir(before)
        gc.enable()  # `main` ends it, as a process of its own would need


@contextmanager
def _the_chart_is_read_once() -> Iterator[None]:
    importlib.import_module(FAST)
    known_charts: dict[Any, Any] = {}
    known_shapes: dict[tuple[bool, str], Any] = {}
    read = charts._chart

    def chart(root: Path, reference: Any) -> Any:
        if reference not in known_charts:
            known_charts[reference] = read(root, reference)
        return known_charts[reference]

    def shapes_of(of: Any) -> Any:
        is_fast = sys.modules.get(FAST) is not None
        found = {}
        for each in of:
            key = is_fast, each.content
            if key not in known_shapes:
                known_shapes[key] = understand([each])[each.content]
            found[each.content] = known_shapes[key]
        return found

    with (
        mock.patch.object(charts, "_chart", chart),
        mock.patch.object(check, "shapes_of", shapes_of),
    ):
        yield
