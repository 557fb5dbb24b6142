"""`make demo`: the main job on the example fleet, each command before its output, in at most 40 lines."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DEMO = Path("build/demo")
COMMAND = Path(sys.executable).parent / "tritonfleet"
MODEL = "mnist-mlp"


def main() -> int:
    shutil.rmtree(ROOT / DEMO, ignore_errors=True)
    (ROOT / DEMO).mkdir(parents=True)
    for part in ("values", "charts"):
        shutil.copytree(ROOT / part, ROOT / DEMO / part)
    run("list", "--env", "prod", "--env", "staging")
    run("page")
    run("generate", show=last)
    print(f"$ ls {DEMO}/deploy/staging/{MODEL}")
    print(
        *sorted(
            path.name for path in (ROOT / DEMO / "deploy/staging" / MODEL).iterdir()
        ),
        sep="  ",
    )
    run("render", "--env", "staging", "--model", MODEL, show=arguments_and_probes)
    models = ROOT / DEMO / "values/models/vision.yaml"
    text = models.read_text(encoding="utf-8")
    edit(models, text, "modelVersion:", "modelversion:")
    run("validate", expected=2)
    edit(models, text, 'modelVersion: "2025-08-27"', 'modelVersion: "2025-11-20"')
    run("generate", "--check", "--env", "staging", expected=1, show=changed_lines)
    models.write_text(text, encoding="utf-8")
    print("Your own fleet:  .venv/bin/tritonfleet init my-fleet")
    return 0


def run(
    *arguments: str, expected: int = 0, show: Callable[[str], str] = str.rstrip
) -> None:
    """Runs the command on the demo's copy of the fleet; ends the demo when its exit code is not the expected one."""
    print(f"$ {' '.join(['tritonfleet', *arguments])}", flush=True)
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=ROOT / DEMO,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != expected:
        sys.exit(
            f"{done.stdout}{done.stderr}exit code {done.returncode}, {expected} was expected"
        )
    print(show(done.stdout or done.stderr))


def edit(path: Path, text: str, old: str, new: str) -> None:
    """Changes one line, as a person would, and says so."""
    path.write_text(text.replace(old, new), encoding="utf-8")
    print(f"# {path.relative_to(ROOT / DEMO)}: {old} becomes {new}")


def changed_lines(difference: str) -> str:
    return "\n".join(line for line in difference.splitlines() if line[:1] in "+-")


def last(output: str) -> str:
    return output.rstrip().splitlines()[-1]


def arguments_and_probes(manifests: str) -> str:
    """Of the rendered Deployment what the values never said: flags and probes."""
    documents: list[Any] = [each for each in yaml.safe_load_all(manifests) if each]
    deployment = next(each for each in documents if each["kind"] == "Deployment")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    probes = [
        f"{name}: {_short(container[name])}"
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    ]
    arguments = textwrap.fill(
        f"args: {' '.join(container['args'])}",
        130,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([arguments, *probes])


def _short(probe: Any) -> str:
    return f"{probe['httpGet']['path']} every {probe['periodSeconds']} s, {probe['failureThreshold']} times"


if __name__ == "__main__":
    sys.exit(main())
