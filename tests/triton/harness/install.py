"""Make a real, CPU-only tritonserver below a directory from the PyPI wheel nvidia-pytriton.

    python tests/triton/harness/install.py .tools/triton

prints the path of the server's home, `.tools/triton/2.51.0/opt/tritonserver`. The layout is the image's
(`bin`, `backends/python`, `caches/local`). The Python that runs this file is the one that the server's models run
in: its shared library and the wheel's stub for it are put where the server looks. They have a virtual environment of
their own with a numpy from the time of that server: with numpy 2 every output of a Python model has the size 0. The
stub ignores PYTHONPATH; it takes its packages from where the first python3 on PATH takes them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

WHEEL = "nvidia-pytriton==0.7.0"
NUMPY = "numpy==1.26.4"
SHA256 = "21f063ff93bb426d0c06b7a55e7eb9efcfe62c0dddd9a908e9877e18710128df"
VERSION = "2.51.0"  # of the server in that wheel; NVIDIA's image tag is 24.10
NEEDS = "x86_64 Linux with glibc 2.35 or newer"


def home(tools: Path) -> Path:
    """Where the server lies below a tools directory: the image's /opt/tritonserver."""
    return tools / VERSION / "opt" / "tritonserver"


def python(tools: Path) -> Path:
    """The virtual environment whose python3, first on PATH, the stub takes its packages from."""
    return tools / VERSION / "python"


def prefix(tools: Path) -> Path:
    """Where the Python of that environment is installed, with its standard library."""
    settings = dict(
        line.split(" = ", 1)
        for line in (python(tools) / "pyvenv.cfg").read_text().splitlines()
    )
    return Path(settings["home"]).parent


def install(tools: Path) -> Path:
    """Install once; a half-made directory never stays, because it is made beside its place and renamed."""
    if _complete(home(tools)):
        return home(tools)
    _require_platform()
    libpython = _libpython()
    tools.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools) as scratch:
        made = Path(scratch) / "made"
        _unpack(_download(Path(scratch)), made / "opt", libpython)
        _environment(made / "python")
        _require_libraries(made / "opt" / "tritonserver")
        _stamp(made / "opt" / "tritonserver").write_text(_python())
        shutil.rmtree(tools / VERSION, ignore_errors=True)
        made.rename(tools / VERSION)
    return home(tools)


def _complete(server: Path) -> bool:
    """Made for this Python: a stub of another one finds no numpy."""
    return _stamp(server).is_file() and _stamp(server).read_text() == _python()


def _stamp(server: Path) -> Path:
    return server / "python"


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor} {_libpython()}\n"


def _require_platform() -> None:
    libc, version = platform.libc_ver()
    new_enough = libc == "glibc" and tuple(map(int, version.split("."))) >= (2, 35)
    if sys.platform != "linux" or platform.machine() != "x86_64" or not new_enough:
        found = f"{sys.platform} {platform.machine()} {libc} {version}".strip()
        raise SystemExit(f"{WHEEL} holds a server for {NEEDS}; this is {found}")


def _libpython() -> Path:
    """The stub embeds Python: it needs the shared library, which not every Python is built with."""
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    directories = [
        sysconfig.get_config_var("LIBDIR"),
        f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}",
    ]
    found = [Path(d) / name for d in directories if d and (Path(d) / name).is_file()]
    if not found:
        looked = " and ".join(map(str, directories))
        raise SystemExit(
            f"no {name} in {looked}: {sys.executable} has no shared library. Install the Debian package "
            f"{name.split('.so')[0]}, or take a Python built with --enable-shared."
        )
    return found[0]


def _download(directory: Path) -> Path:
    _pip("download", "--dest", str(directory), WHEEL)
    [wheel] = directory.glob("*.whl")
    if (digest := hashlib.sha256(wheel.read_bytes()).hexdigest()) != SHA256:
        raise SystemExit(f"{wheel.name} has sha256 {digest}, expected {SHA256}")
    return wheel


def _environment(directory: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True
    )
    site = (
        directory
        / "lib"
        / f"python{sys.version_info.major}.{sys.version_info.minor}"
        / "site-packages"
    )
    _pip("install", "--target", str(site), NUMPY)


def _pip(*arguments: str) -> None:
    verb, *rest = arguments
    command = [
        sys.executable,
        "-m",
        "pip",
        verb,
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        *rest,
    ]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(
            f"pip could not {verb} {rest[-1]} for Python {platform.python_version()}; its words are above"
        )


def _unpack(wheel: Path, opt: Path, libpython: Path) -> None:
    """The programs find their libraries by a path relative to themselves: ../../../../nvidia_pytriton.libs."""
    with zipfile.ZipFile(wheel) as archive:
        wanted = ("nvidia_pytriton.libs/", "pytriton/tritonserver/")
        archive.extractall(
            opt, [name for name in archive.namelist() if name.startswith(wanted)]
        )
    server = opt / "pytriton" / "tritonserver"
    (opt / "tritonserver").symlink_to("pytriton/tritonserver")
    (opt / "nvidia_pytriton.libs" / libpython.name).symlink_to(libpython)
    stub = server / "backends" / "python" / "triton_python_backend_stub"
    shutil.copyfile(_stub(server / "python_backend_stubs"), stub)
    for program in (stub, server / "bin" / "tritonserver"):
        program.chmod(0o755)


def _stub(directory: Path) -> Path:
    stub = (
        directory
        / f"{sys.version_info.major}.{sys.version_info.minor}"
        / "triton_python_backend_stub"
    )
    if not stub.is_file():
        known = ", ".join(sorted(path.name for path in directory.iterdir()))
        raise SystemExit(
            f"{WHEEL} has no stub for Python {sys.version.split()[0]}; it has {known}"
        )
    return stub


def _require_libraries(server: Path) -> None:
    """A missing library is told here, not by the first test."""
    for program in (
        server / "bin" / "tritonserver",
        server / "backends" / "python" / "triton_python_backend_stub",
    ):
        linked = subprocess.run(
            ["ldd", str(program)], capture_output=True, text=True, check=False
        )
        missing = [
            line.split()[0]
            for line in linked.stdout.splitlines()
            if "not found" in line
        ]
        if missing or linked.returncode:
            raise SystemExit(
                f"{program.name} lacks {', '.join(missing) or linked.stderr.strip()}"
            )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: install.py DIRECTORY")
    os.umask(0o022)
    print(install(Path(sys.argv[1]).resolve()))
