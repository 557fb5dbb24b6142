"""Charts: which one each environment installs, read from the fleet or from this program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from tritonfleet.chart_files import (
    Contents,
    contents_of,
    digest_of,
    mapping_in,
    modes_in,
    packaged_chart,
    packaged_contents,
    schema_in,
)
from tritonfleet.files import behind_link
from tritonfleet.nouns import Chart
from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import Values

CHART = "charts/triton"
"""Where a fleet's own chart is when nobody names another."""

MOST_CHARTS = 20  # of a fleet
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
            if len(known) == MOST_CHARTS:
                problems.append(_one_too_many(reference))
                break
            known[reference] = _usable_chart(root, reference, problems)
        chart = known[reference]
        if chart:
            charts[environment.file] = chart
    return charts


def _one_too_many(reference: _Reference) -> Problem:
    message = f"the fleet has more than {MOST_CHARTS} charts"
    return Problem(reference.position, "TF017", message)


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
    copy = str(chart["copy"]) if "copy" in chart else None
    return _Reference(
        source,
        directory=copy,
        oci=str(chart["oci"]),
        version=str(chart.get("version")),
        digest=str(chart.get("digest", "")),
    )


def charts_named(fleet: Source, environments: Iterable[Source]) -> set[str]:
    """The directories below the root in which charts are that environments name."""
    named = set()
    for environment in environments:
        directory = _reference(fleet, environment).directory
        if directory and _INSIDE.match(directory):
            named.add(directory)
    return named


def _usable_chart(
    root: Path, reference: _Reference, problems: list[Problem]
) -> Chart | None:
    """The chart that a reference means; None where it cannot be used, and why is added to `problems`."""
    try:
        return _chart(root, reference)
    except Invalid as invalid:
        problems += invalid.problems
    except (OSError, ValueError, RecursionError) as error:
        problems.append(_broken(reference, error))
    return None


def _broken(reference: _Reference, error: Exception) -> Problem:
    place = reference.source.position(("chart",))
    return Problem(place, "TF017", f"the chart cannot be used: {error}")


def _chart(root: Path, reference: _Reference) -> Chart:
    """The chart that a reference means.

    Raises Invalid at the reference's place when the chart is not there, is behind a link or has another version, and
    at a file's own when it cannot be read; OSError, ValueError or RecursionError when files are broken.
    """
    directory = _directory(root, reference)
    contents = _contents(root, reference)
    return Chart(
        version=_version(contents, reference),
        defaults=mapping_in(contents, "values.yaml", reference.name),
        schema=schema_in(contents),
        modes=modes_in(contents),
        directory=directory,
        content=digest_of(contents),
        path=reference.name if reference.oci is None else "",
        oci=reference.oci or "",
        digest=reference.digest,
        kubernetes=_kubernetes(contents, reference),
    )


def _kubernetes(contents: Contents, reference: _Reference) -> str:
    about = mapping_in(contents, "Chart.yaml", reference.name)
    return str(about.get("kubeVersion", ""))


def _contents(root: Path, reference: _Reference) -> Contents:
    if reference.directory is None:
        return packaged_contents(packaged_chart())
    return contents_of(root, reference.directory)


def _directory(root: Path, reference: _Reference) -> Path:
    """Where the chart is. Raises Invalid when there is none, or when a link leads to it."""
    path = reference.directory
    if path is None:
        return packaged_chart()
    directory = root / path
    is_chart = _INSIDE.match(path) and (directory / "Chart.yaml").is_file()
    if not is_chart:
        raise Invalid([_missing(reference)])
    if behind_link(root, path):
        raise Invalid([_linked(reference)])
    return directory


def _version(contents: Contents, reference: _Reference) -> str:
    """The chart's version. Raises Invalid when a registry's chart has another one here than in the registry."""
    about = mapping_in(contents, "Chart.yaml", reference.name)
    version = about.get("version")
    if not isinstance(version, str):
        raise ValueError("Chart.yaml has no version, or one that is no text")
    if reference.oci is not None and version != reference.version:
        raise Invalid([_of_another_version(reference)])
    return version


def _linked(reference: _Reference) -> Problem:
    message = f"{reference.name} is reached by a symbolic link"
    return Problem(reference.position, "TF014", message)


def _missing(reference: _Reference) -> Problem:
    """TF016, with the command that brings the chart."""
    message = f"there is no chart in {reference.name}"
    hint = "`tritonfleet init` copies one"
    if reference.oci is not None:
        pull = helm_pull(reference.oci, reference.version)
        hint = f"`{pull}` unpacks one"
    return Problem(reference.position, "TF016", message, hint=hint)


def _of_another_version(reference: _Reference) -> Problem:
    not_here = f"chart version {reference.version} is not here"
    message = f"{not_here} to check values with; {reference.name} is another version"
    hint = "commit the unpacked chart and name its directory in `chart.copy`"
    return Problem(reference.position, "TF016", message, hint=hint)


def helm_pull(oci: str, version: str) -> str:
    """The command that unpacks a registry's chart below charts/, in a directory of the chart's name."""
    chart = f"{quote(oci)} --version {quote(version)}"
    return f"helm pull {chart} --untar --untardir charts"
