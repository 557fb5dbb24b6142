"""The README's commands, run as written: those for a cluster by tests/cluster, all others here."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.chart.helm import HELM

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# tests/cluster runs what needs a cluster or a Git server, tests/test_demo.py `make demo`; `make test` is this.
ELSEWHERE = ("helm ", "kubectl ", "curl ", "git push", "make ")


def commands() -> list[str]:
    """The lines of the README's console blocks, without their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def test_the_commands_for_a_fleet_work_in_an_empty_directory(tmp_path: Path) -> None:
    """In a new environment for Python, so that what is installed is what a person gets, and not this clone."""
    here = [command for command in commands() if not command.startswith(ELSEWHERE)]
    assert here[:2] == [
        "pip install './[fast]'",
        f"tritonfleet init my-fleet {here[1].partition('my-fleet ')[2]}",
    ]
    install = f"(cd {shlex.quote(str(ROOT))} && {here[0]} --quiet)"
    script = "\n".join(["git init --quiet --initial-branch=main", install, *here[1:]])
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True)
    (tmp_path / "python/bin/helm").symlink_to(HELM["4"])
    (tmp_path / "fleet").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}/python/bin:{os.environ['PATH']}",
        **{
            f"GIT_{who}_{what}": "test@example.com"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["sh", "-eux"],
        input=script,
        cwd=tmp_path / "fleet",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "fleet/my-fleet/deploy/bootstrap/dev.yaml").exists()
