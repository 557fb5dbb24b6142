"""The nouns of models: their files, the server that will load them, and what is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tritonfleet.models.message import MODEL
from tritonfleet.models.said import NOWHERE, Misread, Place, Said
from tritonfleet.models.text import read
from tritonfleet.problem import ERROR

CONFIG = "config.pbtxt"
# As the server reads a directory's name: std::stoll, but no leading zeros (core, model_lifecycle.cc, VersionsToLoad).
_VERSION = re.compile(r"\s*[+-]?[0-9]+")
# What lies beside versions and is none (the same, from 25.01 on; before, a name without digits was passed over anyway).
_NO_VERSIONS = frozenset({"warmup", "initial_state", "configs"})


class Finding(NamedTuple):
    """One thing that is wrong with a model, and where in its files; without a file it is about the whole model."""

    code: str
    message: str
    hint: str = ""
    file: str = ""
    place: Place = NOWHERE
    severity: str = ERROR


@dataclass(frozen=True, slots=True)
class Server:
    """What is known of the server that will load the models."""

    version: str = ""
    """YY.MM; "" where nobody says it."""
    completes: bool = True
    """Whether it completes configurations by itself: `--disable-auto-complete-config` is not given."""
    devices: int | None = None
    """GPUs of a pod; None where nobody says it."""
    caches: bool | None = None
    """Whether it has a response cache; None where nobody says it."""


@dataclass(frozen=True)
class Model:
    """A model's directory: the texts of its files by their paths; None for a file that is there and was not read."""

    name: str
    files: Mapping[str, str | None]

    @cached_property
    def config(self) -> Said:
        """What config.pbtxt says; nothing, where there is none or it cannot be read."""
        said = self.reading
        return said if isinstance(said, Said) else Said(MODEL, NOWHERE, ())

    @cached_property
    def reading(self) -> Said | Misread:
        return read(self.files.get(CONFIG) or "", MODEL)

    @property
    def has_config(self) -> bool:
        return CONFIG in self.files

    @property
    def directories(self) -> set[str]:
        """Names of the directories in the model's."""
        return {path.split("/", 1)[0] for path in self.files if "/" in path}

    @property
    def versions(self) -> dict[int, str]:
        """The directories of versions: their numbers and their names."""
        found = {}
        for name in self.directories - _NO_VERSIONS:
            match = _VERSION.match(name)
            if match and not (len(name) > 1 and name.startswith("0")):
                found[int(match[0])] = name
        return found

    @property
    def loaded_versions(self) -> list[int]:
        """Those that the server will load, by the version policy."""
        versions = sorted(self.versions, reverse=True)
        policy = self.config.message("version_policy")
        if policy.has("specific"):
            wanted = policy.message("specific").numbers("versions")
            return [each for each in versions if each in wanted]
        if policy.has("latest"):  # without a number it is none
            return versions[: policy.message("latest").number("num_versions")]
        return versions if self.config.has("version_policy") else versions[:1]

    def content(self, directory: str) -> set[str]:
        """Names of what lies in one of the model's directories."""
        prefix = f"{directory}/"
        below = [path for path in self.files if path.startswith(prefix)]
        return {path.removeprefix(prefix).split("/", 1)[0] for path in below}
