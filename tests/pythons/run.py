"""python -m tests.pythons.run: the golden fleets, with each Python from 3.11 on that this machine has.

The same bytes must come out in the locale C, in the Turkish one, whose i has a dot in upper case as well, and from a
checkout with line ends of Windows. Prints a line for each and for what was not found; exits 1 at a difference.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeAlias

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "generator" / "cases"
VENVS = ROOT / "build" / "pythons"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
TURKISH = "tr_TR.UTF-8"
LF, CRLF = b"\n", b"\r\n"

Outcomes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By fleet: `code`, what was `said`, and the `files` of deploy/ with their texts."""


class Way(NamedTuple):
    """How a Python is run: its locale, and the line ends of the fleet's files."""

    locale: str
    ends: bytes

    def __str__(self) -> str:
        ends = "LF" if self.ends == LF else "CRLF"
        return f"{self.locale}, {ends}"


def main() -> int:
    is_fine = True
    with TemporaryDirectory() as name:
        directory = Path(name)
        ways = _ways(directory)
        expected = _expected()
        for version in VERSIONS:
            python = _python(version)
            if python is None:
                print(f"Python {version}: not found here, so not run", flush=True)
                continue
            for way in ways:
                found = _outcomes(python, way, directory)
                wrong = [name for name in expected if found[name] != expected[name]]
                is_fine = is_fine and not wrong
                said = (
                    f"not as expected: {', '.join(wrong)}" if wrong else "as expected"
                )
                print(f"Python {version}, {way}: {len(found)} fleets, {said}", flush=True)  # fmt: skip
    return 0 if is_fine else 1


def _ways(directory: Path) -> list[Way]:
    """The locale of Turkey is made below the directory, where the machine has what it is made of."""
    made = directory / TURKISH
    command = ["localedef", "--inputfile=tr_TR", "--charmap=UTF-8", str(made)]
    if shutil.which("localedef"):
        subprocess.run(command, capture_output=True, check=False)
    if not made.is_dir():
        print(f"{TURKISH}: localedef can't make it here, so not run", flush=True)
        return [Way("C", LF), Way("C.UTF-8", CRLF)]
    return [Way("C", LF), Way(TURKISH, LF), Way("C.UTF-8", CRLF)]


def _python(version: str) -> Path | None:
    """This version with the command installed, in an environment of its own; None where there is no such Python."""
    found = next(_found(version), None)
    if found is None:
        return None
    venv = VENVS / version
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([found, "-m", "venv", venv], check=True)
    packages = ["install", "--quiet", "--editable", f"{ROOT}[models]"]
    subprocess.run([python, "-m", "pip", *packages], check=True)
    return python


def _found(version: str) -> Iterator[str]:
    """Programs that are this version and can make environments: on PATH, of pyenv, or the one that runs this."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    own = sorted((pyenv / "versions").glob(f"{version}.*/bin/python"))
    asks = f"import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for program in (f"python{version}", *map(str, own), sys.executable):
        if shutil.which(program):
            ran = subprocess.run(
                [program, "-c", asks], capture_output=True, check=False
            )
            if ran.returncode == 0:
                yield program


def _expected() -> Outcomes:
    """What the tests of the generator expect, and the committed deploy/ of the example fleet."""
    expected = {"example": {"code": 0, "said": "", "files": _deploy(ROOT)}}
    for case in _cases("valid"):
        expected[_name(case)] = {"code": 0, "said": "", "files": _deploy(case)}
    for case in _cases("invalid"):
        said = (case / "errors.txt").read_text(encoding="utf-8")
        expected[_name(case)] = {"code": 2, "said": said, "files": {}}
    return expected


def _cases(kind: str) -> list[Path]:
    return sorted(path for path in (CASES / kind).iterdir() if path.is_dir())


def _name(case: Path) -> str:
    """Of its fleet: a valid and an invalid case may have one name."""
    return f"{case.parent.name}-{case.name}"


def _deploy(fleet: Path) -> dict[str, str]:
    files = (fleet / "deploy").rglob("*.yaml")
    texts = {str(path.relative_to(fleet)): path.read_bytes().decode() for path in files}
    return _without_digest(texts)


def _without_digest(files: Mapping[str, str]) -> dict[str, str]:
    """All but the file with the chart's digest, which the cases leave out."""
    return {path: text for path, text in files.items() if path != "deploy/charts.yaml"}


def _outcomes(python: Path, way: Way, directory: Path) -> Outcomes:
    """What this Python makes of a new checkout of all fleets."""
    locale = {"LC_ALL": way.locale, "LOCPATH": str(directory)}
    as_it_is = {
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONWARNINGS": "error",
    }
    with TemporaryDirectory() as fleets:
        for name, fleet in _fleets():
            _check_out(fleet, Path(fleets, name), way.ends)
        command = [str(python), str(Path(__file__).with_name("golden.py")), fleets]
        environment = {**os.environ, **locale, **as_it_is}
        ran = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True
        )
    outcomes: Outcomes = json.loads(ran.stdout)
    return {name: {**each, "files": _without_digest(each["files"])} for name, each in outcomes.items()}  # fmt: skip


def _fleets() -> Iterator[tuple[str, Path]]:
    yield "example", ROOT
    for case in (*_cases("valid"), *_cases("invalid")):
        yield _name(case), case


def _check_out(fleet: Path, target: Path, ends: bytes) -> None:
    """What people write, and the chart. A case may have more below `charts`."""
    shutil.copytree(ROOT / "charts", target / "charts")
    for name in ("charts", "values"):
        if (fleet / name).is_dir():
            shutil.copytree(fleet / name, target / name, dirs_exist_ok=True)
    for path in target.rglob("*"):
        if path.is_file():
            plain = path.read_bytes().replace(CRLF, LF)
            path.write_bytes(plain.replace(LF, ends))


if __name__ == "__main__":
    sys.exit(main())
