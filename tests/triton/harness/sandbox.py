"""The container of a test: a root of its own in namespaces, so that paths, users and read-only mean what they say.

Its root is a tmpfs with this machine's /usr, the installed server in /opt, and the mounts of the pod. All of it ends
with the server; nothing of the machine is changed and nothing stays behind. Only the network is the machine's.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.triton.harness import install
from tests.triton.harness.container import Container, Mount

ENVIRONMENT = {
    "PATH": "/opt/tritonserver/bin:/opt/python/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LD_LIBRARY_PATH": "/opt/nvidia_pytriton.libs",
}
"""What an image would set: the server, a Python with numpy, and the libraries of both."""
HOME = "/opt/tritonserver"
SYSTEM = ("bin", "lib", "lib64", "sbin", "usr")
DEVICES = ("null", "zero", "full", "random", "urandom")
FILES = (
    "passwd",
    "group",
    "nsswitch.conf",
    "hosts",
    "ld.so.cache",
    "ssl/certs/ca-certificates.crt",
)


def command(
    container: Container, tools: Path, mounts: Sequence[Mount], root: Path
) -> list[str]:
    """The command that runs the container's own in a new root. All of it ends when the caller does."""
    root.mkdir()
    script = [
        "set -e",
        f"root={shlex.quote(str(root))}",
        *_image(tools),
        *map(_mount, mounts),
    ]
    if container.security.get("readOnlyRootFilesystem"):
        script.append('mount -o remount,bind,ro "$root"')
    # With a shared process namespace the pod's pause container is PID 1, and here the shell; else it is the server.
    script += ['"$@" &', "wait $!"] if container.shares_processes else ['exec "$@"']
    die = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "--",
    ]  # with the parent; forgotten at every change of user
    inside = [
        "chroot",
        str(root),
        "setpriv",
        *_identity(container),
        "--",
        *die,
        "env",
        f"--chdir={HOME}",
    ]
    return [
        *die,
        *namespace(),
        "sh",
        "-c",
        "\n".join(script),
        "sh",
        *inside,
        *container.argv,
    ]


def namespace() -> list[str]:
    """Mounts and processes of its own; for an ordinary user inside a user namespace, where the kernel permits that."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    wanted = ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child=KILL"]
    if subprocess.run([*wanted, "true"], capture_output=True, check=False).returncode:
        raise PermissionError(
            f"the real server runs in namespaces of its own, and `{' '.join(wanted)}` is not permitted here: run these "
            "tests as root, or let users make namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0)"
        )
    return wanted


def server_process(outer: int, shares_processes: bool) -> int | None:
    """The server below the process that `command` became, as seen from here; None before it has begun."""
    for _ in range(2 if shares_processes else 1):
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        if not children:
            return None
        outer = int(children[-1])
    return (
        outer
        if Path(f"/proc/{outer}/comm").read_text().strip() == "tritonserver"
        else None
    )


def enter(server: int, container: Container) -> list[str]:
    """The command that runs another one beside the server, as its user: what the runtime does for an exec probe."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    inside = ["--mount", "--pid", "--root", "--wd"]
    return [
        *["nsenter", f"--target={server}", *user, *inside, "--"],
        *["setpriv", *_identity(container), "--"],
    ]


def _image(tools: Path) -> Iterator[str]:
    """What an image would bring: this machine's programs, the server, and the Python of its models."""
    yield 'mount -t tmpfs -o mode=755 image "$root"'
    yield 'mkdir -p "$root/etc/ssl/certs" "$root/dev" "$root/opt"'
    for name in SYSTEM:
        whole = _mount(Mount(f"/{name}", Path("/") / name, True))
        yield f'if [ -L /{name} ]; then cp -P /{name} "$root/{name}"; elif [ -d /{name} ]; then {whole}; fi'
    yield from (
        f'mkdir "$root/{name}"; mount --rbind /{name} "$root/{name}"'
        for name in ("proc", "sys")
    )
    yield f'for name in {" ".join(FILES)}; do [ ! -e "/etc/$name" ] || cp -L "/etc/$name" "$root/etc/$name"; done'
    yield from (
        _mount(Mount(f"/dev/{name}", Path("/dev") / name, False)) for name in DEVICES
    )
    yield 'ln -s pytriton/tritonserver "$root/opt/tritonserver"'
    opt = install.home(tools).parent
    yield from (
        _mount(Mount(f"/opt/{name}", opt / name, True))
        for name in ("pytriton", "nvidia_pytriton.libs")
    )
    yield _mount(Mount("/opt/python", install.python(tools), True))
    prefix = install.prefix(tools)
    if not prefix.is_relative_to("/usr"):
        yield _mount(Mount(str(prefix), prefix, True))


def _mount(mount: Mount) -> str:
    """One mount, made after those around it."""
    target = f'"$root"{shlex.quote(mount.path)}'
    if mount.source is None:
        size = f"size={_bytes(mount.size)}," if mount.size else ""
        return f"mkdir -p {target}; mount -t tmpfs -o {size}mode=1777 memory {target}"
    make = (
        f"mkdir -p {target}"
        if mount.source.is_dir()
        else f'mkdir -p "$(dirname {target})"; : >> {target}'
    )
    # An ordinary user may not take nosuid and nodev away from a mount, so they are always said.
    lock = (
        f"; mount -o remount,bind,ro,nosuid,nodev {target}" if mount.read_only else ""
    )
    return f"{make}; mount --bind {shlex.quote(str(mount.source))} {target}{lock}"


def _identity(container: Container) -> list[str]:
    """User, groups and capabilities as rendered. An ordinary user can't become another one and stays who it is."""
    security = container.security
    rights = (
        ["--no-new-privs"] if security.get("allowPrivilegeEscalation") is False else []
    )
    if "ALL" in security.get("capabilities", {}).get("drop", []):
        rights += ["--bounding-set=-all", "--inh-caps=-all"]
    if os.geteuid() or "runAsUser" not in security:
        return rights
    user, group = security["runAsUser"], security.get("runAsGroup", 0)
    return [
        f"--reuid={user}",
        f"--regid={group}",
        f"--groups={security.get('fsGroup', group)}",
        *rights,
    ]


def _bytes(quantity: str) -> int:
    """A Kubernetes quantity in bytes."""
    units = {
        "": 1,
        "k": 10**3,
        "M": 10**6,
        "G": 10**9,
        "Ki": 2**10,
        "Mi": 2**20,
        "Gi": 2**30,
        "Ti": 2**40,
    }
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", str(quantity)).groups()  # type: ignore[union-attr]
    return int(number) * units[unit]
