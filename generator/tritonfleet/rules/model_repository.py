"""The models that a server finds: those written in the values, and those that other values name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from tritonfleet.facts import (
    InlineModels,
    inline_models,
    is_filled_later,
    path_of_inline_models,
)
from tritonfleet.models import Model, closure
from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import Message
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values, dotted, lookup

MOST_MODELS = 500  # that are compared with a wrong name
# A release's values live in etcd twice: in a ConfigMap and in Helm's own record.
INLINE_BYTES = 256 * 1024
LONGEST_KEY = 253  # of a ConfigMap
_RELEASE = re.compile(r"[0-9]{2}\.[0-9]{2}")  # as tags of Triton's own images begin
_IN_VERSION = re.compile(r"[1-9][0-9]*/")
_OBJECT_STORES = ("s3", "gcs", "azure")
# What Go's JSON writes as six bytes, like \u003c, and how many more these are than the character's own.
_ESCAPED_BY_GO = {"<": 5, ">": 5, "&": 5, "\u2028": 3, "\u2029": 3}
FREE_INSTANCES = 4  # of a Python model, for which the default shared memory is enough


def _at_model(release: Release, model: str, message: str, hint: str) -> Problem:
    """A problem of an inline model, blamed on its name."""
    repository = path_of_inline_models(release.complete())
    path = (*repository, model)
    return at(release, path, message, hint, key=True)


def _configs(values: Values, backend: str) -> Iterator[tuple[str, Message]]:
    """The inline models of a backend, each with what its config.pbtxt says."""
    for name, files in inline_models(values).items():
        model = Model(name, files)
        if run_of(model).backend == backend:
            yield name, model.config


@release_rule("TF168", "repository", WARNING)
def created_claim_can_be_filled(release: Release, values: Values) -> Iterator[Problem]:
    """A claim that the chart creates is empty, so somebody must be able to write to it."""
    path = ("repository", "pvc", "create", "accessModes")
    if lookup(values, path) == ["ReadOnlyMany"]:
        message = "the chart creates this claim empty, and nobody can write to it"
        hint = "add ReadWriteMany, or create the claim elsewhere and name it in `claim`"
        yield at(release, path, message, hint)


@release_rule("TF150", "repository", WARNING)
def vllm_is_in_the_image(release: Release, values: Values) -> Iterator[Problem]:
    """An inline vLLM model runs on an image with vLLM."""
    tag = values["image"]["tag"]
    # What is in an image of somebody's own, or behind a digest, nobody can tell.
    if "vllm" in tag + values["image"]["repository"] or not _RELEASE.match(tag):
        return
    for model, _ in _configs(values, "vllm"):
        message = f"model {model} needs the vLLM backend, but the image is {tag}"
        hint = "use an image with vLLM, like 24.12-vllm-python-py3"
        yield _at_model(release, model, message, hint)


@release_rule("TF151", "repository", WARNING)
def python_instances_are_set(release: Release, values: Values) -> Iterator[Problem]:
    """Shared memory is made for as many instances as inline Python models have."""
    expected = values["sharedMemory"]["pythonInstances"]
    most = max(expected, FREE_INSTANCES)
    for model, config in _configs(values, "python"):
        instances = _instances(config)
        if instances > most:
            has = f"model {model} has {instances} Python instances"
            message = f"{has}, but `sharedMemory.pythonInstances` is {expected}"
            hint = f"set sharedMemory: {{pythonInstances: {instances}}}"
            yield _at_model(release, model, message, hint)


def _instances(config: Message) -> int:
    """Instances of all groups; a group without a count has one."""
    groups = config.messages("instance_group")
    return sum(group.number("count") or 1 for group in groups)


@release_rule("TF152", "repository")
def inline_models_are_small(release: Release, values: Values) -> Iterator[Problem]:
    """Inline models fit the objects that they are written to."""
    models = inline_models(values)
    if not models:
        return
    size = _bytes_in_json(models)
    if size > INLINE_BYTES:
        path = path_of_inline_models(values)[:2]
        limit = f"at most {INLINE_BYTES} fit a release"
        message = f"the inline models have {size} bytes; {limit}"
        hint = "serve them from a volume or an object store"
        yield at(release, path, message, hint, key=True)


def _bytes_in_json(models: InlineModels) -> int:
    """Bytes of the models as the chart counts them: Go's JSON has no spaces."""
    text = json.dumps(models, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode())
    for character, more in _ESCAPED_BY_GO.items():
        size += more * text.count(character)
    return size


@release_rule("TF163", "repository")
def inline_files_have_places(release: Release, values: Values) -> Iterator[Problem]:
    """Files of inline models have keys that a ConfigMap takes, and none is a directory of another."""
    for model, files in inline_models(values).items():
        for path in files:
            yield from _too_long_key(release, model, path)
            yield from _file_and_directory(release, model, path, files)


def _too_long_key(release: Release, model: str, path: str) -> Iterator[Problem]:
    key = _key(model, path)
    if len(key) > LONGEST_KEY:
        message = f"{path} of model {model} is too long for a ConfigMap"
        begins = f"`{key[:20]}…`"
        hint = f"shorten it: its key, {begins}, may have {LONGEST_KEY} characters"
        yield _at_model(release, model, message, hint)


def _file_and_directory(
    release: Release, model: str, path: str, files: Collection[str]
) -> Iterator[Problem]:
    """Files that a path takes for directories."""
    for file in _files_above(path, files):
        clash = f"is a file, and {path} makes it a directory"
        message = f"{file} of model {model} {clash}"
        yield _at_model(release, model, message, "rename one of the two")


def _key(model: str, path: str) -> str:
    """A file's key in the ConfigMap, as the chart writes it: a key has no slashes."""
    file = path.replace("/", "..")
    return f"{model}..{file}"


def _files_above(path: str, files: Collection[str]) -> Iterator[str]:
    """The files that would have to be directories of a path."""
    for directory in _directories_of(path):
        if directory in files:
            yield directory


def _directories_of(path: str) -> Iterator[str]:
    """a and a/b of a/b/c."""
    parts = path.split("/")
    for length in range(1, len(parts)):
        yield "/".join(parts[:length])


@release_rule("TF157", "repository")
def inline_models_have_versions(release: Release, values: Values) -> Iterator[Problem]:
    """An inline model has a version: a file in a directory with a number for its name."""
    for model, files in inline_models(values).items():
        has_version = any(map(_IN_VERSION.match, files))
        if not has_version:
            message = f"model {model} has no version, so Triton does not start"
            hint = "put a file below a number, like `1/model.py`; for an ensemble any small one will do"
            yield _at_model(release, model, message, hint)


@release_rule("TF153", "repository loadModels test")
def named_models_are_there(release: Release, values: Values) -> Iterator[Problem]:
    """A model that is named is there, where the values say which are."""
    yield from _unknown_models_to_load(release, values)
    yield from _unknown_model_to_test(release, values)


def _unknown_models_to_load(release: Release, values: Values) -> Iterator[Problem]:
    """Models in `loadModels` that the values, which hold all models, do not have."""
    models = inline_models(values)
    if not models:  # what another kind of repository holds, the values do not say
        return
    known = {*models, "*"}
    place = dotted(path_of_inline_models(values))
    for index, model in enumerate(values["loadModels"]):
        if model not in known:
            path = ("loadModels", index)
            message = f"model {model} is not in `{place}`"
            hint = _another(model, models)
            yield at(release, path, message, hint)


def _unknown_model_to_test(release: Release, values: Values) -> Iterator[Problem]:
    """Without `loadModels` the server loads the whole repository, and the values do not say what that is."""
    named = values["loadModels"]
    tested = values["test"]["inference"].get("model")
    if not named or not tested or tested in named:
        return
    loaded = _loaded(named, inline_models(values))
    if tested not in loaded:
        path = ("test", "inference", "model")
        message = f"model {tested} is not in `loadModels`"
        hint = _another(tested, loaded)
        yield at(release, path, message, hint)


def _loaded(named: list[str], models: InlineModels) -> Collection[str]:
    """What is named, and of inline models what named ensembles call."""
    there = {name: Model(name, files) for name, files in models.items()}
    loaded = set(named)
    loaded.update(closure(named, there))
    return loaded


def _another(model: str, models: Collection[str]) -> str:
    """What to do about a name that is none of these models'."""
    compared = list(models)[:MOST_MODELS]
    return similar(model, compared) or "add it there, or name another"


@release_rule("TF154", "repository")
def empty_volume_is_filled(release: Release, values: Values) -> Iterator[Problem]:
    """An empty volume is filled before the server starts."""
    if values["repository"].get("emptyDir") is None:
        return
    is_filled = values["fetch"]["enabled"] or values["initContainers"]
    if not is_filled and not is_filled_later(values):
        message = "the volume is empty at every start"
        hint = "fill it with `fetch` or an init container"
        yield at(release, ("repository", "emptyDir"), message, hint, key=True)


@release_rule("TF176", "modelControl", WARNING)
def object_storage_is_not_polled(release: Release, values: Values) -> Iterator[Problem]:
    """The server looks for changes on a disk, not over the network."""
    is_polled = values["modelControl"]["mode"] == "poll"
    stores = values["repository"].keys() & _OBJECT_STORES
    if is_polled and stores:
        message = "polling object storage reloads the models at every look, until the server dies"
        hint = "a new `modelVersion` rolls the pods when models change"
        yield at(release, ("modelControl", "mode"), message, hint)
