"""Which backend runs a model, and which file it reads: as the server completes it from names.

Source: triton-inference-server/core, src/model_config_utils.cc (AutoCompleteBackendFields, GetBackendType) and
src/constants.h, at 2.71; backends that are no longer in the server are still in its table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tritonfleet.models.nouns import ENSEMBLE, Model


class Known(NamedTuple):
    """A backend that the server knows: its platforms, and the file that it reads."""

    backend: str
    platforms: tuple[str, ...]
    file: str


KNOWN = (
    Known("tensorflow", ("tensorflow_savedmodel",), "model.savedmodel"),
    Known("tensorflow", ("tensorflow_graphdef",), "model.graphdef"),
    Known("tensorrt", ("tensorrt_plan",), "model.plan"),
    Known("onnxruntime", ("onnxruntime_onnx",), "model.onnx"),
    Known("openvino", (), "model.xml"),
    Known("pytorch", ("pytorch_libtorch", "libtorch"), "model.pt"),
    Known("pytorch", ("torch_aoti",), "model.pt2"),
    Known("python", (), "model.py"),
)
WITH_KNOWN_FILES = frozenset(each.backend for each in KNOWN)
# Backends of NVIDIA's images and repositories that read what they are told, by names of their own.
OTHERS = frozenset(
    {"vllm", "tensorrtllm", "dali", "fil", "identity", "repeat", "square"}
)
BACKENDS = sorted(WITH_KNOWN_FILES | OTHERS)
PLATFORMS = sorted({name for each in KNOWN for name in each.platforms} | {ENSEMBLE})


class Run(NamedTuple):
    """What the server makes of a model: "" for what it cannot tell."""

    backend: str
    file: str


def run_of(model: Model) -> Run:
    """The backend and the file of a model: what the configuration says, or what names say."""
    if model.is_ensemble:
        return Run("", "")
    file = _told_file(model)
    known = _known(model)
    if known is None:
        return Run(model.backend, file)
    return Run(model.backend or known.backend, file or known.file)


def _told_file(model: Model) -> str:
    return model.config.text("default_model_filename")


def _known(model: Model) -> Known | None:
    """By what the configuration says first of backend, platform and file; if nothing, by the names of files."""
    if model.backend:
        return _of_backend(model)
    if model.platform:
        return _of_platform(model.platform, KNOWN)
    file = _told_file(model)
    if file:
        return _first(each for each in KNOWN if each.file == file)
    return _by_content(model) or _by_name(model.name)


def _of_platform(platform: str, among: Iterable[Known]) -> Known | None:
    return _first(each for each in among if platform in each.platforms)


def _first(known: Iterable[Known]) -> Known | None:
    return next(iter(known), None)


def _of_backend(model: Model) -> Known | None:
    """Of two kinds of files, the first is the one that the server takes when nobody says which."""
    if model.backend == "tensorflow" and not model.platform:
        return _by_content(model)
    own = [each for each in KNOWN if each.backend == model.backend]
    return _of_platform(model.platform, own) or _first(own)


def _by_content(model: Model) -> Known | None:
    """What lies in the first directory tells: the server looks into no other."""
    first = min(model.directories, default="")
    content = model.content(first)
    return _first(each for each in KNOWN if each.file in content)


def _by_name(name: str) -> Known | None:
    """A directory model.identity is a model of the backend identity."""
    _, dot, backend = name.partition(".")
    return Known(backend, (), f"model.{backend}") if dot else None
