"""Whether a model is what its directory says: its name, its backend, its versions and the files that they need."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.backends import (
    BACKENDS,
    ENSEMBLE,
    KNOWN,
    PLATFORMS,
    run_of,
)
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.said import Place
from tritonfleet.problem import WARNING, similar


def name_is_the_directory(model: Model, _: Server) -> Iterator[Finding]:
    name = model.config.text("name")
    if name and name != model.name:
        message = (
            f"the configuration calls the model {name}, its directory {model.name}"
        )
        hint = "remove `name`, or make them the same"
        yield Finding("TF204", message, hint, CONFIG, model.config.at("name"))


def backend_is_told(model: Model, _: Server) -> Iterator[Finding]:
    """What the server refuses before it looks for the backend."""
    config = model.config
    platform, backend = config.text("platform"), config.text("backend")
    if platform == ENSEMBLE:
        if backend:
            message = "an ensemble has no backend"
            yield _of_field(model, "TF205", "backend", message, "remove `backend`")
        return
    if not run_of(model).backend:
        yield _without_backend(model, platform)
        return
    yield from _pair(model)
    if platform not in PLATFORMS or backend:
        yield from _nearly_known(model)


def _without_backend(model: Model, platform: str) -> Finding:
    if platform:
        message = f"Triton knows no platform {platform}"
        hint = similar(platform, PLATFORMS) or "set `backend` in its place"
        return _of_field(model, "TF205", "platform", message, hint)
    if model.config.has("ensemble_scheduling"):
        hint = f'add `platform: "{ENSEMBLE}"`'
        message = "`ensemble_scheduling` is given, and the platform is not"
        return _of_field(model, "TF205", "ensemble_scheduling", message, hint)
    message = f"nothing says which backend runs model {model.name}"
    return Finding("TF205", message, 'add a line like `backend: "python"`', CONFIG)


def _pair(model: Model) -> Iterator[Finding]:
    """Of the backends that the server knows by type, each takes its own platforms only."""
    platform, backend = model.config.text("platform"), model.config.text("backend")
    own = [name for each in KNOWN if each.backend == backend for name in each.platforms]
    if own and platform and platform not in own:
        message = f"backend {backend} does not run platform {platform}"
        hint = "remove `platform`"
        yield _of_field(model, "TF205", "platform", message, hint)


def _nearly_known(model: Model) -> Iterator[Finding]:
    """Somebody may have a backend of this name; more often it is a slip."""
    backend = model.config.text("backend")
    guess = similar(backend, BACKENDS) if backend not in BACKENDS else ""
    if backend and guess:
        message = f"NVIDIA has no backend {backend}"
        finding = _of_field(model, "TF205", "backend", message, guess)
        yield finding._replace(severity=WARNING)


def a_version_is_loaded(model: Model, _: Server) -> Iterator[Finding]:
    if not model.versions:
        message = f"model {model.name} has no version, so Triton does not start"
        hint = "put a file below a number, like `1/model.py`; for an ensemble any small one will do"
        yield Finding("TF157", message, hint)
        return
    policy = model.config.message("version_policy").message("specific")
    missing = sorted(set(policy.numbers("versions")) - set(model.versions))
    if missing or not model.loaded_versions:
        yield _versions_missing(model, missing)


def _versions_missing(model: Model, missing: list[int]) -> Finding:
    there = ", ".join(map(str, sorted(model.versions)))
    wanted = ", ".join(map(str, missing)) or "none"
    message = f"the version policy wants {wanted}, and the model has {there}"
    hint = "name versions that are there"
    finding = _of_field(model, "TF207", "version_policy", message, hint)
    # Of several versions the server loads those that are there, and only logs the others.
    return finding._replace(severity=WARNING) if model.loaded_versions else finding


def files_are_there(model: Model, _: Server) -> Iterator[Finding]:
    """Of each version that is loaded, the file that its backend reads."""
    run = run_of(model)
    known = [each.backend for each in KNOWN]
    if run.backend not in known or model.config.has("cc_model_filenames"):
        return
    accepted = {run.file}
    if run.backend == "pytorch":
        accepted.add("model.py")  # a model of PyTorch 2 in source
    for version in model.loaded_versions:
        directory = model.versions[version]
        if not accepted & model.content(directory):
            message = f"version {directory} has no {run.file}, which backend {run.backend} reads"
            yield Finding("TF206", message, f"add {directory}/{run.file}", CONFIG)


def labels_are_there(model: Model, _: Server) -> Iterator[Finding]:
    for output in model.config.messages("output"):
        file = output.text("label_filename")
        if file and file not in model.files:
            message = f"there is no file {file} in the model's directory"
            place = output.at("label_filename")
            yield Finding("TF215", message, "add it, or remove the line", CONFIG, place)


def _of_field(model: Model, code: str, field: str, message: str, hint: str) -> Finding:
    return Finding(code, message, hint, CONFIG, _at(model, field))


def _at(model: Model, field: str) -> Place:
    return model.config.at(field)
