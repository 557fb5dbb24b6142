"""A working fleet to start from: one environment, one profile, and one model that every cluster serves."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tritonfleet.charts import CHART, CHART_PARTS, packaged_chart
from tritonfleet.validate import editor_schemas

EXAMPLE = "https://git.example.com/team/models.git"
CHART_PAPERS = ("README.md", ".helmignore")
TEMPLATES = ("values/fleet.yaml", "values/environments/dev.yaml", "values/models/hello.yaml")


def remote(directory: Path, engine: str) -> str:
    """URL of the Git remote `origin` of a directory or of what is above it, as the engine takes it.

    An example where there is none, or only a directory of this machine.
    """
    start = next(
        (path for path in (directory, *directory.absolute().parents) if path.is_dir()), Path.cwd()
    )
    command = ["git", "-C", str(start), "remote", "get-url", "origin"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:  # no git
        return EXAMPLE
    if run.returncode or not run.stdout.strip():
        return EXAMPLE
    url = re.sub(
        r"\A(https?://)[^/@]*@", r"\1", run.stdout.strip()
    )  # a token in it would get into Git
    if engine == "flux":  # it takes no git@host:path
        url = re.sub(r"\A([\w.-]+@[\w.-]+):/?", r"ssh://\1/", url)
    return url if re.match(r"(https?|ssh)://|[\w.-]+@[\w.-]+:", url) else EXAMPLE


def registry_chart(reference: str) -> Mapping[str, str]:
    """`oci://registry/path/triton:VERSION@DIGEST` in parts. Raises ValueError for anything else."""
    match = re.match(r"(oci://[^@]+):([0-9][0-9A-Za-z.-]*)@(sha256:[0-9a-f]{64})\Z", reference)
    if match is None:
        raise ValueError(f"{reference} is not oci://REGISTRY/PATH:VERSION@sha256:DIGEST")
    return {"oci": match[1], "version": match[2], "digest": match[3]}


def files_of(
    directory: Path, engine: str, repository: str, chart: Mapping[str, str]
) -> Mapping[str, str]:
    """All files of the new fleet, path → text: the schemas, and this program's chart unless `chart` names another."""
    name = "".join(
        character if character.isalnum() else "-" for character in directory.absolute().name.lower()
    )
    words = {
        "name": name.strip("-0123456789")[:30].rstrip("-") or "models",
        "engine": engine,
        "repository": repository,
    }
    copied = {} if chart else dict(_chart())
    return {**dict(_templates({**words, "chart": chart})), **copied, **dict(_schemas())}


def _templates(words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- YAML, not HTML
    )
    environment.filters["quoted"] = json.dumps
    for path in TEMPLATES:
        text = (
            resources.files("tritonfleet").joinpath("templates", Path(path).name).read_text("utf-8")
        )
        yield path, environment.from_string(text).render(words)


def _chart() -> Iterator[tuple[str, str]]:
    chart = packaged_chart()
    parts = [
        path
        for part in (*CHART_PARTS, *CHART_PAPERS)
        for path in (chart / part, *(chart / part).rglob("*"))
    ]
    for path in filter(Path.is_file, parts):
        yield f"{CHART}/{path.relative_to(chart).as_posix()}", path.read_text("utf-8")


def _schemas() -> Iterator[tuple[str, str]]:
    chart = json.loads((packaged_chart() / "values.schema.json").read_text("utf-8"))
    for name, schema in editor_schemas(chart).items():
        yield f"schemas/{name}.schema.json", json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def create(directory: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Writes the files; when any of them exists, returns those and writes nothing."""
    taken = tuple(
        path
        for path in sorted(files)
        if (directory / path).exists() or (directory / path).is_symlink()
    )
    for path, text in () if taken else sorted(files.items()):
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
    return taken


def tree(files: Iterable[str]) -> Iterator[str]:
    """The files in lines for people: those of the chart, which nobody edits here, are one."""
    chart = [file for file in files if file.startswith(CHART)]
    if chart:
        yield f"{CHART}/ ({len(chart)} files)"
    yield from sorted(set(files) - set(chart))


def next_steps(directory: Path) -> tuple[str, ...]:
    """What to do with a new fleet."""
    return (
        "",
        "next:",
        f"  cd {directory}",
        "  tritonfleet validate",
        "  tritonfleet generate",
        "  commit and push",
        "  kubectl apply -f deploy/bootstrap/dev.yaml",
    )
