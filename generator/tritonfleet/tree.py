"""Installations to a tree of texts: what `deploy/` is to hold, and whose each file is. Nothing is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from tritonfleet.engines import ENGINES
from tritonfleet.nouns import Chart, Environment, Installation
from tritonfleet.output import MARK, Tree
from tritonfleet.parallel import in_parts
from tritonfleet.yaml import to_yaml, to_yaml_stream

Text: TypeAlias = tuple[str, str]
"""A file's path and its text."""

VALUES = "values.yaml"
CHARTS = "charts.yaml"
SOURCES = "_sources"
BOOTSTRAP = "bootstrap"
MANY = 2000  # releases whose texts are worth a second process


def render_tree(
    installations: Iterable[Installation],
    environments: Sequence[Environment],
    only: frozenset[str],
) -> Tree:
    """The files of `only` these environments (of all, when it is empty), and the shared list of charts."""
    files: dict[str, str] = {}
    # 1. The releases'.
    wanted = [each for each in installations if is_wanted(each.environment.name, only)]
    for texts in in_parts(_releases_texts, wanted, MANY):
        files.update(texts)
    # 2. The environments'.
    for environment in environments:
        if is_wanted(environment.name, only):
            files.update(_environment_texts(environment))
    # 3. The charts', in one file: they are of all environments, whichever were asked for.
    charts = _charts(environments)
    files[CHARTS] = to_yaml(charts, _comment("values/"))
    engines = {each.name: each.engine for each in environments}
    return Tree(files, only, engines)


def is_wanted(environment: str, only: frozenset[str]) -> bool:
    """Whether an environment is among those that were asked for; empty means all."""
    return not only or environment in only


def environment_of(path: str) -> str | None:
    """The environment that a file of a tree belongs to; None for a file that all of them share."""
    first, _, rest = path.partition("/")
    if not rest:
        return None
    if first == BOOTSTRAP:
        return rest.removesuffix(".yaml").removesuffix("-target")
    if first == SOURCES:
        return rest.partition("/")[0]
    return first


def is_place(path: str) -> bool:
    """Whether a file of a tree can be here: beside no release, and in no directory of one."""
    parts = path.split("/")
    if parts[0] == BOOTSTRAP:
        return len(parts) == 2
    return path == CHARTS or len(parts) == 3


def release_of(path: str) -> tuple[str, str] | None:
    """Environment and name of the release that a file of a tree belongs to; None for other files."""
    parts = path.split("/")
    if len(parts) != 3 or parts[0] in {BOOTSTRAP, SOURCES}:
        return None
    environment, release, _ = parts
    return environment, release


def _comment(source: str) -> str:
    return f"{MARK[2:]} from {source}; change that, then run `tritonfleet generate`."


def _releases_texts(installations: Iterable[Installation]) -> list[dict[str, str]]:
    return [dict(_release_texts(installation)) for installation in installations]


def _release_texts(installation: Installation) -> Iterator[Text]:
    environment = installation.environment
    directory = f"{environment.name}/{installation.name}"
    comment = _comment(installation.file)
    yield f"{directory}/{VALUES}", to_yaml(installation.values, comment)
    files = ENGINES[environment.engine].release(installation)
    yield from _texts(directory, files, comment)


def _environment_texts(environment: Environment) -> Iterator[Text]:
    """The files of an environment that are of no single release."""
    engine = ENGINES[environment.engine]
    comment = _comment(environment.source.file)
    # What the engine's own releases come from, and what an admin applies once.
    sources = engine.sources(environment)
    bootstrap = engine.bootstrap(environment)
    yield from _texts(f"{SOURCES}/{environment.name}", sources, comment)
    yield from _texts(BOOTSTRAP, bootstrap, comment)


def _texts(
    directory: str, files: Mapping[str, Iterable[object]], comment: str
) -> Iterator[Text]:
    """Files of one directory, whose documents are given by name."""
    for name, documents in files.items():
        text = to_yaml_stream(documents, comment)
        yield f"{directory}/{name}", text


def _charts(environments: Iterable[Environment]) -> Mapping[str, Mapping[str, str]]:
    """Version and content of each chart from Git: what tells a changed chart with an unchanged version."""
    charts: dict[str, dict[str, str]] = {}
    for environment in environments:
        chart = environment.chart
        if not chart.oci:  # a registry's digest already tells it
            charts[chart.path] = _fingerprint(chart)
    in_order = sorted(charts.items())
    return dict(in_order)


def _fingerprint(chart: Chart) -> dict[str, str]:
    return {"version": chart.version, "digest": f"sha256:{chart.content}"}
