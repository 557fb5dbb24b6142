"""Copies the custom resource definitions of Argo CD and Flux out of their Go modules: tools/crds.py DIRECTORY."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ARGO_CD = ["manifests/crds/application-crd.yaml", "manifests/crds/appproject-crd.yaml"]
BASES = "config/crd/bases"
MODULES = {
    "github.com/argoproj/argo-cd/v3@v3.5.3": ARGO_CD,
    "github.com/argoproj/argo-cd/v3@v3.6.1": ARGO_CD,
    "github.com/fluxcd/helm-controller@v1.6.4": [
        f"{BASES}/helm.toolkit.fluxcd.io_helmreleases.yaml"
    ],
    "github.com/fluxcd/kustomize-controller@v1.9.5": [
        f"{BASES}/kustomize.toolkit.fluxcd.io_kustomizations.yaml"
    ],
    "github.com/fluxcd/source-controller@v1.9.3": [
        f"{BASES}/source.toolkit.fluxcd.io_{kind}.yaml"
        for kind in ("gitrepositories", "helmcharts", "ocirepositories")
    ],
}


def main(directory: Path) -> int:
    if shutil.which("go") is None:
        print(
            "the CRDs lie in Go modules, and Go is not on PATH: install Go 1.26 or newer, https://go.dev/dl"
        )
        return 3
    for module, files in MODULES.items():
        target = directory / module.removeprefix("github.com/").replace("/", "-")
        target.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive(module)) as content:
            for file in files:
                (target / Path(file).name).write_bytes(content.read(f"{module}/{file}"))
    return 0


def archive(module: str) -> str:
    """The downloaded archive. Go names it even where it refuses the module for wanting a newer Go."""
    command = ["go", "mod", "download", "-json", module]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    found: dict[str, str] = json.loads(done.stdout or "{}")
    if "Zip" not in found:
        sys.exit(f"{module}: {found.get('Error') or done.stderr}")
    return found["Zip"]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
