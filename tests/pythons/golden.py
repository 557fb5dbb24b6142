"""What the command makes of fleets, by the Python that runs this file; it needs the package and nothing of the tests.

python golden.py DIRECTORY     prints, as JSON: fleet → what is said of it, and the files of deploy/
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tritonfleet.__main__ import main


def outcome(root: Path) -> dict[str, object]:
    """Of the fleet in a directory, which is the current one meanwhile: messages name files by their path from it."""
    os.chdir(root)
    code, problems = _run("validate", "--quiet")
    if code:
        return {"code": code, "said": problems, "files": {}}
    code, said = _run("generate", "--quiet")
    files = {path.as_posix(): _text(path) for path in Path("deploy").rglob("*.yaml")}
    return {"code": code, "said": said, "files": files}


def _run(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output of a command; its talk is nobody's."""
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, "utf-8", newline="")
    with redirect_stdout(stream), redirect_stderr(io.StringIO()):
        code = main(arguments)
    stream.flush()
    return code, data.getvalue().decode()


def _text(path: Path) -> str:
    """With its line ends, which are a part of it."""
    return path.read_bytes().decode()


if __name__ == "__main__":
    outcomes = {path.name: outcome(path) for path in Path(sys.argv[1]).iterdir()}
    sys.stdout.write(json.dumps(outcomes))
