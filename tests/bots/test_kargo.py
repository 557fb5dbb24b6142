"""The steps of docs/examples/kargo-stage.yaml that change files, replayed with yq on the fleet of docs/bots.md.

Kargo itself is not run. Like its step `yaml-update`, yq changes a value at a path and leaves the rest of the file.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.generator.fleets import CHART
from tests.pages import ROOT, blocks
from tritonfleet.__main__ import main

YQ = ROOT / ".tools/yq"
STAGE = yaml.safe_load((ROOT / "docs/examples/kargo-stage.yaml").read_text())
EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """The README's fleet, with the environment that docs/bots.md shows."""
    for page in ("README.md", "docs/bots.md"):
        for block in blocks(page, "yaml"):
            parts = re.split(r"^# (values/\S+)\n", block.text, flags=re.MULTILINE)
            for file, text in zip(parts[1::2], parts[2::2], strict=True):
                (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / file).write_text(text)
    shutil.copytree(CHART, tmp_path / "charts/triton")
    return tmp_path


def steps() -> list[tuple[str, str, str]]:
    """File, key and value of each change, with what Kargo puts in the place of its expressions."""
    promotion = STAGE["spec"]["promotionTemplate"]["spec"]
    says = {f"vars.{each['name']}": each["value"] for each in promotion["vars"]}
    says["imageFrom(vars.image).Tag"] = "24.12-py3"

    def told(text: str) -> str:
        return EXPRESSION.sub(lambda found: says[found[1]], text)

    return [
        (step["config"]["path"].removeprefix("./fleet/"), told(update["key"]), told(update["value"]))
        for step in promotion["steps"]
        if step["uses"] == "yaml-update"
        for update in step["config"]["updates"]
    ]  # fmt: skip


def test_what_kargo_changes_is_what_the_release_gets(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(fleet), "--quiet"]) == 0
    for file, key, value in steps():
        path = "".join(f'["{part}"]' for part in key.split("."))
        assert yq(fleet / file, "--exit-status", f".{path}"), "Kargo needs it there"
        assert yq(fleet / file, "--inplace", f'.{path} = "{value}"')
    capsys.readouterr()
    assert main(["generate", str(fleet), "--check", "--quiet"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line for line in lines if line.startswith(("+", "-"))) == [
        '+    tritonfleet/model-version: "2026-11-21"',
        '+  tag: "24.12-py3"',
        "+++ b/prod/resnet50/application.yaml",
        "+++ b/prod/resnet50/values.yaml",
        '+modelVersion: "2026-11-21"',
        '-    tritonfleet/model-version: "2026-11-14"',
        '-  tag: "24.10-py3"',
        "--- a/prod/resnet50/application.yaml",
        "--- a/prod/resnet50/values.yaml",
        '-modelVersion: "2026-11-14"',
    ]


def yq(file: Path, *words: str) -> bool:
    """Whether yq found, or did, what it was asked for."""
    done = subprocess.run([YQ, *words, file], capture_output=True, check=False)
    return done.returncode == 0
