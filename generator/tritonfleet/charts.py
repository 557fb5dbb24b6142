"""Charts: which one each environment installs, read from the fleet or from this program."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tritonfleet.files import behind_link
from tritonfleet.nouns import Chart
from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import Values, lookup
from tritonfleet.yaml import read

CHART = "charts/triton"
"""Where a fleet's own chart is when nobody names another."""

# What releases are made from; a README or a test's values file changes no release.
CHART_PARTS = (
    "Chart.yaml",
    "values.yaml",
    "values.schema.json",
    "templates",
    "files",
    "charts",
    "crds",
)
_NAME = r"[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,99}"
# A path that cannot lead out of the fleet.
_INSIDE = re.compile(rf"{_NAME}(/{_NAME}){{0,9}}\Z")


def read_charts(
    root: Path, fleet: Source, environments: Iterable[Source], problems: list[Problem]
) -> Mapping[str, Chart]:
    """The chart of each environment, by the environment's file; one that several environments name is read once.

    An environment whose chart cannot be used has none here, and `problems` says why.
    """
    charts: dict[str, Chart] = {}
    known: dict[_Reference, Chart | None] = {}
    for environment in environments:
        reference = _reference(fleet, environment)
        if reference not in known:
            known[reference] = _usable_chart(root, reference, problems)
        chart = known[reference]
        if chart:
            charts[environment.file] = chart
    return charts


@dataclass(frozen=True, slots=True)
class _Reference:
    """A chart as somebody names it: from Git by its directory, or from a registry (`oci`).

    Two references are equal when they mean the same chart, whoever names it.
    """

    source: Source = field(compare=False)
    directory: str | None
    """Where it is below the fleet's root; None for the chart that this program carries."""
    oci: str | None = None
    version: str = ""
    digest: str = ""

    @property
    def position(self) -> Position:
        """The value that says where the chart is to be found here."""
        return self.source.position(("chart", self._key))

    @property
    def _key(self) -> str:
        if self.oci is None:
            return "path"
        if self.directory is None:
            return "version"
        return "copy"

    @property
    def name(self) -> str:
        """The chart in messages."""
        return "the chart of this program" if self.directory is None else self.directory


def _reference(fleet: Source, environment: Source) -> _Reference:
    """The chart that the environment names, else the one that the fleet names, else the fleet's own."""
    for source in (environment, fleet):
        chart = source.data.get("chart")
        if isinstance(chart, dict):
            return _named(source, chart)
    return _Reference(fleet, CHART)


def _named(source: Source, chart: Values) -> _Reference:
    """The chart that the section `chart` of a file names."""
    if "oci" not in chart:
        return _Reference(source, str(chart.get("path", CHART)))
    return _Reference(
        source,
        directory=str(chart["copy"]) if "copy" in chart else None,
        oci=str(chart["oci"]),
        version=str(chart.get("version")),
        digest=str(chart.get("digest", "")),
    )


def _usable_chart(
    root: Path, reference: _Reference, problems: list[Problem]
) -> Chart | None:
    """The chart that a reference means; None where it cannot be used, and why is added to `problems`."""
    try:
        return _chart(root, reference)
    except Invalid as invalid:
        problems += invalid.problems
    except (OSError, ValueError, KeyError) as error:
        problems.append(_broken(reference, error))
    return None


def _broken(reference: _Reference, error: Exception) -> Problem:
    place = reference.source.position(("chart",))
    return Problem(place, "TF017", f"the chart cannot be used: {error}")


def _chart(root: Path, reference: _Reference) -> Chart:
    """The chart that a reference means.

    Raises Invalid at the reference's place when the chart is not there, is behind a link or has another version;
    OSError, ValueError or KeyError when its files are broken.
    """
    directory = _directory(root, reference)
    return Chart(
        version=_version(directory, reference),
        defaults=_data(directory, "values.yaml", reference),
        schema=values_schema(directory),
        flags=_flags(directory),
        directory=directory,
        content=_digest(directory),
        path=reference.name if reference.oci is None else "",
        oci=reference.oci or "",
        digest=reference.digest,
    )


def _directory(root: Path, reference: _Reference) -> Path:
    """Where the chart is. Raises Invalid when there is none, or when a link leads to it."""
    path = reference.directory
    if path is None:
        return packaged_chart()
    directory = root / path
    if not _INSIDE.match(path) or not (directory / "Chart.yaml").is_file():
        raise Invalid([_missing(reference)])
    if behind_link(root, path):
        raise Invalid([_linked(reference)])
    return directory


def _version(directory: Path, reference: _Reference) -> str:
    """The chart's version. Raises Invalid when a registry's chart has another one here than in the registry."""
    about = _data(directory, "Chart.yaml", reference)
    version = str(lookup(about, ("version",)))
    if reference.oci is not None and version != reference.version:
        raise Invalid([_missing(reference)])
    return version


def _linked(reference: _Reference) -> Problem:
    message = f"{reference.name} is reached by a symbolic link"
    return Problem(reference.position, "TF014", message)


def _missing(reference: _Reference) -> Problem:
    if reference.oci is None:
        message = f"there is no chart in {reference.name}"
        hint = "`tritonfleet init` copies one"
    else:
        message = (
            f"chart version {reference.version} is not here to check values with; "
            f"{reference.name} is another version"
        )
        hint = "commit the unpacked chart and name its directory in `chart.copy`"
    return Problem(reference.position, "TF016", message, hint=hint)


def _data(directory: Path, file: str, reference: _Reference) -> Any:
    content = (directory / file).read_bytes()
    return read(f"{reference.name}/{file}", content).data


def _flags(directory: Path) -> Mapping[str, Mapping[str, Any]]:
    """The chart's table of tritonserver's flags, by name; empty where the chart has none.

    A flag without a `since` is older than the table looks back: every server is taken to have it.
    """
    path = directory / "files" / "flags.json"
    if not path.is_file():
        return {}
    table = json.loads(path.read_text(encoding="utf-8"))
    return {name: {"since": "", **row} for name, row in table["flags"].items()}


def _digest(directory: Path) -> str:
    """SHA-256 over names and contents of the files that releases are made from."""
    total = hashlib.sha256()
    for path in chart_files(directory, CHART_PARTS):
        total.update(_name_and_digest(directory, path))
    return total.hexdigest()


def _name_and_digest(directory: Path, path: Path) -> bytes:
    # A digest has a fixed length and a name no zero byte: no two charts are the same bytes.
    name = path.relative_to(directory).as_posix()
    content = hashlib.sha256(path.read_bytes())
    return name.encode() + b"\0" + content.digest()


def chart_files(directory: Path, parts: Iterable[str]) -> list[Path]:
    """The files of a chart in these parts of it, which are files or directories; sorted."""
    paths: list[Path] = []
    for part in parts:
        path = directory / part
        paths.append(path)
        paths += path.rglob("*")
    return sorted(filter(Path.is_file, paths))


def values_schema(directory: Path) -> dict[str, Any]:
    """The JSON Schema of a chart's values. Raises OSError or ValueError when there is none."""
    text = (directory / "values.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def packaged_chart() -> Path:
    """The chart that this program carries: inside the package, or beside it in a clone of the repository."""
    inside = Path(__file__).parent / "chart"
    if inside.is_dir():
        return inside
    return Path(__file__).parents[2] / "charts" / "triton"
