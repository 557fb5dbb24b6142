"""Inputs that are no text: what lies in a fleet's directory, where outputs go, and what ends a command before its end.

Each is a process of its own, without the rights that root has over files, so that what is unreadable is so for all.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzz.bench import Bench, Told
from tests.fuzz.material import Files
from tests.fuzz.oracles import of_words
from tests.generator.fleets import FLEET, MODELS, make_deep
from tritonfleet.present import STAGED

THEIRS = "theirs\n"
PATIENCE = 300  # seconds, of a machine with much else to do
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
PROD = "namespace: prod\ncluster: {name: prod}\nafter: dev\nengine: flux\n"
COMMANDS = [
    *[
        "validate",
        "validate -o json",
        "generate",
        "generate",
        "generate --check",
        "list",
        "render",
    ],
    *[
        "render --out rendered",
        "page --out site",
        "images",
        "explain one --env dev",
        "diff .",
    ],
    *["set one replicas=2", "set one replicas=2 --env prod", "remove two"],
    *["promote one --to prod", "init values", "check-repository ./values"],
]


def fleet(_: Random) -> Files:
    """The same small fleet each time; what is drawn is what happens to it."""
    texts = {
        "values/fleet.yaml": FLEET,
        "values/environments/dev.yaml": "namespace: dev\n",
        "values/environments/prod.yaml": PROD,
        "values/models/team.yaml": MODELS,
        "values/models/b/two.yaml": MODELS.replace("one", "two"),
    }
    return {path: text.encode() for path, text in texts.items()}


def look(bench: Bench, random: Random, files: Files) -> Iterator[tuple[Told, str]]:
    """Makes a fleet, disturbs it, runs a command in some way, and looks at what it leaves."""
    # 1. A fleet with a tree of its own, and something beside it that is nobody's business.
    top = Path("chaos").absolute()
    subprocess.run(["chmod", "-Rf", "u+rwX", top], check=False)
    shutil.rmtree(top, ignore_errors=True)
    root, elsewhere = top / "fleet", top / "elsewhere"
    _lay(root, files)
    (elsewhere / "sub").mkdir(parents=True)
    for path in ("a.yaml", "sub/values.yaml"):
        (elsewhere / path).write_text(THEIRS)
    bench.run("generate", str(root))

    # 2. What happens.
    names = []
    for _ in range(random.choice([0, 1, 1, 2])):
        name = random.choice(sorted(DISTURBANCES))
        place = random.choice(sorted(root.rglob("*")))
        names.append(f"{name} {place.relative_to(root)}")
        DISTURBANCES[name](random, place, elsewhere)
    way = random.choice(sorted(WAYS))
    command = random.choice(COMMANDS).split()
    before = _whole(root)
    told = WAYS[way](random, root, command)
    told = told._replace(arguments=(*command, f"({way}; {', '.join(names)})"))

    # 3. What is left.
    for fault in (*_of_end(told, way), *of_words(told)):
        yield told, fault
    if [path.read_text() for path in sorted(elsewhere.rglob("*.yaml"))] != [THEIRS] * 2:
        yield told, "wrote to elsewhere"
    left = [path for path in _whole(root) if path.endswith(STAGED)]
    if left and "signal" not in way and not any(path in before for path in left):
        yield told, f"left {left}"


def _lay(root: Path, files: Files) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    shutil.copytree("charts", root / "charts")


def _whole(root: Path) -> Mapping[str, int]:
    """The files that are there, by their path."""
    found: dict[str, int] = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = Path(directory, name)
            found[path.relative_to(root).as_posix()] = path.lstat().st_size
    return found


def _of_end(told: Told, way: str) -> Iterator[str]:
    allowed = [0, 1, 2, 3]
    if "signal" in way:
        allowed += [130, *(-each for each in SIGNALS)]
    if told.code not in allowed:
        yield f"ended with {told.code}: {told.err[-300:]}"
    # While Python still imports the command, it says itself that somebody interrupts it.
    is_early = "KeyboardInterrupt" in told.err and ", in main\n" not in told.err
    for words in ("Traceback", "internal error", "Exception ignored"):
        if words in told.err and not ("signal" in way and is_early):
            yield f"{words}: {told.err[-600:]}"
    if told.code in (1, 2, 3) and way == "as ever" and not told.out + told.err:
        yield "failed without a word"


# What may lie in the place of a file or a directory.


def _gone(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _link(random: Random, place: Path, elsewhere: Path) -> None:
    files = [elsewhere / "a.yaml", elsewhere / "nothing", Path("/dev/zero")]
    targets = [elsewhere, *files, Path("/"), place]
    _gone(place)
    place.symlink_to(random.choice(targets))


def _pipe(_: Random, place: Path, __: Path) -> None:
    _gone(place)
    os.mkfifo(place)


def _directory(_: Random, place: Path, __: Path) -> None:
    _gone(place)
    (place / "x").mkdir(parents=True)


def _file(random: Random, place: Path, _: Path) -> None:
    _gone(place)
    contents = [
        b"",
        b"x",
        b"\0",
        b"\xff",
        b"a: [",
        b"[1]",
        b"a: 1\na: 2\n",
        b"<<<<<<< HEAD\n",
    ]
    place.write_bytes(random.choice(contents))


def _cut(random: Random, place: Path, _: Path) -> None:
    if place.is_file():
        os.truncate(place, random.randrange(place.stat().st_size + 1))


def _huge(_: Random, place: Path, __: Path) -> None:
    if place.is_file():
        os.truncate(place, 20 * 2**30)


def _unreadable(_: Random, place: Path, __: Path) -> None:
    if not place.is_symlink() and place.exists():
        place.chmod(0)


def _read_only(_: Random, place: Path, __: Path) -> None:
    directory = place if place.is_dir() else place.parent
    directory.chmod(0o555)


def _deep(_: Random, place: Path, __: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        make_deep(place, 40)


def _beside(random: Random, place: Path, _: Path) -> None:
    """Something of others beside it, with a name that means something or nothing."""
    ours = [f".{place.name}{STAGED}", "INCOMPLETE", "kustomization.yaml", "x.yaml"]
    names = [*ours, "x\n::error::planted.yaml", "\x1b[31m.yml"]
    directory = place if place.is_dir() else place.parent
    other = directory / random.choice(names)
    if not other.exists():
        other.write_text("kind: Pod\n")


DISTURBANCES: Mapping[str, Callable[[Random, Path, Path], None]] = {
    "a link at": _link,
    "a pipe at": _pipe,
    "a directory at": _directory,
    "another file at": _file,
    "half of": _cut,
    "20 GiB at": _huge,
    "no right to read": _unreadable,
    "no right to write": _read_only,
    "40 directories in": _deep,
    "something beside": _beside,
}


# How a command is run.


def _command(arguments: list[str]) -> list[str]:
    """Without root's rights over files, where this is root."""
    program = [sys.executable, "-m", "tritonfleet", *arguments]
    if os.geteuid() == 0 and shutil.which("setpriv"):
        return ["setpriv", "--inh-caps=-all", "--bounding-set=-all", *program]
    return program


def _as_ever(_: Random, root: Path, command: list[str], limit: int = -1) -> Told:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return _end_of(_started(root, _command(command), bounded))


def _started(
    root: Path, command: list[str], first: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """The command in the fleet's directory; `first` is done in its process before it begins."""
    return subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=first,
    )


def _end_of(process: subprocess.Popen[str]) -> Told:
    """What it said until its end; of one that has no end, that."""
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Told((), 124, "", f"waited for {PATIENCE} s", PATIENCE)
    return Told((), process.returncode, out, err, time.monotonic() - began)


def _full_disk(random: Random, root: Path, command: list[str]) -> Told:
    return _as_ever(random, root, command, limit=random.choice([0, 10, 200, 2000]))


def _redirected(words: str, _: Random, root: Path, command: list[str]) -> Told:
    """With an output that nobody has, or that is full."""
    script = ["sh", "-c", f'exec "$@" {words}', "sh", *_command(command)]
    return _end_of(_started(root, script))


def _signalled(random: Random, root: Path, command: list[str]) -> Told:
    """Ended at some moment, and then, for `generate`, done again to its end."""
    process = _started(root, _command(command))
    time.sleep(random.random() * 1.5)
    process.send_signal(random.choice(SIGNALS))
    return _end_of(process)


WAYS: Mapping[str, Callable[[Random, Path, list[str]], Told]] = {
    "as ever": _as_ever,
    "a full disk": _full_disk,
    "a signal": _signalled,
    "stdout closed": partial(_redirected, ">&-"),
    "stderr closed": partial(_redirected, "2>&-"),
    "stdout full": partial(_redirected, ">/dev/full"),
    "both closed": partial(_redirected, ">&- 2>&-"),
}
