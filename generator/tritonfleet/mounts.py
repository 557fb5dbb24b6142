"""What the chart mounts into the server by itself: volumes with their kinds, and where each is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet import vllm
from tritonfleet.facts import inline_models, path_of_inline_models
from tritonfleet.modes import DYNAMO, mode
from tritonfleet.values import KeyPath, Values, mapping_at, text_at

TEMPORARY = "/tmp"  # noqa: S108 -- a path in the pod
MODELS = "/models"
# The kind of volume that each source of models becomes.
KINDS = {
    "pvc": "persistentVolumeClaim",
    "oci": "image",
    "emptyDir": "emptyDir",
    "hostPath": "hostPath",
    "nfs": "nfs",
}


class Mounted(NamedTuple):
    """A volume of the chart in the server's container."""

    volume: str
    kind: str
    """The volume's source, as Kubernetes names it: emptyDir, secret."""
    directory: str
    """Where it is mounted; of one file, the file."""
    origin: KeyPath
    """The value that asks for it."""


def of_chart(values: Values) -> Iterator[Mounted]:
    """All of them, in the chart's order."""
    yield _scratch(values)
    yield Mounted("shm", "emptyDir", "/dev/shm", ("sharedMemory",))  # noqa: S108
    yield from _of_object_storage(values)
    yield from _of_models(values)
    yield from _of_weights(values)
    if values["grpc"]["tls"]["enabled"]:
        yield Mounted("tls", "secret", "/etc/triton/tls", ("grpc", "tls"))
    if mode(values) == DYNAMO and values["dynamo"]["discovery"] == "file":
        origin = ("dynamo", "fileClaim")
        yield Mounted("dynamo", "persistentVolumeClaim", "/dynamo", origin)
    yield from _caches(values)


def of_fetch(values: Values) -> Iterator[Mounted]:
    """Those of the container that fills the repository's volume; beside inline models, the caches."""
    yield _scratch(values)
    if inline_models(values):
        yield from _caches(values)
    for mounted in _of_models(values):
        if mounted.volume == "models":
            yield mounted


def _scratch(values: Values) -> Mounted:
    """What is at /tmp. A chart before 0.2 has one kind of it."""
    volume = values["scratch"].get("volume")
    if volume:
        origin = ("scratch", "volume")
        return Mounted("tmp", kind_of(volume), TEMPORARY, origin)
    return Mounted("tmp", "emptyDir", TEMPORARY, ("scratch",))


def kind_of(source: Values) -> str:
    """The kind of a volume's source: its only key."""
    return next(iter(source), "emptyDir")


def _caches(values: Values) -> Iterator[Mounted]:
    """Caches, on claims or in the pod's own space; a chart before 0.2 has none."""
    for index, cache in enumerate(values.get("caches", ())):
        kind = "emptyDir"
        if "claim" in cache or "create" in cache:
            kind = "persistentVolumeClaim"
        name = f"cache-{cache['name']}"
        origin = ("caches", index)
        yield Mounted(name, kind, cache["mountPath"], origin)


def _of_volume(volume: Values, name: str, origin: KeyPath) -> Mounted:
    """A repository in any kind of volume, at a directory of its own or of the chart's."""
    kind = kind_of(volume["source"])
    directory = volume.get("mountPath", f"/{name}")
    path = (*origin, "volume", "source")
    return Mounted(name, kind, directory, path)


def _of_object_storage(values: Values) -> Iterator[Mounted]:
    """Files of Secrets that a server needs to read from s3, gcs or azure."""
    repository = values["repository"]
    if text_at(repository, "s3", "caSecret"):
        file = "/etc/ssl/certs/ca-certificates.crt"
        origin: KeyPath = ("repository", "s3", "caSecret")
        yield Mounted("ca-bundle", "secret", file, origin)
    for source in ("s3", "gcs", "azure"):
        credentials = mapping_at(repository, source, "credentials")
        if not text_at(credentials, "secretName"):
            continue
        # GOOGLE_APPLICATION_CREDENTIALS is a file's place; the others may be variables.
        if source == "gcs" or text_at(credentials, "as") == "file":
            origin = ("repository", source, "credentials")
            yield Mounted("credentials", "secret", "/var/run/secrets/triton", origin)


def _of_models(values: Values) -> Iterator[Mounted]:
    """The repository, where it is a volume: one, or one for each inline model."""
    yield from _of_repository(values["repository"])
    for index, extra in enumerate(values.get("extraRepositories", ())):
        if "volume" in extra:
            name = f"models-{index + 1}"
            origin = ("extraRepositories", index)
            yield _of_volume(extra["volume"], name, origin)
    models = inline_models(values)
    if models:
        path = path_of_inline_models(values)
        for model in sorted(models):
            yield _of_inline_model(model, (*path, model))


def _of_repository(repository: Values) -> Iterator[Mounted]:
    """The repository itself, where its kind is a volume."""
    for source, kind in KINDS.items():
        if repository.get(source):
            yield Mounted("models", kind, MODELS, ("repository", source))
    if repository.get("volume"):
        yield _of_volume(repository["volume"], "models", ("repository",))


def _of_weights(values: Values) -> Iterator[Mounted]:
    """Weights of vLLM: one directory for each name that is downloaded, or the whole volume."""
    for source, settings in vllm.weights(values).items():
        kind = vllm.volume_of(settings)
        origin = ("weights", source)
        if source not in vllm.DOWNLOADED:
            yield Mounted("weights", kind, vllm.WEIGHTS, origin)
            continue
        for name in vllm.downloads(values):
            directory = f"{vllm.WEIGHTS}/{name}"
            yield Mounted("weights", kind, directory, origin)


def of_weights(values: Values) -> Iterator[Mounted]:
    """Those of the container that downloads weights, or waits for them."""
    if not vllm.is_filled_by_a_job(values):
        yield _scratch(values)
    for source, settings in vllm.weights(values).items():
        kind = vllm.volume_of(settings)
        origin = ("weights", source)
        yield Mounted("weights", kind, vllm.WEIGHTS, origin)


def _of_inline_model(model: str, origin: KeyPath) -> Mounted:
    """The ConfigMap of one inline model. Not every model's name can name a volume, so a digest stands for it."""
    digest = hashlib.sha256(model.encode()).hexdigest()
    volume = f"model-{digest[:10]}"
    return Mounted(volume, "configMap", f"{MODELS}/{model}", origin)
