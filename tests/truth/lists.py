"""The lists of a fleet whose edits are foretold: small models in one environment, as data that edits change."""

from __future__ import annotations

import re
import shutil
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.chart.helm import CHART

Object = dict[str, Any]
VALUES = Path(__file__).parents[1] / "cluster" / "fleet" / "values"
VERSION = re.compile(r"(?m)^version: .*$")
MODELS = [f"model-{number:02}" for number in range(14)]
PROFILES = ("left", "middle", "right")
# A server starts in seconds; a dozen at once, beside other work on two cores, take longer.
PATIENT = {"timeout": "4m", "pull": "1m"}
# What a new version of the chart brings: file, text and what stands there instead; nothing but the version.
TEMPLATES = {
    "version": ("Chart.yaml", "", ""),
    "pods": (
        "templates/_pod.tpl",
        "shareProcessNamespace: true",
        "shareProcessNamespace: true\n  hostname: served",
    ),
    "services": (
        "templates/service.yaml",
        "  sessionAffinity:",
        "  trafficDistribution: PreferClose\n  sessionAffinity:",
    ),
}


@dataclass
class Lists:
    """What people write; `write` makes the files of it."""

    name: str
    """The environment's, which is that of its files, too."""
    fleet: Object
    environment: Object
    entries: dict[str, Object] = field(default_factory=dict)
    charts: int = 0
    """How many times the environment got another chart."""
    template: str = "version"
    """What the chart in use brings, a key of TEMPLATES."""

    @property
    def version(self) -> str:
        """Of the chart in use."""
        return f"0.1.{self.charts}"

    def copy(self) -> Lists:
        """The same, to try an edit on."""
        return deepcopy(self)

    def write(self, root: Path) -> None:
        """Writes `values/`, and the chart in use where it is not there yet."""
        values = root / "values"
        shutil.rmtree(values, ignore_errors=True)
        chart = f"charts/triton-{self.charts}"
        environment = {**self.environment, "chart": {"path": chart}}
        models = {"models": list(self.entries.values())}
        _write(values / "fleet.yaml", self.fleet)
        _write(values / "environments" / f"{self.name}.yaml", environment)
        _write(values / "models" / "models.yaml", models)
        if not (root / chart).exists():
            self._write_chart(root / chart)

    def _write_chart(self, place: Path) -> None:
        shutil.copytree(CHART, place)
        named = place / "Chart.yaml"
        named.write_text(VERSION.sub(f"version: {self.version}", named.read_text()))
        file, old, new = TEMPLATES[self.template]
        text = (place / file).read_text()
        assert old in text
        (place / file).write_text(text.replace(old, new, 1))


def _write(path: Path, data: Object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False))


def first(name: str) -> Lists:
    """The lists before the first edit: `name` is an environment of the proving ground's fleet, flux or argo."""
    fleet = _read(VALUES / "fleet.yaml")
    small = fleet["profiles"]["tiny"]
    fleet["profiles"] |= {profile: deepcopy(small) for profile in PROFILES}
    fleet["defaults"]["startup"] = PATIENT
    lists = Lists(name, fleet, _read(VALUES / "environments" / f"{name}.yaml"))
    for number, model in enumerate(MODELS):
        lists.entries[model] = {"name": model, "env": {"WORD": "first"}}
        # Two models share each profile; an edit of one rolls both.
        if number < 2 * len(PROFILES):
            lists.entries[model]["profile"] = PROFILES[number // 2]
    return lists


def _read(path: Path) -> Object:
    read: Object = yaml.safe_load(path.read_text())
    return read
