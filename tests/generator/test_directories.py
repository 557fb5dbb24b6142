"""Paths of files, and the directories that they lead through."""

from __future__ import annotations

from tritonfleet.directories import by_directory, directories_of


def test_directories_are_those_of_files_and_those_around_them() -> None:
    paths = ["charts.yaml", "dev/one/values.yaml", "dev/two/values.yaml"]
    assert directories_of(paths) == {"dev", "dev/one", "dev/two"}


def test_files_of_one_directory_are_together() -> None:
    files = {"dev/b/2": "x", "a": "y", "dev/b/1": "z", "dev/a/1": ""}
    assert by_directory(files) == [
        ("", {"a": "y"}),
        ("dev/a", {"1": ""}),
        ("dev/b", {"2": "x", "1": "z"}),
    ]
