"""Model repositories made of the models in models/, in the place of images, claims and buckets."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

MODELS = Path(__file__).parents[1] / "models"


def copy(directory: Path, *names: str) -> Path:
    """A repository with these models."""
    for name in names:
        shutil.copytree(MODELS / name, directory / name)
    return directory


def stand_ins(directory: Path, names: Iterable[str]) -> Path:
    """A repository with the model `add` under each of these names."""
    for name in names:
        shutil.copytree(MODELS / "add", directory / name)
    return directory
