"""Flux and Argo CD as processes beside the API server: the controllers that their installations run in pods.

They run where the tests run, with the tests' kubeconfig: the same on a cluster of our own, on kind and on any other.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.ground.kubectl import Refused, create_namespace, kubectl
from tests.cluster.ground.sandbox import TOOLS

REDIS = "127.0.0.1:6390"


@dataclass
class Engine:
    """Running controllers; each writes a log and has a private directory below `home`."""

    home: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self, name: str, command: list[str], env: Mapping[str, str] | None = None
    ) -> None:
        directory = self.home / name
        (directory / "tmp").mkdir(parents=True, exist_ok=True)
        own = {
            "HOME": str(directory),
            "TMPDIR": str(directory / "tmp"),
            "KUBECONFIG": os.environ["CLUSTER_KUBECONFIG"],
        }
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=directory,
                env={"PATH": os.environ["PATH"], **own, **(env or {})},
            )

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


@contextmanager
def registry(home: Path, port: int) -> Iterator[str]:
    """An OCI registry in memory, without TLS."""
    engine = Engine(home)
    engine.start("registry", [f"{TOOLS}/bin/registry", "-port", str(port)])
    try:
        yield f"127.0.0.1:{port}"
    finally:
        engine.stop()


def install_definitions() -> None:
    """The custom resources that the chart and both engines know."""
    files = [f"--filename={path}" for path in sorted((TOOLS / "crds").glob("*.yaml"))]
    kubectl("apply", "--server-side", "--force-conflicts", *files)
    kubectl("wait", "--for=condition=Established", *files, "--timeout=60s")


def push_chart(chart: Path, address: str, directory: Path) -> str:
    """Package a chart and push it; its digest."""
    helm = str(TOOLS / "bin" / "helm")
    subprocess.run(
        [helm, "package", str(chart), f"--destination={directory}"],
        check=True,
        capture_output=True,
    )
    [archive] = directory.glob("*.tgz")
    command = [helm, "push", str(archive), f"oci://{address}/charts", "--plain-http"]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return next(
        line.split()[1]
        for line in (said.stdout + said.stderr).splitlines()
        if line.startswith("Digest:")
    )


def permit_registry(address: str) -> None:
    """Argo CD speaks to a registry without TLS only where its repository Secret says so."""
    data = {
        "name": "charts",
        "type": "oci",
        "url": f"oci://{address}/charts/triton",
        "insecureOCIForceHttp": "true",
    }
    metadata = {
        "name": "registry",
        "namespace": "argocd",
        "labels": {"argocd.argoproj.io/secret-type": "repository"},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "stringData": data,
    }
    kubectl("apply", "--server-side", "--filename=-", given=[secret])


def start_flux(engine: Engine) -> None:
    """Its three controllers; a restart is a second call after `stop`."""
    create_namespace("flux-system", "restricted")
    store = engine.home / "store"
    store.mkdir(parents=True, exist_ok=True)
    quiet = ["--metrics-addr=0", "--log-level=info"]
    runtime = {"RUNTIME_NAMESPACE": "flux-system"}
    address = "127.0.0.1:9790"
    served = [
        f"--storage-path={store}",
        f"--storage-addr={address}",
        f"--storage-adv-addr={address}",
    ]
    own = {
        "source-controller": [*served, "--health-addr=127.0.0.1:9440"],
        "kustomize-controller": [
            "--health-addr=127.0.0.1:9441",
            "--requeue-dependency=2s",
        ],
        "helm-controller": [
            "--health-addr=127.0.0.1:9442",
            "--requeue-dependency=2s",
            "--concurrent=20",
        ],
    }
    for name, flags in own.items():
        engine.start(name, [f"{TOOLS}/bin/{name}", *quiet, *flags], runtime)


def start_argo_cd(engine: Engine) -> None:
    """Its repo-server, application-controller and Redis: what rolls out. The UI and the API server are not needed."""
    create_namespace("argocd", "restricted")
    labels = {
        "app.kubernetes.io/part-of": "argocd"
    }  # it looks at settings with this label only
    kubectl(
        "apply",
        "--server-side",
        "--filename=-",
        given=[
            {
                "apiVersion": "v1",
                "kind": kind,
                "metadata": {"name": name, "namespace": "argocd", "labels": labels},
            }
            for kind, name in (("ConfigMap", "argocd-cm"), ("Secret", "argocd-secret"))
        ],
    )
    host, port = REDIS.split(":")
    engine.start(
        "redis",
        [
            "redis-server",
            "--save",
            "",
            "--appendonly",
            "no",
            "--bind",
            host,
            "--port",
            port,
        ],
    )
    argo = str(TOOLS / "bin" / "argocd")
    programs = engine.home / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    # It is called for every revision; with GnuPG off there is nothing to verify.
    verify = programs / "git-verify-wrapper.sh"
    verify.write_text("#!/bin/sh\n")
    verify.chmod(0o755)
    everywhere = {
        "ARGOCD_RECONCILIATION_TIMEOUT": "600s",
        "ARGOCD_RECONCILIATION_JITTER": "0s",
    }
    repository = {
        **everywhere,
        "ARGOCD_BINARY_NAME": "argocd-repo-server",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_ASK_PASS_SOCK": str(engine.home / "ask-pass.sock"),
        "ARGOCD_PLUGINSOCKFILEPATH": str(engine.home / "plugins"),
        "ARGOCD_TLS_DATA_PATH": str(engine.home / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(engine.home / "ssh"),
        "PATH": f"{TOOLS}/bin:{programs}:{os.environ['PATH']}",
    }
    listen = [
        "--address=127.0.0.1",
        "--port=8081",
        "--metrics-address=127.0.0.1",
        "--metrics-port=8084",
    ]
    # --disable-tls alone is refused.
    engine.start(
        "repo-server",
        [argo, "--disable-tls", "--client-ca-path=", f"--redis={REDIS}", *listen],
        repository,
    )
    control = {
        **everywhere,
        "ARGOCD_BINARY_NAME": "argocd-application-controller",
        "ARGOCD_FAKE_IN_CLUSTER": "true",
    }
    server = [
        "--repo-server=127.0.0.1:8081",
        "--repo-server-plaintext",
        "--metrics-port=8082",
    ]
    engine.start(
        "controller", [argo, "--namespace=argocd", f"--redis={REDIS}", *server], control
    )


def refresh_flux(namespace: str, *sources: str) -> None:
    """Look at the source now, and not when its interval is over."""
    for source in sources:
        stamp = f"reconcile.fluxcd.io/requestedAt={time.time()}"
        kubectl("annotate", "--overwrite", f"--namespace={namespace}", source, stamp)


def refresh_argo_cd(*applications: str, how: str = "normal") -> None:
    """Look at Git now; `hard` forgets what was rendered, too."""
    for application in applications:
        arguments = [
            f"applications.argoproj.io/{application}",
            f"argocd.argoproj.io/refresh={how}",
        ]
        kubectl("annotate", "--overwrite", "--namespace=argocd", *arguments)


def refresh_all_of_argo_cd() -> None:
    """The same for every Application that is there."""
    wish = "argocd.argoproj.io/refresh=normal"
    everything = ["applications.argoproj.io", "--all", wish]
    try:
        kubectl("annotate", "--overwrite", "--namespace=argocd", *everything)
    except Refused as words:
        # One that ends in this moment is not there when its turn comes.
        if "NotFound" not in str(words):
            raise
