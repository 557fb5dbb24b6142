"""What `diff` foretells of random edits, against `helm template` of both sides: no cluster is needed for that.

`make test-truth` compares the same with what two engines and an API server make of such edits.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from tests.chart.helm import HELM, KUBERNETES
from tests.generator.repositories import commit, git
from tests.truth.edits import draw
from tests.truth.foretold import Foretold, Named, foretold
from tests.truth.lists import Lists, Object, first

SEEDS = [int(os.environ.get("TRUTH_SEED", "1"))]
NOISE = ("helm.sh/chart", "app.kubernetes.io/managed-by")
UNITS = {"m": "0.001", "Ki": "1024", "Mi": "1048576", "Gi": "1073741824", "": "1"}
Objects = dict[Named, Object]


@pytest.mark.parametrize("name", ["flux", "argo"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_foretold_is_what_helm_renders(
    name: str, seed: int, tmp_path: Path
) -> None:
    """Twenty edits in two commits."""
    random = Random(f"{seed} {name}")
    root = tmp_path / "fleet"
    root.mkdir()
    git(root, "init", "--quiet")
    lists = first(name)
    before = _committed(lists, root)
    wrong: list[str] = []
    for _ in range(2):
        lists, edits = draw(random, lists, 10, root)
        lists.write(root)
        said = foretold(root, "HEAD")
        after = _committed(lists, root)
        wrong += [
            f"{words} after {list(map(str, edits))}"
            for words in _wrong(before, after, said)
        ]
        before = after
    assert "\n".join(wrong) == ""


def _committed(lists: Lists, root: Path) -> dict[str, Objects]:
    """Each release's objects, from the files that `generate` writes."""
    lists.write(root)
    command = [sys.executable, "-m", "tritonfleet", "generate", str(root)]
    subprocess.run([*command, "--quiet", "--allow-removals=2"], check=True)
    commit(root)
    chart = root / "charts" / f"triton-{lists.charts}"
    with ThreadPoolExecutor(2) as pool:
        rendered = pool.map(
            lambda model: _rendered(root, chart, lists.name, model), lists.entries
        )
        return dict(zip(lists.entries, rendered, strict=True))


def _rendered(root: Path, chart: Path, environment: str, model: str) -> Objects:
    values = root / "deploy" / environment / model / "values.yaml"
    where = [f"--namespace=fleet-{environment}", f"--kube-version={KUBERNETES}"]
    command = [str(HELM["4"]), "template", model, str(chart), "--skip-tests", *where]
    done = subprocess.run(
        [*command, "--values", str(values)], capture_output=True, text=True, check=True
    )
    made = filter(None, yaml.load_all(done.stdout, yaml.CSafeLoader))
    return {
        Named(each["kind"], each["metadata"]["name"]): _quiet(each) for each in made
    }


def _quiet(manifest: Object) -> Object:
    """Without labels that say nothing but the chart's version."""
    for name in NOISE:
        manifest["metadata"].get("labels", {}).pop(name, None)
    return manifest


def _wrong(
    before: Mapping[str, Objects],
    after: Mapping[str, Objects],
    said: Mapping[str, Foretold],
) -> Iterator[str]:
    """Where what is foretold of a release is not what differs between its objects."""
    nothing = Foretold("", False, False, False, (), {})
    for model in sorted({*before, *after}):
        told = said.get(model, nothing)
        differ = _differing(before.get(model, {}), after.get(model, {}))
        if dict(told.objects) != differ:
            yield f"{model}: foretold {dict(told.objects)}, and differs {differ}"
        restarts = _restarts(model, before, after) and not told.suspended
        if told.restarts != restarts:
            yield f"{model}: restarts {told.restarts}, and its pods {restarts}"


def _differing(before: Objects, after: Objects) -> dict[Named, str]:
    made = dict.fromkeys(after.keys() - before.keys(), "made")
    removed = dict.fromkeys(before.keys() - after.keys(), "removed")
    both = before.keys() & after.keys()
    changed = {key: "changed" for key in both if _differ(before[key], after[key])}
    return {**made, **removed, **changed}


def _differ(before: Object, after: Object) -> bool:
    """Whether the API server would see a difference.

    It keeps a quantity of a Deployment in one way of writing it, and fills in the number of pods.
    """
    if before["kind"] != "Deployment":
        return before != after
    old, new = (
        _counted({**each, "spec": {"replicas": 1, **each["spec"]}})
        for each in (before, after)
    )
    return bool(old != new)


def _restarts(
    model: str, before: Mapping[str, Objects], after: Mapping[str, Objects]
) -> bool:
    """Whether the pod template says something else; a quantity in other words is the same."""
    if model not in before or model not in after:
        return False
    sides = (_template(side[model]) for side in (before, after))
    old, new = map(_counted, sides)
    return bool(old != new)


def _template(objects: Objects) -> Any:
    [found] = [each for key, each in objects.items() if key.kind == "Deployment"]
    return found["spec"]["template"]


def _counted(template: Any, key: str = "") -> Any:
    """The same with numbers in the place of quantities."""
    if isinstance(template, dict):
        return {name: _counted(each, name) for name, each in template.items()}
    if isinstance(template, list):
        return [_counted(each) for each in template]
    if key in ("cpu", "memory", "ephemeral-storage", "sizeLimit"):
        return _number(str(template))
    return template


def _number(text: str) -> Decimal:
    digits = text.rstrip("mKMGi")
    return Decimal(digits) * Decimal(UNITS[text[len(digits) :]])
