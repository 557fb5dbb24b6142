"""Files to Sources: the only reader of input. Nothing is interpreted here but where to read on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tritonfleet.nouns import Chart, Sources
from tritonfleet.parallel import in_halves
from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import KeyPath, lookup
from tritonfleet.yaml import read

FLEET = "values/fleet.yaml"
MODELS = "values/models"
ENVIRONMENTS = "values/environments"
COMMITTED_CHARTS = "deploy/charts.yaml"
CHART = "charts/triton"
_INSIDE = re.compile(
    r"[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,99}(/[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,99}){0,9}\Z"
)
CHART_PARTS = (
    "Chart.yaml",
    "values.yaml",
    "values.schema.json",
    "templates",
    "files",
    "charts",
    "crds",
)


def load(root: Path) -> Sources:
    """Reads every file below `root/values` and the charts they name.

    A file that cannot be read becomes problems in the result. Raises Invalid only when there is no fleet at all.
    """
    found: list[Problem] = []
    fleet = _source(root, FLEET, found)
    if fleet is None:
        raise Invalid(found)
    lists = _sources(root, MODELS, found)
    if not lists and not found:
        found.append(
            _problem(
                MODELS,
                "TF020",
                "no model lists",
                f"a file {MODELS}/<team>.yaml with `models:` in it",
            )
        )
    environments = _sources(root, ENVIRONMENTS, found, deep=False)
    if not environments and not found:
        found.append(
            _problem(ENVIRONMENTS, "TF020", "no environments", f"a file {ENVIRONMENTS}/<name>.yaml")
        )
    charts = _charts(root, fleet, environments, found)
    committed = _committed(root, found)
    return Sources(root, fleet, lists, environments, charts, committed, tuple(found))


def _problem(file: str, code: str, message: str, expected: str = "", hint: str = "") -> Problem:
    return Problem(Position(file), code, message, expected, hint)


def _sources(
    root: Path, directory: str, found: list[Problem], *, deep: bool = True
) -> tuple[Source, ...]:
    files = tuple(_files(root, directory, found, deep=deep))
    sources: list[Source] = []
    for source, problems in in_halves(
        lambda part: [_read(root, file) for file in part], files, many=40
    ):
        found += problems
        sources += [source] if source else []
    return tuple(sources)


def _read(root: Path, file: str) -> tuple[Source | None, list[Problem]]:
    problems: list[Problem] = []
    return _source(root, file, problems), problems


def _files(root: Path, directory: str, found: list[Problem], *, deep: bool) -> Iterator[str]:
    """Files to read below a directory, sorted; what would be left unread in silence is a problem."""
    for path in sorted((root / directory).rglob("*")):
        file = path.relative_to(root).as_posix()
        if path.suffix == ".yaml" and not deep and path.parent != root / directory:
            found.append(
                _problem(
                    file,
                    "TF014",
                    "a file in a subdirectory is not read",
                    f"{directory}/{path.name}",
                )
            )
        elif path.is_symlink():
            found.append(
                _problem(file, "TF014", "a symbolic link", "a file; links are not followed")
            )
        elif path.suffix in {".yml", ".json"}:
            found.append(
                _problem(
                    file, "TF014", f"a {path.suffix} file is not read", "a file that ends in .yaml"
                )
            )
        elif path.suffix == ".yaml" and path.is_file():
            yield file


def _source(root: Path, file: str, found: list[Problem]) -> Source | None:
    content = _content(root, file, found)
    if content is None:
        return None
    try:
        source = read(file, content)
    except Invalid as invalid:
        found.extend(invalid.problems)
        return None
    if not isinstance(source.data, dict):
        found.append(
            Problem(
                source.position(), "TF015", "the file is empty or no mapping", "keys and values"
            )
        )
        return None
    return source


def _content(root: Path, file: str, found: list[Problem]) -> bytes | None:
    parts = [
        root.joinpath(*Path(file).parts[:length]) for length in range(1, len(Path(file).parts) + 1)
    ]
    if any(part.is_symlink() for part in parts):
        found.append(_problem(file, "TF014", "a symbolic link", "a file; links are not followed"))
        return None
    try:
        return (root / file).read_bytes()
    except OSError as error:
        found.append(
            _problem(file, "TF014", f"cannot be read: {(error.strerror or str(error)).lower()}")
        )
        return None


def chart_reference(fleet: Source, environment: Source) -> tuple[Source, Mapping[str, Any]]:
    """What an environment says about its chart, else what the fleet says, and where; {} when nobody says anything."""
    for source in (environment, fleet):
        if isinstance(reference := source.data.get("chart"), dict):
            return source, reference
    return fleet, {}


def chart_key(reference: Mapping[str, Any]) -> tuple[str, ...]:
    """Two references with the same key mean the same chart."""
    if "oci" in reference:
        return tuple(str(reference.get(part, "")) for part in ("oci", "version", "digest", "copy"))
    return (str(reference.get("path", CHART)),)


def _charts(
    root: Path, fleet: Source, environments: tuple[Source, ...], found: list[Problem]
) -> dict[tuple[str, ...], Chart]:
    references = {
        chart_key(said): (where, said)
        for where, said in (chart_reference(fleet, e) for e in environments)
    }
    charts = {}
    for key, (source, reference) in references.items():
        try:
            charts[key] = _chart(root, source, reference)
        except Invalid as invalid:
            found.extend(invalid.problems)
        except (OSError, ValueError, KeyError) as error:
            found.append(
                Problem(source.position(("chart",)), "TF017", f"the chart cannot be used: {error}")
            )
    return charts


def _chart(root: Path, source: Source, reference: Mapping[str, Any]) -> Chart:
    """The chart that a reference means. Raises Invalid at the reference's place when it is not there or unusable."""
    directory, file, where = _chart_directory(root, reference)
    place = source.position(("chart", *where))
    if directory is None or not (directory / "Chart.yaml").is_file():
        raise Invalid([_missing_chart(place, reference, file)])
    if _leaves(root, file):
        raise Invalid([Problem(place, "TF014", f"{file} is reached by a symbolic link")])
    about = read(f"{file}/Chart.yaml", (directory / "Chart.yaml").read_bytes()).data
    version = str(lookup(about, ("version",)))
    if "oci" in reference and version != reference.get("version"):
        raise Invalid([_missing_chart(place, reference, file)])
    return Chart(
        version=version,
        defaults=read(f"{file}/values.yaml", (directory / "values.yaml").read_bytes()).data,
        schema=json.loads((directory / "values.schema.json").read_text("utf-8")),
        flags=_flags(directory),
        directory=directory,
        content=_digest(directory),
        path="" if "oci" in reference else file,
        oci=str(reference.get("oci", "")),
        digest=str(reference.get("digest", "")),
    )


def _chart_directory(root: Path, reference: Mapping[str, Any]) -> tuple[Path | None, str, KeyPath]:
    """Directory of a chart, its name in messages, and the key of the reference that says so."""
    if "oci" in reference and "copy" not in reference:
        return packaged_chart(), "the chart of this program", ("version",)
    key = "copy" if "oci" in reference else "path"
    file = str(reference.get(key, CHART))
    return (root / file if _INSIDE.match(file) else None), file, (key,)


def _leaves(root: Path, file: str) -> bool:
    path = root
    for part in Path(file).parts if (root / file).exists() else ():
        path = path / part
        if path.is_symlink():
            return True
    return False


def _missing_chart(position: Position, reference: Mapping[str, Any], file: str) -> Problem:
    if "oci" not in reference:
        return Problem(
            position, "TF016", f"there is no chart in {file}", hint="`tritonfleet init` copies one"
        )
    message = f"chart version {reference.get('version')} is not here to check values with; {file} is another version"
    return Problem(
        position,
        "TF016",
        message,
        hint="commit the unpacked chart and name its directory in `chart.copy`",
    )


def _flags(directory: Path) -> tuple[Mapping[str, Any], ...]:
    path = directory / "files" / "flags.json"
    if not path.is_file():
        return ()
    table = json.loads(path.read_text("utf-8"))
    return tuple(
        {"flag": name, "since": table["oldest"], **row} for name, row in table["flags"].items()
    )


def _digest(directory: Path) -> str:
    """Of what releases are made from; a README or a test's values file changes no release."""
    total = hashlib.sha256()
    parts = [
        path for part in CHART_PARTS for path in (directory / part, *(directory / part).rglob("*"))
    ]
    for path in sorted(path for path in parts if path.is_file()):
        total.update(path.relative_to(directory).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def packaged_chart() -> Path:
    """The chart that this program carries."""
    inside = Path(__file__).parent / "chart"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "charts" / "triton"


def _committed(root: Path, found: list[Problem]) -> Mapping[str, Any]:
    if not (root / COMMITTED_CHARTS).is_file():
        return {}
    source = _source(root, COMMITTED_CHARTS, found)
    return source.data if source else {}
