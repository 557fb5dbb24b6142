"""Releases to rendered manifests, through the helm binary or Helm in process."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tritonfleet.model import Release
from tritonfleet.yaml import write as to_yaml

Render: TypeAlias = Callable[[Release], str]
TIMEOUT = 60  # seconds for one release


@dataclass(frozen=True, slots=True)
class Rendered:
    """A release with its manifests, or with what Helm said against it."""

    release: Release
    manifests: str
    failure: str = ""


class NoHelm(Exception):
    """There is neither a helm binary nor Helm in process."""


def render(releases: Iterable[Release], kubernetes: str = "") -> Iterator[Rendered]:
    """The manifests of each release; `kubernetes` is the version to render for (default: the environment's).

    Raises NoHelm where there is no Helm.
    """
    method = _binary(kubernetes) or _library()
    if method is None:
        raise NoHelm("no helm binary in PATH, and no Helm in process (the extra `render`): install one of them")
    with ThreadPoolExecutor(os.cpu_count()) as workers:  # both ways wait outside of Python
        yield from workers.map(lambda release: _rendered(method, release), releases)


def _rendered(method: Render, release: Release) -> Rendered:
    try:
        return Rendered(release, method(release))
    except HelmRefused as refused:
        return Rendered(release, "", str(refused))


class HelmRefused(Exception):
    """Helm's own words about a release that it does not render."""


def _binary(kubernetes: str) -> Render | None:
    program = shutil.which("helm")
    return (lambda release: _fork(program, release, kubernetes)) if program else None


def _fork(program: str, release: Release, kubernetes: str) -> str:
    version = kubernetes or release.environment.kubernetes
    command = [program, "template", release.name, str(release.environment.chart.directory), "--values", "-"]
    command += ["--namespace", release.environment.namespace, *(["--kube-version", version] if version else [])]
    values = to_yaml(release.values)
    run = subprocess.run(command, input=values, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if run.returncode:
        raise HelmRefused(run.stderr.strip().removeprefix("Error: "))
    return run.stdout


def _library() -> Render | None:
    try:
        import helm_python
    except ImportError:
        return None

    @lru_cache(maxsize=100)
    def chart(directory: Path) -> Any:
        return helm_python.Chart.load_archive(_archive(directory))

    def render_in_process(release: Release) -> str:
        environment = release.environment
        try:
            found = chart(environment.chart.directory).render(
                release.values, name=release.name, namespace=environment.namespace
            )
        except helm_python.HelmError as error:
            raise HelmRefused(str(error)) from None
        return "".join(_manifest(path, text) for path, text in sorted(found.items()))

    return render_in_process


def _archive(directory: Path) -> bytes:
    """The chart without what takes time and makes no manifest: values are valid here, and nobody reads the notes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and path.name not in {"values.schema.json", "NOTES.txt"}:
                archive.add(path, f"chart/{path.relative_to(directory).as_posix()}")
    return content.getvalue()


def _manifest(path: str, text: str) -> str:
    name = Path(path).name
    if not text.strip() or name.startswith("_"):
        return ""
    return f"---\n# Source: {path}\n{text.strip()}\n"


@dataclass(frozen=True, slots=True)
class Checked:
    """What strict schemas of Kubernetes say about manifests; `unknown` counts kinds without a schema."""

    problems: tuple[str, ...]
    unknown: Mapping[str, int]


def check(manifests: str, kubernetes: str) -> Checked:
    """Validates manifests offline for a version like 1.36 (default: the newest known). Raises NoHelm without it."""
    try:
        import kubernetes_validate as schemas
    except ImportError:
        raise NoHelm("the extra `validate` (schemas of Kubernetes) is not installed") from None
    version = ".".join(kubernetes.split(".")[:2]) or schemas.latest_version()
    found: list[str] = []
    unknown: Counter[str] = Counter()
    for document in filter(None, yaml.load_all(manifests, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))):
        try:
            schemas.validate(document, version, strict=True)
        except schemas.SchemaNotFoundError:
            unknown[str(document.get("kind"))] += 1
        except schemas.ValidationError as error:
            found.append(f"{document.get('kind')}: {'.'.join(map(str, error.path))}: {error.message}")
    return Checked(tuple(found), unknown)
