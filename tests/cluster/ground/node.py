"""The first process of the cluster's namespaces: it lays mounts and network out, starts the programs and watches them.

    python -m tests.cluster.ground.node STATE CGROUP      started by tests.cluster.ground.sandbox only

STATE is mounted at /run/cluster, so that every path is short and the same on every machine. All that the programs write
goes there: nothing of the machine itself changes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.cluster.ground.sandbox import TOOLS, control_group_parents

HOME = Path("/run/cluster")
CONFIGURATION = Path(__file__).with_name("etc")
ADDRESS = "10.200.0.1"
SERVICES = "10.96.0.0/16"
PODS = "10.244.0.0/16"
READY = "{.status.conditions[?(@.type=='Ready')].status}"
SERVER = f"https://{ADDRESS}:6443"
# The kubelet sets these for the whole machine; here it sets copies.
KERNEL = [
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
]
CERTIFICATES = {
    "ca": ("/CN=cluster", "keyUsage=critical,keyCertSign"),
    "apiserver": (
        "/CN=apiserver",
        f"subjectAltName=IP:{ADDRESS},IP:10.96.0.1,DNS:kubernetes.default.svc",
    ),
    "admin": ("/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth"),
    "node": ("/O=system:nodes/CN=system:node:node", "extendedKeyUsage=clientAuth"),
}
"""Name → subject and an extension. The control plane's own programs act as admin, the kubelet as a node may."""


class Failed(Exception):
    """A program ended, or was not ready in time."""


def main(state: Path, control_group: str) -> None:
    _mount(state)
    (HOME / "namespace").write_text(str(Path("/proc/self/ns/pid").readlink()))
    _network()
    _certificates()
    for user in ("admin", "node"):
        (HOME / f"{user}.kubeconfig").write_text(json.dumps(_kubeconfig(user)))
    for parent in control_group_parents():
        (parent / control_group).mkdir(exist_ok=True)
    programs = Programs()
    _start(programs, control_group)
    (HOME / "ready").touch()
    programs.watch()


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _mount(state: Path) -> None:
    """What programs write below /run and /var lands in STATE too."""
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    HOME.mkdir()
    _run("mount", "--bind", str(state), str(HOME))
    for name in ("kernel", "upper", "work"):
        (HOME / name).mkdir()
    _run(
        "mount",
        "-t",
        "overlay",
        "-o",
        f"lowerdir=/var,upperdir={HOME}/upper,workdir={HOME}/work",
        "overlay",
        "/var",
    )
    for setting in KERNEL:
        copy = HOME / "kernel" / setting.replace("/", ".")
        copy.write_text(Path("/proc/sys", setting).read_text())
        _run("mount", "--bind", str(copy), f"/proc/sys/{setting}")
    shutil.copytree(CONFIGURATION, HOME / "etc")


def _network() -> None:
    """A bridge, because some kernels have no dummy device; a route for Services, because there is no default one."""
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "node0", "type", "bridge")
    _run("ip", "address", "add", f"{ADDRESS}/24", "dev", "node0")
    _run("ip", "link", "set", "node0", "up")
    _run("ip", "route", "add", SERVICES, "dev", "node0")


def _certificates() -> None:
    for name, (subject, extension) in CERTIFICATES.items():
        ours = [
            "-CA",
            f"{HOME}/ca.crt",
            "-CAkey",
            f"{HOME}/ca.key",
            "-addext",
            "basicConstraints=CA:FALSE",
        ]
        issuer = (
            ["-addext", "basicConstraints=critical,CA:TRUE"] if name == "ca" else ours
        )
        key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
        ]
        files = ["-keyout", f"{HOME}/{name}.key", "-out", f"{HOME}/{name}.crt"]
        command = [
            "openssl",
            "req",
            "-x509",
            *key,
            *issuer,
            *files,
            "-subj",
            subject,
            "-addext",
            extension,
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def _kubeconfig(user: str) -> dict[str, object]:
    def data(name: str) -> str:
        return b64encode((HOME / name).read_bytes()).decode()

    cluster = {"server": SERVER, "certificate-authority-data": data("ca.crt")}
    identity = {
        "client-certificate-data": data(f"{user}.crt"),
        "client-key-data": data(f"{user}.key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": user, "user": identity}],
        "contexts": [
            {"name": "cluster", "context": {"cluster": "cluster", "user": user}}
        ],
        "current-context": "cluster",
    }


def _start(programs: Programs, control_group: str) -> None:
    files = {
        name: f"{HOME}/{name}"
        for name in (
            "ca.crt",
            "apiserver.crt",
            "apiserver.key",
            "admin.crt",
            "admin.key",
        )
    }
    kubeconfig = f"--kubeconfig={HOME}/admin.kubeconfig"
    programs.start(
        "etcd",
        f"--data-dir={HOME}/etcd",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )
    programs.start("containerd", f"--config={HOME}/etc/containerd.toml")
    programs.start(
        "kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--bind-address={ADDRESS}",
        f"--advertise-address={ADDRESS}",
        f"--service-cluster-ip-range={SERVICES}",
        f"--client-ca-file={files['ca.crt']}",
        f"--tls-cert-file={files['apiserver.crt']}",
        f"--tls-private-key-file={files['apiserver.key']}",
        f"--kubelet-client-certificate={files['admin.crt']}",
        f"--kubelet-client-key={files['admin.key']}",
        "--kubelet-preferred-address-types=InternalIP",  # nobody knows the node's name
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files['apiserver.crt']}",
        f"--service-account-signing-key-file={files['apiserver.key']}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        "--enable-priority-and-fairness=false",  # it costs more than it brings to one node
    )
    for image in ("pause", "triton"):
        programs.until(f"image {image}", partial(_imported, image))
    programs.until("API server", lambda: _kubectl("get", "--raw=/readyz") == "ok")
    programs.start(
        "kube-controller-manager",
        kubeconfig,
        f"--root-ca-file={files['ca.crt']}",
        f"--service-account-private-key-file={files['apiserver.key']}",
        "--leader-elect=false",
    )
    programs.start("kube-scheduler", kubeconfig, "--leader-elect=false")
    programs.start(
        "kube-proxy",
        kubeconfig,
        "--proxy-mode=nftables",
        f"--cluster-cidr={PODS}",
        "--hostname-override=node",
        "--conntrack-max-per-core=0",  # that is the machine's own setting
    )
    programs.start(
        "kubelet",
        f"--config={HOME}/etc/kubelet.yaml",
        f"--kubeconfig={HOME}/node.kubeconfig",
        f"--root-dir={HOME}/kubelet",
        f"--cgroup-root=/{control_group}",
        "--hostname-override=node",
        f"--node-ip={ADDRESS}",
    )
    programs.start("coredns", f"-conf={HOME}/etc/Corefile")
    programs.until(
        "node", lambda: _kubectl("get", "node/node", f"-o=jsonpath={READY}") == "True"
    )
    programs.until(
        "service account",
        lambda: _kubectl("get", "serviceaccount/default", "-o=name") != "",
    )


def _imported(image: str) -> bool:
    """Before the kubelet asks for it: a name that the runtime did not know once stays unknown to it for a while."""
    command = [
        f"{TOOLS}/bin/ctr",
        "--namespace=k8s.io",
        "images",
        "import",
        f"{TOOLS}/{image}.tar",
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _kubectl(*arguments: str) -> str:
    """What kubectl prints; nothing while it fails."""
    command = [
        f"{TOOLS}/bin/kubectl",
        f"--kubeconfig={HOME}/admin.kubeconfig",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


class Programs:
    """What runs: a program that ends ends the cluster, with its last words."""

    def __init__(self) -> None:
        self.running: dict[int, tuple[str, subprocess.Popen[bytes]]] = {}

    def start(self, name: str, *arguments: str) -> None:
        # Its own containerd shim must come first; the Debian packages' programs lie in sbin.
        path = f"{TOOLS / 'bin'}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
        with (HOME / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [TOOLS / "bin" / name, *arguments],
                stdout=log,
                stderr=log,
                env={"PATH": path, "HOME": "/root"},
            )
        self.running[process.pid] = name, process

    def until(self, what: str, done: Callable[[], bool], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        began = time.monotonic()
        while not done():
            self._reap(os.WNOHANG)
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {seconds} s")
            time.sleep(0.1)
        print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)

    def watch(self) -> None:
        while True:
            self._reap(0)

    def _reap(self, options: int) -> None:
        """Every orphan of the namespaces ends here."""
        pid, status = os.waitpid(-1, options)
        if pid in self.running:
            name, _ = self.running[pid]
            words = (
                (HOME / f"{name}.log").read_text(errors="replace").splitlines()[-10:]
            )
            raise Failed(
                "\n".join(
                    [
                        f"{name} ended with {os.waitstatus_to_exitcode(status)}; its last words:",
                        *words,
                    ]
                )
            )


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except Failed as failed:
        sys.exit(str(failed))
