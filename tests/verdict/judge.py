"""Four judges of one entry: `validate`, Helm, Kubernetes' schemas and API server, and the engine's project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.chart.helm import CHART
from tests.verdict.api import Api
from tritonfleet import helm, kubernetes
from tritonfleet.engines.argocd_projects import project
from tritonfleet.load import load
from tritonfleet.nouns import Installation
from tritonfleet.plan import plan
from tritonfleet.problem import ERROR, Invalid
from tritonfleet.resolve import resolve
from tritonfleet.rules import RULES
from tritonfleet.validate import validate

KUBERNETES = "1.37"
FLEET = {
    "name": "verdict",
    "gitops": {"engine": "argocd", "repository": "https://git.acme.test/ml/models.git"},
    "defaults": {"image": {"tag": "24.10-py3"}},
}

# What a pod names and only a cluster can say is there, or works out itself.
CLUSTERS_OWN = (
    "serviceAccountName",
    "serviceAccount",
    "priorityClassName",
    "priority",
    "preemptionPolicy",
    "runtimeClassName",
    "overhead",
)


class Disagreement(NamedTuple):
    """Something that `validate` accepted and another refused."""

    entry: Mapping[str, Any]
    level: str
    judge: str
    """helm, schema, api or project."""
    words: str


class Verdict(NamedTuple):
    """What became of a number of entries."""

    tried: int
    accepted: int
    objects: int
    disagreements: tuple[Disagreement, ...]


def judge(
    entries: Sequence[Mapping[str, Any]], level: str, directory: Path, api: Api
) -> Verdict:
    """The verdict over entries, which need no names, in one environment of a level: a fleet in an empty directory."""
    named = [{"name": f"m{index}", **entry} for index, entry in enumerate(entries)]
    by_name = {
        str(each["name"]): entry for each, entry in zip(named, entries, strict=True)
    }
    installations = list(_accepted(named, level, directory))
    disagreements: list[Disagreement] = []
    objects = 0
    for installation in installations:
        entry = by_name[installation.name]
        for who, words in against(installation, level, api):
            if who == "objects":
                objects += int(words)
            else:
                disagreements.append(Disagreement(entry, level, who, words))
    return Verdict(len(entries), len(installations), objects, tuple(disagreements))


def _accepted(
    entries: Sequence[Mapping[str, Any]], level: str, directory: Path
) -> Iterator[Installation]:
    """The installations of those without an error: the others are taken out, and the rest is asked again."""
    write_fleet(directory, entries, level)
    try:
        fleet = validate(resolve(load(directory)), RULES.values())
    except Invalid as invalid:
        refused = {each.subject for each in invalid.problems if each.severity == ERROR}
        kept = [each for each in entries if each["name"] not in refused]
        if len(kept) < len(entries):
            parts: list[Sequence[Mapping[str, Any]]] = [kept]
        else:  # a problem of the file, which names no entry
            half = len(entries) // 2
            parts = [entries[:half], entries[half:]] if half else []
        for part in parts:
            if part:
                yield from _accepted(part, level, directory)
        return
    yield from plan(fleet)


def write_fleet(
    directory: Path, entries: Sequence[Mapping[str, Any]], level: str
) -> None:
    """A fleet of these entries in one environment of a level."""
    chart = directory / "charts" / "triton"
    if not chart.exists():
        chart.parent.mkdir(parents=True)
        shutil.copytree(CHART, chart)
    environment = {"namespace": level, "kubernetes": KUBERNETES, "podSecurity": level}
    files = {
        "fleet": FLEET,
        f"environments/{level}": environment,
        "models/models": {"models": list(entries)},
    }
    for name, content in files.items():
        path = directory / "values" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False))


def against(
    installation: Installation, level: str, api: Api
) -> Iterator[tuple[str, str]]:
    """Who refuses the installation, with their words; and at last the number of objects that were looked at."""
    [rendered] = helm.render([installation])
    if rendered.failure:
        yield "helm", rendered.failure
        return
    for problem in kubernetes.check(rendered.manifests, KUBERNETES).problems:
        yield "schema", problem
    allowed = _permitted(installation)
    objects = list(_objects(rendered.manifests, level))
    for manifest in objects:
        refusal = api.refusal(manifest)
        if refusal:
            yield "api", refusal
        group = str(manifest["apiVersion"]).rpartition("/")[0]
        if (group, str(manifest["kind"])) not in allowed:
            yield "project", f"{manifest['kind']} is not permitted"
    yield "objects", str(len(objects))


def _permitted(installation: Installation) -> set[tuple[str, str]]:
    """Group and kind of what Argo CD's project lets a release make."""
    spec: Any = project(installation.environment)["spec"]
    return {
        (each["group"], each["kind"]) for each in spec["namespaceResourceWhitelist"]
    }


def _objects(manifests: str, level: str) -> Iterator[dict[str, Any]]:
    """What the API server is asked: each object, and a Pod of each pod template: Pod Security refuses only those."""
    for manifest in yaml.load_all(manifests, yaml.CSafeLoader):
        if not manifest:
            continue
        manifest.setdefault("metadata", {}).setdefault("namespace", level)
        if manifest["kind"] == "Pod":
            yield _alone(manifest)
            continue
        yield manifest
        template = _pod_template(manifest)
        if template:
            pod = {"apiVersion": "v1", "kind": "Pod", **deepcopy(template)}
            pod["metadata"] = {
                **(pod.get("metadata") or {}),
                "name": "pod",
                "namespace": level,
            }
            yield _alone(pod)


def _pod_template(manifest: Mapping[str, Any]) -> Mapping[str, Any] | None:
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template = spec.get("template") if isinstance(spec, Mapping) else None
    return template if isinstance(template, Mapping) and "spec" in template else None


def _alone(pod: dict[str, Any]) -> dict[str, Any]:
    """A Pod without what only a cluster can say is there."""
    spec = pod["spec"]
    for key in CLUSTERS_OWN:
        spec.pop(key, None)
    return pod


def table(verdicts: Mapping[str, Verdict]) -> str:
    """How many of each group were tried, accepted and refused after all, in Markdown."""
    lines = [
        "| entries | tried | accepted | objects | refused after all |",
        "|---|---:|---:|---:|---:|",
    ]
    for group, each in verdicts.items():
        refused = len({json.dumps(found.entry) for found in each.disagreements})
        lines.append(
            f"| {group} | {each.tried:,} | {each.accepted:,} | {each.objects:,} | {refused} |"
        )
    return "\n".join(lines)
