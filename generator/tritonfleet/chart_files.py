"""The files of a chart: what is in those that releases are made from, and a digest of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tritonfleet.files import content, files_below
from tritonfleet.mode_table import ModeTable
from tritonfleet.problem import Invalid, Problem
from tritonfleet.values import Values, mapping_at, text_at
from tritonfleet.yaml import read

# What releases are made from; a README or a test's values file changes no release.
CHART_PARTS = (
    ".helmignore",  # it takes templates away
    "Chart.yaml",
    "values.yaml",
    "values.schema.json",
    "templates",
    "files",
    "charts",
    "crds",
)
MOST_BYTES = 4 * 1024 * 1024  # of a chart
FLAGS = "files/flags.json"
MODE_FLAGS = re.compile(r"files/flags-([a-z]+)\.json")
Contents: TypeAlias = Mapping[str, bytes]
"""The files that releases are made from, by their paths inside the chart, in order."""


def contents_of(root: Path, directory: str) -> Contents:
    """Of a chart below a fleet's root. Raises Invalid for what cannot be read, and for links anywhere in the chart.

    Raises ValueError for a very large chart.
    """
    problems: list[Problem] = []
    files = files_below(root, directory, problems)
    if problems:
        raise Invalid(problems)
    contents: dict[str, bytes] = {}
    left = MOST_BYTES
    for file in files:
        inside = file.removeprefix(f"{directory}/")
        if not _is_part(inside):
            continue
        data = content(root, file)
        contents[inside] = data
        left -= len(data)
        if left < 0:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
    return contents


def _is_part(path: str) -> bool:
    """Whether Helm reads a file of a chart, or Argo CD: it sets parameters of Applications by .argocd-source.yaml."""
    first = path.split("/")[0]
    return first in CHART_PARTS or first.startswith(".argocd-source")


def packaged_contents(directory: Path) -> Contents:
    """Of the chart that this program carries."""
    contents: dict[str, bytes] = {}
    for path in chart_files(directory, CHART_PARTS):
        inside = path.relative_to(directory).as_posix()
        contents[inside] = path.read_bytes()
    return contents


def mapping_in(contents: Contents, file: str, chart: str) -> Values:
    """The data of a YAML file; `chart` is what problems call the chart.

    Raises Invalid for what is no YAML, and ValueError for what is no mapping.
    """
    text = _text(contents, file)
    data = read(f"{chart}/{file}", text).data
    if not isinstance(data, dict):
        raise ValueError(f"{file} is no mapping")
    return data


def _text(contents: Contents, file: str) -> bytes:
    if file not in contents:
        raise ValueError(f"it has no {file}")
    return contents[file]


def schema_in(contents: Contents) -> Values:
    """The JSON Schema of the chart's values. Raises ValueError, or RecursionError for one that is nested too deep."""
    schema = json.loads(_text(contents, "values.schema.json"))
    if not mapping_at(schema, "properties"):
        raise ValueError("values.schema.json says nothing about `properties`")
    return dict(schema)


def modes_in(contents: Contents) -> Mapping[str, ModeTable]:
    """The chart's tables of what its servers take, by mode; empty where the chart has none.

    Raises ValueError for another shape.
    """
    modes: dict[str, ModeTable] = {}
    if FLAGS in contents:
        modes["triton"] = _mode_table(contents, FLAGS)
    for file in contents:
        match = MODE_FLAGS.fullmatch(file)
        if match:
            modes[match[1]] = _mode_table(contents, file)
    return modes


def _mode_table(contents: Contents, file: str) -> ModeTable:
    """One of the tables. A flag without a `since` is older than the table looks back: every server has it."""
    table = json.loads(contents[file])
    flags = mapping_at(table, "flags")
    values = mapping_at(table, "values")
    rows = (*flags.values(), *values.values())
    are_mappings = all(isinstance(row, dict) for row in rows)
    if not flags or not are_mappings:
        raise ValueError(f"{file} is no table of flags")
    dated = {}
    for name, row in flags.items():
        dated[name] = {"since": "", **row}
    return ModeTable(dated, text_at(table, "since"), values)


def digest_of(contents: Contents) -> str:
    """SHA-256 over names and contents of the files that releases are made from."""
    total = hashlib.sha256()
    for inside, text in contents.items():
        part = _name_and_digest(inside, text)
        total.update(part)
    return total.hexdigest()


def _name_and_digest(inside: str, text: bytes) -> bytes:
    """What one file adds to the digest of its chart."""
    # A digest has a fixed length and a name no zero byte: no two charts are the same bytes.
    name = os.fsencode(inside)
    digest = hashlib.sha256(_as_committed(text)).digest()
    return name + b"\0" + digest


def _as_committed(text: bytes) -> bytes:
    """Text with the line ends that Git stores: a checkout may have others, and is the same chart."""
    if b"\0" in text:
        return text
    return text.replace(b"\r\n", b"\n")


def chart_files(directory: Path, parts: Iterable[str]) -> list[Path]:
    """The files of a chart in these parts of it, which are files or directories; sorted."""
    paths: list[Path] = []
    for part in parts:
        path = directory / part
        paths.append(path)
        paths += path.rglob("*")
    # pip compiles the Python files of a package that it installs, and so those of the chart in it.
    ours = [path for path in paths if path.parent.name != "__pycache__"]
    files = filter(Path.is_file, ours)
    return sorted(files)


def values_schema(directory: Path) -> dict[str, Any]:
    """The JSON Schema of a chart's values. Raises OSError or ValueError when there is none."""
    text = (directory / "values.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def packaged_chart() -> Path:
    """The chart that this program carries: inside the package, or beside it in a clone of the repository."""
    package = Path(__file__).parent
    inside = package / "chart"
    if inside.is_dir():
        return inside
    return package.parents[1] / "charts" / "triton"
