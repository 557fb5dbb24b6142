"""The real Renovate reads a fleet with the settings that `init` wrote: `make test-renovate`.

It is an npm package of 1 GB with everything that it needs, so it is no part of `make test`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.generator.repositories import commit, git
from tritonfleet.__main__ import main

DIGEST = f"sha256:{'0' * 64}"
MODELS = f"""\
models:
  - name: one
    image: {{tag: 24.11-py3}}
    repository: {{oci: {{reference: "registry.example.org:5000/models/one:3@{DIGEST}"}}}}
    sidecars: [{{name: log, image: "busybox:1.36"}}]
  - name: two
    loadModels: [two]
    image:
      registry: registry.example.org
      repository: team/triton
      tag: 24.12-py3@{DIGEST}
    repository: {{emptyDir: {{size: 1Gi}}}}
    fetch: {{enabled: true, image: "rclone/rclone:1.68"}}
    benchmark: {{enabled: true, image: "nvcr.io/nvidia/tritonserver:24.12-py3-sdk"}}
  - name: three
    image: registry.example.org/team/triton:24.10-py3
    repository: {{image: {{path: /models}}}}
"""
CHART = f"oci://registry.example.org/charts/triton:0.1.0-dev@{DIGEST}"


def test_every_image_of_the_lists_is_found_and_none_of_deploy(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet"
    address = "https://git.example.org/team/models.git"
    command = ["init", str(fleet), "--repository", address, "--chart", CHART]
    assert main(command) == 0
    (fleet / "values/models/more.yaml").write_text(MODELS)
    assert main(["generate", str(fleet), "--quiet"]) == 0
    git(fleet, "init", "--quiet")
    commit(fleet)
    assert sorted(_found(fleet, tmp_path)) == [
        ("values/fleet.yaml", "nvcr.io/nvidia/tritonserver", "24.10-py3", None),
        ("values/fleet.yaml", "registry.example.org/charts/triton", "0.1.0-dev", DIGEST),
        ("values/models/more.yaml", "busybox", "1.36", None),
        ("values/models/more.yaml", "nvcr.io/nvidia/tritonserver", "24.11-py3", None),
        ("values/models/more.yaml", "nvcr.io/nvidia/tritonserver", "24.12-py3-sdk", None),
        ("values/models/more.yaml", "rclone/rclone", "1.68", None),
        ("values/models/more.yaml", "registry.example.org/team/triton", "24.10-py3", None),
        ("values/models/more.yaml", "registry.example.org/team/triton", "24.12-py3", DIGEST),
        ("values/models/more.yaml", "registry.example.org:5000/models/one", "3", DIGEST),
    ]  # fmt: skip


def _found(fleet: Path, home: Path) -> Iterator[tuple[str, str, str, str | None]]:
    """File, name, version and digest of each dependency, from Renovate's own log."""
    done = subprocess.run(
        [os.environ["RENOVATE"], "--platform=local", "--dry-run=extract"],
        cwd=fleet,
        env={
            "PATH": f"{Path(os.environ['RENOVATE']).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "json",
            "RENOVATE_BASE_DIR": str(home / "renovate"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line for line in lines if "errors" in line] == []
    [extracted] = [line["packageFiles"] for line in lines if "packageFiles" in line]
    for files in extracted.values():
        for file in files:
            for each in file["deps"]:
                digest = each.get("currentDigest")
                yield file["packageFile"], each["depName"], each["currentValue"], digest
