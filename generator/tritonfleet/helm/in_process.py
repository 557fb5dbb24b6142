"""Helm in this process, through the package helm_python."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tritonfleet.chart_files import CHART_PARTS, chart_files
from tritonfleet.helm.task import Result, Task

if TYPE_CHECKING:
    import helm_python


def in_process(task: Task) -> Result:
    """Helm's answer. The package must be installed."""
    import helm_python

    try:
        texts = _texts(task)
    except helm_python.HelmError as error:
        return Result("", failure=str(error))
    manifests = [_manifest(path, text) for path, text in sorted(texts.items())]
    return Result("".join(manifests))


def _texts(task: Task) -> Mapping[str, str]:
    """What each template makes, by its path. Raises HelmError."""
    chart = _chart(task.chart)
    values = dict(task.values)
    if not task.kubernetes:
        return chart.render(values, name=task.name, namespace=task.namespace)
    return _for_kubernetes(task, chart)


def _for_kubernetes(task: Task, chart: helm_python.Chart) -> Mapping[str, str]:
    """As the package's own `render` does it, which takes no version of Kubernetes: a test holds the way in."""
    from helm_python import _native

    options = {
        "name": task.name,
        "namespace": task.namespace,
        "kube_version": f"v{task.kubernetes}",
    }
    values = json.dumps(dict(task.values))
    answer = _native.call_string(
        "helm_render",
        chart._raw(),
        values,
        json.dumps(options),
    )
    texts: Mapping[str, str] = json.loads(answer)
    return texts


# Every release of an environment has the same chart; to load it takes 25 ms, twice as long as to render a release.
@lru_cache(maxsize=100)
def _chart(directory: str) -> helm_python.Chart:
    import helm_python

    return helm_python.Chart.load_archive(_archive(Path(directory)))


_NOT_RENDERED = {"values.schema.json", "NOTES.txt"}


def _archive(directory: Path) -> bytes:
    """The chart without what takes time and makes no manifest: values are valid here, and nobody reads the notes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path in chart_files(directory, CHART_PARTS):
            if path.name not in _NOT_RENDERED:
                # Helm takes an archive with everything in one directory, of any name.
                inside = Path("chart", path.relative_to(directory))
                archive.add(path, inside)
    return content.getvalue()


def _manifest(path: str, text: str) -> str:
    """A template's text as `helm template` prints it; "" for a template that made nothing."""
    is_helper = Path(path).name.startswith("_")
    manifest = text.strip()
    if is_helper or not manifest:
        return ""
    return f"---\n# Source: {path}\n{manifest}\n"
