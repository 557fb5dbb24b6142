"""A working fleet to start from: one environment, one profile, and one model that every cluster serves."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tritonfleet.chart_files import (
    CHART_PARTS,
    chart_files,
    packaged_chart,
    values_schema,
)
from tritonfleet.charts import CHART, helm_pull
from tritonfleet.validate import editor_schemas
from tritonfleet.validate.engine import matches

if TYPE_CHECKING:
    from jinja2 import Environment

EXAMPLE = "https://git.example.com/team/models.git"
CHART_PAPERS = ("README.md", ".helmignore")
# Where they are read, and the template's name; what somebody has there already stays.
SETTINGS_OF_OTHERS = {
    ".gitattributes": "gitattributes",
    "renovate.json": "renovate.json",
}
TEMPLATES = (
    "values/fleet.yaml",
    "values/environments/dev.yaml",
    "values/models/hello.yaml",
)

_REGISTRY_CHART = re.compile(
    r"(?P<oci>oci://[^@]+):(?P<version>[0-9][0-9A-Za-z.-]*)@(?P<digest>sha256:[0-9a-f]{64})\Z"
)
_CREDENTIALS = re.compile(r"\A(https?://)[^/@]*@")  # they would get into Git
_SCP_REMOTE = re.compile(r"\A([\w.-]+@[\w.-]+):/?")  # git@host:path


def remote(directory: Path, engine: str) -> str:
    """URL of the Git remote `origin` of a directory or of what is above it, as the engine takes it.

    An example where there is none, or only a directory of this machine.
    """
    origin = _origin(_nearest_directory(directory))
    without_credentials = _CREDENTIALS.sub(r"\1", origin)
    url = as_engine_takes(without_credentials, engine)
    return url if can_be_reached(url) else EXAMPLE


def as_engine_takes(url: str, engine: str) -> str:
    """The address as a URL where the engine takes no other: Flux does not take Git's short form, git@host:path."""
    if engine != "flux":
        return url
    return _SCP_REMOTE.sub(r"ssh://\1/", url)


def can_be_reached(url: str) -> bool:
    """Whether an engine in a cluster may reach it, as the schema says; a directory of this machine it does not."""
    schemas = editor_schemas(values_schema(packaged_chart()))
    of_fleet = schemas["fleet"]["properties"]
    repository = of_fleet["gitops"]["properties"]["repository"]
    is_short = len(url) <= repository["maxLength"]
    return is_short and matches(repository["pattern"], url)


def _nearest_directory(path: Path) -> Path:
    """The path, or the first above it that is there: a new fleet's directory may not be yet."""
    for candidate in (path, *path.absolute().parents):
        if candidate.is_dir():
            return candidate
    return Path.cwd()


def _origin(directory: Path) -> str:
    """What Git calls the remote `origin`; "" when there is none, no repository or no Git."""
    command = ["git", "-C", str(directory), "remote", "get-url", "origin"]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=False
        )
    except OSError:
        return ""
    if run.returncode != 0:
        return ""
    return run.stdout.strip()


def registry_chart(reference: str) -> Mapping[str, str]:
    """`oci://registry/path/triton:VERSION@DIGEST` as its three parts. Raises ValueError for other text."""
    match = _REGISTRY_CHART.match(reference)
    if match is None:
        raise ValueError(
            f"{reference} is not oci://REGISTRY/PATH:VERSION@sha256:DIGEST"
        )
    return match.groupdict()


def files_of(
    directory: Path, engine: str, repository: str, chart: Mapping[str, str]
) -> Mapping[str, str]:
    """All files of the new fleet, path → text: the schemas, and this program's chart unless `chart` names another."""
    words = {
        "name": _fleet_name(directory),
        "engine": engine,
        "repository": repository,
        "chart": chart,
        "copy": copy_of(chart),
    }
    files = dict(_templates(words))
    if not chart:
        files.update(_chart())
    files.update(_schemas())
    files.update(_settings_of_others(directory))
    return files


def copy_of(chart: Mapping[str, str]) -> str:
    """Where an unpacked copy of a registry's chart belongs; "" where this program carries the same version."""
    if not chart:
        return ""
    about = (packaged_chart() / "Chart.yaml").read_text(encoding="utf-8")
    if f"\nversion: {chart['version']}\n" in about:
        return ""
    # helm unpacks a chart into a directory of its name, which is also the registry's last word for it.
    return f"charts/{chart['oci'].rpartition('/')[2]}"


def _settings_of_others(directory: Path) -> Iterator[tuple[str, str]]:
    """Files in which Git and Renovate find what they need to know of a fleet, path → text."""
    for path, name in SETTINGS_OF_OTHERS.items():
        is_there = os.path.lexists(directory / path)
        if not is_there:
            yield path, _template(name)


def _template(name: str) -> str:
    """The text of one of the package's templates."""
    templates = resources.files("tritonfleet").joinpath("templates")
    return templates.joinpath(name).read_text(encoding="utf-8")


def _fleet_name(directory: Path) -> str:
    """The directory's name as far as it can be a fleet's: letters, digits and -, none but letters at its begin."""
    name = directory.absolute().name.lower()
    name = re.sub(r"[^a-z0-9]+", "-", name).strip("-0123456789")
    name = name[:30].rstrip("-")
    return name or "models"


def _templates(words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files that people will edit, path → text."""
    environment = _environment()
    for path in TEMPLATES:
        template = environment.from_string(_template(Path(path).name))
        yield path, template.render(words)


def _environment() -> Environment:
    """Jinja for files that people read: a name that nobody gave is an error."""
    # Imported here because it takes 40 ms, and `tritonfleet --help` imports every command.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- YAML, not HTML
    )
    environment.filters["quoted"] = json.dumps  # JSON's text is YAML's too
    return environment


def _chart() -> Iterator[tuple[str, str]]:
    """A copy of this program's chart, path → text."""
    chart = packaged_chart()
    for path in chart_files(chart, (*CHART_PARTS, *CHART_PAPERS)):
        inside = path.relative_to(chart).as_posix()
        text = path.read_text(encoding="utf-8")
        yield f"{CHART}/{inside}", text


def _schemas() -> Iterator[tuple[str, str]]:
    """The schemas with which editors check what people write, path → text."""
    schemas = editor_schemas(values_schema(packaged_chart()))
    for name, schema in schemas.items():
        text = json.dumps(schema, indent=1, ensure_ascii=False)
        yield f"schemas/{name}.schema.json", text + "\n"


def listed(files: Collection[str]) -> Iterator[str]:
    """The paths of the files in lines for people: those of the chart, which nobody edits here, are one."""
    others = [file for file in files if not file.startswith(CHART)]
    of_chart = len(files) - len(others)
    if of_chart:
        yield f"{CHART}/ ({of_chart} files)"
    yield from sorted(others)


def next_steps(directory: Path, chart: Mapping[str, str]) -> tuple[str, ...]:
    """What to do with a new fleet, in lines for people; `chart` is what fleet.yaml says of a registry's."""
    steps = [f"cd {directory}"]
    if copy_of(chart):
        steps.append(helm_pull(chart["oci"], chart["version"]))
    steps += [
        "tritonfleet validate",
        "tritonfleet generate",
        "commit and push",
        "kubectl apply -f deploy/bootstrap/dev.yaml",
    ]
    return ("", "next:", *(f"  {step}" for step in steps))
