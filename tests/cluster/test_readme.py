"""The README's commands for a cluster, run as written in an empty namespace.

test_history runs those of the engines' pages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.chart.helm import HELM, ROOT
from tests.cluster.ground.kubectl import SMALL, kubectl
from tests.pages import page

HELM_ADDS = """\
#!/bin/sh
exec {helm} "$@" --values {values}
"""


def test_a_model_is_installed_by_hand(namespace: str, tmp_path: Path) -> None:
    """With one addition: values that name the tests' image and its small budgets."""
    block, answer = re.findall(
        r"^```console\n(helm .*?)^```\n\n    ([^\n]*)",
        page("README.md"),
        re.MULTILINE | re.DOTALL,
    )[0]
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_bytes(Path(os.environ["CLUSTER_KUBECONFIG"]).read_bytes())
    kubectl(
        "config",
        "set-context",
        "--current",
        f"--namespace={namespace}",
        f"--kubeconfig={kubeconfig}",
    )
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    (tmp_path / "helm").write_text(
        HELM_ADDS.format(helm=HELM["4"], values=tmp_path / "small.json")
    )
    (tmp_path / "helm").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "KUBECONFIG": str(kubeconfig),
    }
    command = ["sh", "-eu", "-c", f"trap 'kill $!' EXIT\n{block}"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, [answer]), (
        done.stdout + done.stderr
    )
