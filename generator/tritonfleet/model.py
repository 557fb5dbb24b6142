"""The nouns of the program: where something was written, what is wrong with it, and what is deployed where.

Values stay plain mappings: the chart's schema types them, and no class here mirrors it.
Paths inside values are tuples of keys and indexes, `("models", 3, "image", "tag")`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]
KeyPath: TypeAlias = tuple[str | int, ...]

# Where each node of a document begins, parallel to its data: a scalar's place, or a container's place with its
# children's. A place is one integer, line and column packed, because a fleet has hundreds of thousands of them.
Marks: TypeAlias = "int | tuple[int, dict[str, tuple[int, Marks]]] | tuple[int, list[Marks]]"

ERROR = "error"
WARNING = "warning"


def pack(line: int, column: int) -> int:
    """One integer for a place; both numbers count from 1."""
    return line << 24 | column


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file that people edit; the file's path is relative to the fleet's root."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, a stable code, what, what was expected instead, and a hint."""

    position: Position
    code: str
    message: str
    expected: str = ""
    hint: str = ""
    severity: str = ERROR
    subject: str = ""
    """The model entry that it is about, so that `ignore` can name it."""
    environment: str = ""

    @property
    def text(self) -> str:
        """All words of the problem in one line."""
        expected = f"; expected: {self.expected}" if self.expected else ""
        hint = f" ({self.hint})" if self.hint else ""
        return self.message + expected + hint


class Invalid(Exception):
    """The input is not usable. Carries every problem that was found, sorted, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(f"{len(self.problems)} problems")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was read: its text, its data, and where each part of the data was written."""

    file: str
    text: str
    data: Any
    marks: Marks

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` begins (its key with `key=True`); where the path ends early, its last part."""
        place, marks = self._place(self.marks), self.marks
        for step in path:
            child = _child(marks, step)
            if child is None:
                break
            key_place, marks = child
            place = key_place if key and key_place else self._place(marks)
        return Position(self.file, place >> 24, place & 0xFFFFFF)

    def written(self, path: KeyPath) -> str:
        """The line of text from where the value at `path` begins."""
        position = self.position(path)
        lines = self.text.split("\n", position.line)
        return lines[position.line - 1][position.column - 1 :] if len(lines) >= position.line else ""

    @staticmethod
    def _place(marks: Marks) -> int:
        return marks if isinstance(marks, int) else marks[0]


def _child(marks: Marks, step: str | int) -> tuple[int, Marks] | None:
    if isinstance(marks, int):
        return None
    children = marks[1]
    if isinstance(children, dict):
        return children.get(step) if isinstance(step, str) else None
    return (0, children[step]) if isinstance(step, int) and step < len(children) else None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Values that one place of one file contributes to a release: `name` says which, `path` where in the file."""

    name: str
    source: Source
    path: KeyPath
    values: Values

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where this layer says the value at `path`, a path inside the values."""
        return self.source.position(self.path + path, key=key)


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart as an environment installs it: from Git (`path`) or from a registry (`oci`, with `digest`)."""

    version: str
    defaults: Values
    schema: Mapping[str, Any]
    flags: tuple[Mapping[str, Any], ...]
    directory: Path
    content: str
    """SHA-256 over the chart's files: what `deploy/charts.yaml` remembers of a chart from Git."""
    path: str = ""
    oci: str = ""
    digest: str = ""
    known: dict[int, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    def completed(self, key: str, said: Any) -> Any:
        """The default of a root key with `said` over it; made once for each mapping that releases share."""
        if type(said) is not dict:
            return said
        known = self.known.get(id(said))
        if known is None:
            default = self.defaults.get(key)
            known = said, overlay(default, said) if type(default) is dict else said
            self.known[id(said)] = known  # `said` is kept, so that its identity is not reused
        return known[1]


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Where releases go and who rolls them out."""

    name: str
    source: Source
    fleet: str
    namespace: str
    cluster: str
    server: str
    destination_name: str
    engine: str
    gitops: Values
    chart: Chart
    kubernetes: str
    pod_security: str
    capacity: Mapping[str, int]
    extra_kinds: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One item of a model list. `values` are the chart's values alone, the generator's keys are fields."""

    name: str
    layer: Layer
    profile: str | None
    environments: tuple[str, ...] | None
    suspend: bool


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A model entry in one environment: its layers, lowest first, and the values that they add up to."""

    name: str
    environment: Environment
    entry: Entry
    layers: tuple[Layer, ...]
    values: Values
    suspended: bool

    def complete(self) -> Values:
        """The chart's defaults with the release's values over them, as Helm will see them."""
        chart = self.environment.chart
        values = dict(chart.defaults)
        for key, said in self.values.items():
            if said is None:
                values.pop(key, None)
            else:
                values[key] = chart.completed(key, said)
        return values

    def value(self, key: str) -> Any:
        """One root key of the complete values."""
        chart = self.environment.chart
        return chart.completed(key, self.values[key]) if key in self.values else chart.defaults[key]

    def setter(self, path: KeyPath) -> Layer | None:
        """The layer whose word on `path` counts: the last that says anything about it."""
        return next((layer for layer in reversed(self.layers) if says(layer.values, path)), None)

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` was set; if nobody set it, the nearest mapping around it, else the entry's name."""
        for length in range(len(path), 0, -1):
            layer = self.setter(path[:length])
            if layer is not None:
                return layer.position(path[:length], key=key or length < len(path))
        return self.entry.layer.position(("name",))


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Everything that was read below one root."""

    root: Path
    fleet: Source
    lists: tuple[Source, ...]
    environments: tuple[Source, ...]
    charts: Mapping[tuple[str, ...], Chart]
    committed_charts: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Every entry in every environment that it goes to, and what went wrong on the way."""

    sources: Sources
    environments: tuple[Environment, ...]
    entries: tuple[Entry, ...]
    releases: tuple[Candidate, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """A fleet without errors; warnings are left to tell."""

    name: str
    sources: Sources
    environments: tuple[Environment, ...]
    entries: tuple[Entry, ...]
    releases: tuple[Candidate, ...]
    warnings: tuple[Problem, ...] = ()

    def within(self, names: Collection[str]) -> Fleet:
        """The same with these environments and their releases only."""
        environments = tuple(each for each in self.environments if each.name in names)
        releases = tuple(each for each in self.releases if each.environment.name in names)
        return replace(self, environments=environments, releases=releases)


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """What is installed: a name, a place, its values, and where they come from."""

    name: str
    environment: Environment
    values: Values
    suspended: bool
    file: str
    timing: Timing
    autoscaled: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that engines need and the chart derives as well."""

    startup: int
    pull: int
    drain: int
    grace: int
    deadline: int
    timeout: int
    pods: int


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Files to write: path below the output directory → text. Files of other environments than `only` stay."""

    files: Mapping[str, str]
    only: frozenset[str] = frozenset()
    """Environments that were asked for; empty means all, those that are gone from the fleet included."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What writing a tree did, or would do: paths below the output directory."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    interrupted: bool = False
    """The run before this one did not come to its end."""
    emptied: tuple[str, ...] = ()
    """Environments whose last release is removed."""
    warnings: tuple[Problem, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the directory differs from the tree."""
        return bool(self.created or self.changed or self.removed or self.interrupted)


def overlay(base: Values, over: Values) -> Values:
    """`over` merged over `base`: mappings merge, everything else replaces, null removes. Shares what is unchanged."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif type(value) is dict and type(old := merged.get(key)) is dict:
            merged[key] = overlay(old, value)
        else:
            merged[key] = value
    return merged


def lookup(values: Any, path: KeyPath) -> Any:
    """The value at `path`, or None where there is none."""
    for step in path:
        if type(values) is dict:  # noqa: SIM108 -- as nearly always, and without a call
            values = values.get(step)
        else:
            values = values[step] if has(values, step) else None
    return values


def has(values: Any, step: str | int) -> bool:
    """Whether a mapping has this key, or a list this index."""
    return step in values if isinstance(values, dict) else isinstance(values, list) and step in range(len(values))


def says(values: Any, path: KeyPath) -> bool:
    """Whether a layer decides the value at `path`: it has it, or replaces something around it by what is no mapping."""
    for step in path:
        if not isinstance(values, dict | list):
            return True
        if not has(values, step):
            return False
        values = lookup(values, (step,))
    return True
