"""Writing: whole files or none, nothing through a link, and a rerun that converges."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator import killing
from tests.generator.fleets import REPOSITORY, make_deep
from tests.generator.killing import NEW, OLD
from tests.generator.trees import models, texts, tree, write
from tritonfleet import disk, lock
from tritonfleet.changes import compare
from tritonfleet.present import MARKER, MARKER_TEXT, STAGED
from tritonfleet.problem import Invalid


def test_a_tree_is_written_once(tmp_path: Path) -> None:
    wanted = tree(dev__a__values="a: 1\n", charts="x: 1\n")
    made = write(wanted, tmp_path / "deploy")
    assert (len(made.created), made.any) == (2, True)
    assert texts(tmp_path / "deploy") == wanted.files
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert not write(wanted, tmp_path / "deploy").any
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_removed_releases_leave_no_directory(tmp_path: Path) -> None:
    write(tree(**models(2)), tmp_path)
    write(tree(**models(1)), tmp_path)
    assert sorted(path.name for path in (tmp_path / "dev").iterdir()) == ["m0"]


@pytest.mark.parametrize("link", ["", "dev", "dev/m0", "dev/m0/values.yaml", "other"])
@pytest.mark.parametrize("check", [False, True])
def test_symbolic_links_are_refused(link: str, check: bool, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "deploy", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (out / link).parent.mkdir(parents=True, exist_ok=True)
    (out / link).symlink_to(elsewhere)
    with pytest.raises(Invalid) as caught:
        write(tree(**models(1)), out, check=check)
    assert [problem.code for problem in caught.value.problems] == ["TF061"]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("check", [False, True])
def test_what_is_no_file_is_refused_and_not_waited_for(
    check: bool, tmp_path: Path
) -> None:
    (tmp_path / "dev" / "m0").mkdir(parents=True)
    os.mkfifo(tmp_path / "dev" / "m0" / "values.yaml")
    with pytest.raises(Invalid) as caught:
        write(tree(**models(1)), tmp_path, check=check)
    assert [problem.text for problem in caught.value.problems] == [
        "what is neither a file nor a directory in the output"
    ]


def test_directories_in_each_other_have_an_end(tmp_path: Path) -> None:
    make_deep(tmp_path, 1500)
    with pytest.raises(Invalid, match="1 problems"):
        write(tree(**models(1)), tmp_path)
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)


def test_who_waits_for_another_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    told: list[str] = []

    def when_waiting() -> None:
        told.append("waiting")
        os.close(holder)

    with disk.opened(tmp_path, exclusive=True, when_waiting=when_waiting):
        assert told == ["waiting"]


@pytest.mark.parametrize("check", [False, True])
def test_an_output_that_is_a_file_is_refused(check: bool, tmp_path: Path) -> None:
    (tmp_path / "deploy").write_text("mine\n")
    with pytest.raises(Invalid) as caught:
        write(tree(**models(1)), tmp_path / "deploy", check=check)
    assert [problem.code for problem in caught.value.problems] == ["TF061"]
    assert texts(tmp_path) == {"deploy": "mine\n"}


@pytest.mark.parametrize("link", ["dev", "dev/m0"])
def test_no_link_is_followed_that_appears_after_the_look(
    link: str, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "deploy", tmp_path / "elsewhere"
    elsewhere.mkdir()
    wanted = tree(**models(1))
    with disk.opened(out, exclusive=True) as place:
        changes = compare(wanted, place.present)
        (out / link).parent.mkdir(exist_ok=True)
        (out / link).symlink_to(elsewhere)
        with pytest.raises(OSError, match="dev/m0"):
            place.apply(changes, wanted.files)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_do_not_depend_on_the_umask(umask: int, tmp_path: Path) -> None:
    old = os.umask(umask)
    try:
        write(tree(**models(1)), tmp_path / "generated/deploy")
        disk.write(tmp_path / "rendered", {"dev/m0.yaml": "a: 1\n"})
        assert (
            disk.create(tmp_path / "new/fleet", {"values/fleet.yaml": "name: new\n"})
            == ()
        )
        assert os.umask(umask) == umask
    finally:
        os.umask(old)
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {True: 0o755, False: 0o644}


def test_killed_anywhere_no_file_is_half_written_and_a_rerun_converges(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", killing.__name__, str(tmp_path / "deploy")]
    run = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=REPOSITORY
    )
    assert run.returncode == 0, run.stderr
    times = dict(line.rsplit(": ", 1) for line in run.stdout.splitlines())
    assert times.keys() == killing.WRITERS.keys()
    assert all(int(each) > 15 for each in times.values())


def _run(out: Path, which: int) -> None:
    for _ in range(5):
        write((OLD, NEW)[which], out, 9)


def test_runs_at_once_follow_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_run, args=(tmp_path, i % 2)) for i in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0, 0, 0]
    assert texts(tmp_path) in (OLD.files, NEW.files)


def test_a_full_disk_leaves_the_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(OLD, tmp_path)
    rename = os.rename

    def full(staged: str, name: str, **directories: int) -> None:
        if name != MARKER:
            raise OSError(28, "No space left on device")
        rename(staged, name, **directories)

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError, match="No space left on device: 'dev/m1'"):
        write(NEW, tmp_path)
    monkeypatch.undo()
    left = texts(tmp_path)
    assert left.pop(MARKER) == MARKER_TEXT
    assert {
        path: text for path, text in left.items() if not path.endswith(STAGED)
    } == OLD.files
    write(NEW, tmp_path)
    assert texts(tmp_path) == NEW.files


def test_several_processes_write_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(disk, "MANY", 2)
    wanted = tree(**models(40), **models(40, "prod"), charts="x: 1\n")
    write(wanted, tmp_path)
    assert texts(tmp_path) == wanted.files


FILES = {"values/fleet.yaml": "name: new\n", "values/models/a.yaml": "models: []\n"}


def test_files_are_created_where_none_is(tmp_path: Path) -> None:
    assert disk.create(tmp_path / "new", FILES) == ()
    assert texts(tmp_path / "new") == FILES
    assert disk.create(tmp_path / "new", {**FILES, "README.md": "new\n"}) == tuple(
        FILES
    )
    assert texts(tmp_path / "new") == FILES


@pytest.mark.parametrize(
    "in_the_way", ["values", "values/models", "values/models/a.yaml"]
)
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_nothing_is_created_through_a_link(
    in_the_way: str, target: str, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / "new" / in_the_way
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / target)
    assert disk.create(tmp_path / "new", FILES) == (in_the_way,)
    assert texts(tmp_path) == {}


def test_a_file_where_a_directory_is_to_be_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "values").write_text("mine\n")
    assert disk.create(tmp_path, FILES) == ("values",)
    assert texts(tmp_path) == {"values": "mine\n"}


def test_a_written_file_replaces_the_one_before(tmp_path: Path) -> None:
    disk.write(tmp_path / "out", {"dev/a.yaml": "a: 1\n", "dev/b.yaml": "b: 1\n"})
    disk.write(tmp_path / "out", {"dev/a.yaml": "a: é\n"})
    assert texts(tmp_path / "out") == {"dev/a.yaml": "a: é\n", "dev/b.yaml": "b: 1\n"}


def test_what_cannot_be_written_is_told_with_its_directory(tmp_path: Path) -> None:
    (tmp_path / "dev").write_text("mine\n")
    with pytest.raises(NotADirectoryError, match="'dev'"):
        disk.write(tmp_path, {"dev/a.yaml": "a: 1\n"})


def test_writing_follows_no_link(tmp_path: Path) -> None:
    """A linked directory is refused, and a linked file is replaced by one."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.yaml").write_text("theirs\n")
    (out / "dev").mkdir(parents=True)
    (out / "dev" / "a.yaml").symlink_to(elsewhere / "a.yaml")
    (out / "prod").symlink_to(elsewhere)
    disk.write(out, {"dev/a.yaml": "a: 1\n"})
    with pytest.raises(NotADirectoryError, match="'prod'"):
        disk.write(out, {"prod/a.yaml": "a: 1\n"})
    assert (out / "dev" / "a.yaml").is_symlink() is False
    assert texts(elsewhere) == {"a.yaml": "theirs\n"}
