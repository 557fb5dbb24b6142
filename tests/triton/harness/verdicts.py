"""What the real server makes of the models of a repository: all of them in one start, each with the server's own words.

Python models run in the real backend. For the other backends, which are in NVIDIA's images only, one stands in that
takes every model: what is asked is then the server's own judgement, which comes before and after the backend's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.triton.harness import clients, install, sandbox, server
from tritonfleet.models.backends import KNOWN, OTHERS

STAND_IN = Path(__file__).parents[1] / "stand-ins" / "anything" / "backend.c"
STOOD_FOR = frozenset({each.backend for each in KNOWN} | OTHERS) - {"python"}
START_LIMIT = 150.0
# A model whose configuration is refused is in the index without a state or a reason; only the log has them.
_POLL_FAILED = re.compile(
    r"Poll failed for model directory '(?P<model>[^']*)': (?P<words>.*)"
)
_LOAD_FAILED = re.compile(
    r"failed to load '(?P<model>[^']*)' version \d+: (?P<words>.*)"
)
_IN_ENSEMBLE = re.compile(r"(?P<words>(?:in )?ensemble '?(?P<model>[^', ]+).*)")
_PLACE = re.compile(r'^E\d+ [\d:.]+ \d+ [\w.]+:\d+\] "?')


@dataclass(frozen=True)
class Verdict:
    """Whether the server has loaded a model, and what it says of one that it has not."""

    loads: bool
    words: str = ""


def verdicts(repository: Path, scratch: Path, completes: bool) -> dict[str, Verdict]:
    """By the names of the repository's models. `scratch` is a directory that is not there yet."""
    scratch.mkdir()
    log = scratch / "server.log"
    with _running(repository, _backends(scratch), log, completes) as port:
        status, index = clients.call(port, "/v2/repository/index", {})
    assert status == 200, index
    loaded = {row["name"] for row in index if row.get("state") == "READY"}
    refusals = _refusals(log.read_text(errors="replace").splitlines())
    names = [path.name for path in repository.iterdir()]
    return {name: _verdict(name, loaded, refusals) for name in names}


def _verdict(name: str, loaded: set[str], refusals: Mapping[str, str]) -> Verdict:
    if name in loaded:
        return Verdict(loads=True)
    return Verdict(loads=False, words=refusals.get(name, ""))


def _backends(scratch: Path) -> Path:
    """The server's own backends, and the one that stands in under the names of the others."""
    made = scratch / "backends"
    shutil.copytree(install.home(server.TOOLS) / "backends", made)
    library = scratch / "backend.so"
    flags = ["-shared", "-fPIC", "-nostdlib", "-Wall", "-Werror"]
    compile_it = ["cc", *flags, "-o", str(library), str(STAND_IN)]
    subprocess.run(compile_it, check=True)
    for name in STOOD_FOR:
        (made / name).mkdir()
        shutil.copyfile(library, made / name / f"libtriton_{name}.so")
    return made


@contextmanager
def _running(
    repository: Path, backends: Path, log: Path, completes: bool
) -> Iterator[int]:
    """The server as soon as it answers, which is when it has tried every model; its port."""
    home, port = install.home(server.TOOLS), server.free_port()
    command = [
        *["setpriv", "--pdeathsig", "KILL", "--", str(home / "bin" / "tritonserver")],
        f"--model-repository={repository}",
        f"--backend-directory={backends}",
        *["--exit-on-error=false", "--allow-grpc=false", "--allow-metrics=false"],
        *[f"--http-address={server.HOST}", f"--http-port={port}"],
        "--model-load-thread-count=2",
    ]
    if not completes:
        command.append("--disable-auto-complete-config")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=_environment(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )  # fmt: skip
    try:
        _wait(process, port, log)
        yield port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    """As in the sandbox of the other tests, at the paths of this machine."""
    python = install.python(server.TOOLS) / "bin"
    libraries = install.home(server.TOOLS).parent / "nvidia_pytriton.libs"
    path = f"{python}:{sandbox.ENVIRONMENT['PATH']}"
    return {"PATH": path, "LD_LIBRARY_PATH": str(libraries)}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            clients.call(port, "/v2/health/live")
            return
        time.sleep(0.1)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise server.NotReadyError(f"exit code {process.poll()}\n{last}")


def _refusals(lines: Iterable[str]) -> dict[str, str]:
    """By the names of models, why each was refused; the first reason counts."""
    found: dict[str, str] = {}
    for line in lines:
        words = _PLACE.sub("", line).removesuffix('"')
        for form in (_POLL_FAILED, _LOAD_FAILED, _IN_ENSEMBLE):
            match = form.search(words)
            if match:
                found.setdefault(match["model"], match["words"].strip("; "))
    return found


def lay(repository: Path, models: Mapping[str, Mapping[str, Any]]) -> Path:
    """Writes a repository: by the names of models, their files by paths."""
    for name, files in models.items():
        for path, text in files.items():
            file = repository / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return repository
