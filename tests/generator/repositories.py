"""Git repositories of tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

WHO = [
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "init.defaultBranch=main",
]


def git(directory: Path, *arguments: str) -> str:
    """Runs git, and returns what it prints."""
    done = subprocess.run(
        ["git", *WHO, "-C", directory, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(directory: Path, message: str = "Change") -> str:
    """Commits everything; returns the commit's id."""
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(directory, "rev-parse", "HEAD")
