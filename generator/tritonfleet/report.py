"""Outcomes as text: for people, for programs (json, with a version) and for annotations on GitHub."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from tritonfleet.nouns import Changes, Fleet, Release
from tritonfleet.plan import sums
from tritonfleet.problem import ERROR, WARNING, Problem
from tritonfleet.rules import Rule
from tritonfleet.source import Layer
from tritonfleet.values import KeyPath, Values, dotted, lookup, says
from tritonfleet.yaml.write import scalar

JSON_VERSION = 1
LONGEST_DIFF = 400  # lines


def problems(found: Iterable[Problem], form: str, root: Path) -> str:
    """All problems in one of FORMS; files are named as seen from the current directory. "" when there are none."""
    return FORMS[form](list(found), root)


def shown(file: str, root: Path) -> str:
    """A file of the fleet as seen from the current directory."""
    return Path(os.path.relpath(root / file)).as_posix()


def _text(found: list[Problem], root: Path) -> str:
    return "".join(f"{_where(problem, root)}: {_coded(problem)}\n" for problem in found)


def _where(problem: Problem, root: Path) -> str:
    position = problem.position
    return f"{shown(position.file, root)}:{position.line}:{position.column}"


def _coded(problem: Problem) -> str:
    severity = "warning: " if problem.severity == WARNING else ""
    return f"{problem.code} {severity}{problem.text}"


def _json(found: list[Problem], root: Path) -> str:
    items = [
        {
            "file": shown(problem.position.file, root),
            "line": problem.position.line,
            "column": problem.position.column,
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "expected": problem.expected,
            "hint": problem.hint,
            "model": problem.subject,
        }
        for problem in found
    ]
    return to_json({"problems": items})


def to_json(data: Mapping[str, Any]) -> str:
    """A JSON document that says its version."""
    return json.dumps({"version": JSON_VERSION, **data}, indent=2, ensure_ascii=False) + "\n"


def _github(found: list[Problem], root: Path) -> str:
    return "".join(_annotation(problem, root) for problem in found)


def _annotation(problem: Problem, root: Path) -> str:
    position = problem.position
    places = {
        "file": shown(position.file, root),
        "line": position.line,
        "col": position.column,
        "title": problem.code,
    }
    named = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in places.items())
    return f"::{problem.severity} {named}::{_escaped(problem.text)}\n"


def _escaped(text: str, more: str = "") -> str:
    """Text that cannot end an annotation or begin another one."""
    return "".join(
        f"%{ord(character):02X}" if character in "%\r\n" + more else character for character in text
    )


FORMS: Mapping[str, Callable[[list[Problem], Path], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}


def rules_page(rules: Iterable[Rule]) -> str:
    """The list of rules for people, as Markdown."""
    rows = [
        f"| {rule.code} | {rule.severity} | {rule.sentence} |"
        for rule in sorted(rules, key=lambda each: each.code)
    ]
    return "\n".join(("| code | | what it protects |", "|---|---|---|", *rows)) + "\n"


def counted(found: Iterable[Problem]) -> str:
    """How many errors and warnings."""
    counts = Counter(problem.severity for problem in found)
    return ", ".join(_number(counts[each], each) for each in (ERROR, WARNING) if counts[each])


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def summary(fleet: Fleet) -> str:
    """One line about a fleet without errors."""
    parts = (
        _number(len(fleet.entries), "model"),
        _number(len(fleet.environments), "environment"),
        _number(len(fleet.releases), "release"),
    )
    return f"{fleet.name}: {', '.join(parts)}: no errors"


def changes(made: Changes, directory: Path, *, check: bool) -> str:
    """One line about what was written, or would be."""
    out = os.path.relpath(directory)
    if not made.any:
        return f"{out}: {_number(made.unchanged, 'file')}, nothing to change"
    words = {"created": made.created, "changed": made.changed, "removed": made.removed}
    counts = ", ".join(f"{len(paths)} {word}" for word, paths in words.items() if paths)
    tail = "; the run before was interrupted" if made.interrupted else ""
    verb = "would be " if check and counts else ""
    return f"{out}: {verb}{counts or 'incomplete'}, {made.unchanged} unchanged{tail}"


def capped(lines: Iterable[str]) -> Iterator[str]:
    """A diff of a length that people read."""
    lines = iter(lines)
    yield from islice(lines, LONGEST_DIFF)
    if (more := sum(1 for _ in lines)) > 0:
        yield f"… {more} more lines"


def explanation(release: Release, path: KeyPath, root: Path) -> str:
    """Each value below `path`: what it is, the file, line and layer that set it, and what it overrode."""
    complete = release.complete()
    lines = [
        line
        for leaf in _leaves(lookup(complete, path), path)
        for line in _value(release, leaf, root)
    ]
    if not path:
        lines += ["", *sums(complete)]
    return "\n".join(lines) + "\n"


def known(release: Release, path: KeyPath) -> bool:
    """Whether the release has a value at `path`."""
    return not path or says(release.complete(), path)


def _leaves(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path


def _value(release: Release, path: KeyPath, root: Path) -> Iterator[str]:
    layers = [layer for layer in release.layers if says(layer.values, path)]
    value = lookup(release.complete(), path)
    setter = layers[-1] if layers else None
    yield f"{dotted(path)}: {_short(value)}  # {_set_by(setter, path, root)}"
    for layer in reversed(layers[:-1]):
        yield f"    over {_short(lookup(layer.values, path))}  # {_set_by(layer, path, root)}"
    default = lookup(release.environment.chart.defaults, path)
    if setter is not None and default not in (None, {}, []):
        yield f"    over {_short(default)}  # chart default"


def _set_by(layer: Layer | None, path: KeyPath, root: Path) -> str:
    if layer is None:
        return "chart default"
    position = layer.position(path)
    return f"{shown(position.file, root)}:{position.line}:{position.column}, {layer.name}"


def _short(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return json.dumps(value, ensure_ascii=False)
    return scalar(value)


def releases(fleet: Fleet, form: str) -> str:
    """All releases, by environment."""
    if form == "json":
        return to_json({"releases": [_row(release) for release in fleet.releases]})
    lines = []
    for environment in fleet.environments:
        mine = [release for release in fleet.releases if release.environment is environment]
        lines.append(
            f"{environment.name} ({environment.engine}, namespace {environment.namespace}): {len(mine)}"
        )
        width = max((len(release.name) for release in mine), default=0)
        lines += [f"  {release.name:{width}}  {_words(release)}" for release in mine]
    return "\n".join(lines) + "\n"


CUSTOM_METRICS = "custom metrics API"
REQUIREMENTS: Mapping[str, tuple[str, Callable[[Values], bool]]] = {
    "serviceMonitor": (
        "Prometheus operator",
        lambda values: bool(values["serviceMonitor"]["enabled"]),
    ),
    "podMonitor": ("Prometheus operator", lambda values: bool(values["podMonitor"]["enabled"])),
    "prometheusRule": (
        "Prometheus operator",
        lambda values: bool(values["prometheusRule"]["enabled"]),
    ),
    "httpRoute": ("Gateway API", lambda values: bool(values["httpRoute"]["enabled"])),
    "grpcRoute": ("Gateway API", lambda values: bool(values["grpcRoute"]["enabled"])),
    "ingress": ("an ingress controller", lambda values: bool(values["ingress"]["enabled"])),
    "keda": ("KEDA", lambda values: _scaled_by(values, "keda")),
    "hpa": (
        "metrics API (metrics-server)",
        lambda values: _scaled_by(values, "hpa") and "cpu" in _target(values),
    ),
    "adapter": (
        CUSTOM_METRICS,
        lambda values: _scaled_by(values, "hpa") and "cpu" not in _target(values),
    ),
    "dra": ("a DRA driver", lambda values: bool(values["accelerator"]["claims"])),
}


def _scaled_by(values: Values, engine: str) -> bool:
    return bool(values["autoscaling"]["enabled"]) and values["autoscaling"]["engine"] == engine


def _target(values: Values) -> Values:
    target: Values = values["autoscaling"]["target"]
    return target


def requirements(fleet: Fleet) -> str:
    """The CRDs and add-ons that each environment needs, and the models that ask for them."""
    lines, adapter = [], False
    for environment in fleet.environments:
        needs: dict[str, list[str]] = {}
        for release in fleet.releases:
            if release.environment is environment:
                for need in _needs(release):
                    needs.setdefault(need, []).append(release.name)
        adapter |= CUSTOM_METRICS in needs
        lines.append(f"{environment.name}: {'nothing' if not needs else ''}".rstrip())
        lines += [f"  {need}: {', '.join(models)}" for need, models in sorted(needs.items())]
    rules = (
        resources.files("tritonfleet")
        .joinpath("templates", "adapter-rules.yaml")
        .read_text("utf-8")
    )
    return "\n".join(lines) + "\n" + ("\n" + rules if adapter else "")


def _needs(release: Release) -> set[str]:
    values = release.complete()
    devices = _devices(values)
    found = {words for words, asks in REQUIREMENTS.values() if asks(values)}
    return found | ({f"device plugin of {values['accelerator']['resource']}"} if devices else set())


def _row(release: Release) -> dict[str, Any]:
    complete = release.complete()
    return {
        "environment": release.environment.name,
        "name": release.name,
        "namespace": release.environment.namespace,
        "engine": release.environment.engine,
        "image": image(complete),
        "replicas": _replicas(complete),
        "accelerator": _devices(complete),
        "suspended": release.suspended,
        "file": release.entry.layer.source.file,
    }


def _words(release: Release) -> str:
    row = _row(release)
    parts = (
        row["image"],
        f"× {row['replicas']}",
        row["accelerator"] or "CPU",
        "suspended" if row["suspended"] else "",
    )
    return "  ".join(filter(None, parts))


def image(values: Values) -> str:
    """The image of a release as its pods ask for it."""
    found = values["image"]
    registry = f"{found['registry']}/" if found["registry"] else ""
    tail = f"@{found['digest']}" if found["digest"] else f":{found['tag']}"
    return f"{registry}{found['repository']}{tail}"


def _replicas(values: Values) -> str:
    scaling = values["autoscaling"]
    return (
        f"{scaling['minReplicas']}–{scaling['maxReplicas']}"
        if scaling["enabled"]
        else str(values["replicas"])
    )


def _devices(values: Values) -> str:
    accelerator = values["accelerator"]
    return f"{accelerator['count']} {accelerator['resource']}" if accelerator["count"] else ""
