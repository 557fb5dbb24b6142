"""`make checkov`: renders every situation of ci/ and lets checkov look at them all; only the skips below may fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.chart.helm import CI_FILES, ROOT, ci, template

# The chart's README gives the reasons; a test holds the two lists together.
SKIPPED = ("CKV_K8S_11", "CKV_K8S_15", "CKV_K8S_35", "CKV_K8S_40", "CKV_K8S_43")

# By file: workers and frontends of Dynamo find each other through the API server, so they have a token.
MEANT = {("dynamo.yaml", "CKV_K8S_38")}


def main(checkov: str) -> int:
    rendered = ROOT / "build" / "checkov"
    rendered.mkdir(parents=True, exist_ok=True)
    for name in CI_FILES:
        (rendered / name.replace("-values", "")).write_text(
            template(ci(name)), encoding="utf-8"
        )
    failed = list(failures(checkov, rendered))
    print(*failed, sep="\n")
    print(
        f"checkov: {len(CI_FILES)} files, {len(failed)} failed checks, skipped everywhere: {', '.join(SKIPPED)}"
    )
    return bool(failed)


def failures(checkov: str, directory: Path) -> Iterator[str]:
    """Lines `file: check, object: what it says`."""
    command = [
        checkov,
        "--directory",
        str(directory),
        "--framework",
        "kubernetes",
        "--skip-check",
        ",".join(SKIPPED),
    ]
    done = subprocess.run(
        [*command, "--output", "json", "--compact", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    report: Any = json.loads(done.stdout)
    for each in report["results"]["failed_checks"]:
        name = Path(each["file_path"]).name
        if (name, each["check_id"]) in MEANT:
            continue
        yield f"{name}: {each['check_id']}, {each['resource']}: {each['check_name']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
