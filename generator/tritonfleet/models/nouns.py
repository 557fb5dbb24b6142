"""The nouns of models: their files, the server that will load them, and what is found."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tritonfleet.models.fields import NOWHERE, Message, Misread, Place
from tritonfleet.models.message import MODEL
from tritonfleet.models.text import read
from tritonfleet.problem import ERROR, similar

CONFIG = "config.pbtxt"
MOST_WORDS = 200  # that a wrong name is compared with, in some 10 µs each
ENSEMBLE = "ensemble"  # a platform without a backend
PLAN = "ensemble_scheduling"  # the field that only an ensemble has
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


def in_config(place: Place, code: str, message: str, hint: str = "") -> Finding:
    """A finding at a place in config.pbtxt."""
    return Finding(code, message, hint, CONFIG, place)


def at_field(
    said: Message, field: str, code: str, message: str, hint: str = ""
) -> Finding:
    """A finding at a field of config.pbtxt; where its message begins, if the field is not given."""
    return in_config(said.at(field), code, message, hint)


def guess(word: str, words: Collection[str]) -> str:
    """A hint that names what was probably meant; of very many words, only the first are compared."""
    return similar(word, sorted(words)[:MOST_WORDS])


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
    has_metrics: bool | None = None
    """Whether it has metrics; None where nobody says it, and then it has."""
    limits_rates: bool | None = None
    """Whether it has a rate limiter; None where nobody says it."""
    resources: Mapping[str, int] = field(default_factory=dict)
    """How much its rate limiter hands out, by name; empty where it follows what is asked for."""


@dataclass(frozen=True)
class Model:
    """A model's directory: the texts of its files by their paths; None for a file that is there and was not read."""

    name: str
    files: Mapping[str, str | None]

    @cached_property
    def config(self) -> Message:
        """What config.pbtxt says; nothing, where there is none or it cannot be read."""
        said = self.reading
        return said if isinstance(said, Message) else Message(MODEL, NOWHERE, ())

    @cached_property
    def reading(self) -> Message | Misread:
        """config.pbtxt as it was walked; of an absent one, a message without fields."""
        return read(self.files.get(CONFIG) or "", MODEL)

    @property
    def has_config(self) -> bool:
        return CONFIG in self.files

    @property
    def platform(self) -> str:
        """What the configuration says; "" where it does not."""
        return self.config.text("platform")

    @property
    def backend(self) -> str:
        """What the configuration says; what the server makes of a model, `run_of` tells."""
        return self.config.text("backend")

    @property
    def is_ensemble(self) -> bool:
        return self.platform == ENSEMBLE

    @property
    def has_plan(self) -> bool:
        return self.config.has(PLAN)

    @property
    def max_batch_size(self) -> int:
        """0 for a model that takes no batches."""
        return self.config.number("max_batch_size")

    @property
    def directories(self) -> set[str]:
        """Names of the directories in the model's."""
        return {_first_part(path) for path in self.files if "/" in path}

    @property
    def versions(self) -> dict[int, str]:
        """The directories of versions: their numbers and their names."""
        found = {}
        for name in self.directories - _NO_VERSIONS:
            match = _VERSION.match(name)
            has_leading_zero = len(name) > 1 and name.startswith("0")
            if match and not has_leading_zero:
                found[int(match[0])] = name
        return found

    @property
    def loaded_versions(self) -> list[int]:
        """Those that the server will load, by the version policy."""
        versions = sorted(self.versions, reverse=True)
        policy = self.config.message("version_policy")
        if policy.has("specific"):
            wanted = self.specific_versions
            return [each for each in versions if each in wanted]
        if policy.has("latest"):  # without a number it is none
            most = policy.message("latest").number("num_versions")
            return versions[:most]
        # Without a policy it is the latest; the policy that is left is all of them.
        return versions if self.config.has("version_policy") else versions[:1]

    @property
    def specific_versions(self) -> list[int]:
        """Those that the version policy names."""
        policy = self.config.message("version_policy")
        return policy.message("specific").numbers("versions")

    def has(self, path: str) -> bool:
        """Whether there is a file, or a directory with something in it."""
        return posixpath.normpath(path) in self._paths

    @cached_property
    def _paths(self) -> set[str]:
        """All files, and the directories that they are in."""
        paths = {path.removesuffix("/") for path in self.files}
        around = {posixpath.dirname(path) for path in paths}
        while around - paths:
            paths |= around
            around = {posixpath.dirname(path) for path in around}
        return paths

    def content(self, directory: str) -> set[str]:
        """Names of what lies in one of the model's directories."""
        prefix = f"{directory}/"
        return {
            _first_part(path.removeprefix(prefix))
            for path in self.files
            if path.startswith(prefix)
        }


def _first_part(path: str) -> str:
    """a of a/b/c."""
    return path.split("/", 1)[0]
