"""Whether a model is what its directory says: its name, its backend, its versions and the files that they need."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tritonfleet.models.backends import (
    BACKENDS,
    KNOWN,
    PLATFORMS,
    WITH_KNOWN_FILES,
    Run,
    run_of,
)
from tritonfleet.models.nouns import (
    CONFIG,
    ENSEMBLE,
    PLAN,
    Finding,
    Model,
    Server,
    at_field,
)
from tritonfleet.problem import WARNING, similar

_LARGEST = 2**63 - 1  # the server reads a version with std::stoll, which throws


def name_is_the_directory(model: Model, _: Server) -> Iterator[Finding]:
    """The server takes the directory's name, and refuses another one."""
    config = model.config
    name = config.name
    if name and name != model.name:
        names = f"the model {name}, its directory {model.name}"
        message = f"the configuration calls {names}"
        hint = "remove `name`, or make them the same"
        yield at_field(config, "name", "TF204", message, hint)


def backend_is_told(model: Model, _: Server) -> Iterator[Finding]:
    """What the server refuses before it looks for the backend."""
    config = model.config
    if model.is_ensemble:
        if model.backend:
            message = "an ensemble has no backend"
            yield at_field(config, "backend", "TF205", message, "remove `backend`")
    elif run_of(model).backend:
        yield from _pair(model)
        yield from _nearly_known(model)
    else:
        yield _without_backend(model)


def _without_backend(model: Model) -> Finding:
    """What is nearest to telling the server a backend."""
    platform = model.platform
    if platform:
        message = f"Triton knows no platform {platform}"
        hint = similar(platform, PLATFORMS) or "set `backend` in its place"
        return at_field(model.config, "platform", "TF205", message, hint)
    if model.has_plan:
        message = f"`{PLAN}` is given, and the platform is not"
        hint = f'add `platform: "{ENSEMBLE}"`'
        return at_field(model.config, PLAN, "TF205", message, hint)
    message = f"nothing says which backend runs model {model.name}"
    return Finding("TF205", message, 'add a line like `backend: "python"`', CONFIG)


def _pair(model: Model) -> Iterator[Finding]:
    """Of the backends that the server knows by type, each takes its own platforms only."""
    platform, backend = model.platform, model.backend
    own = _platforms_of(backend)
    if own and platform and platform not in own:
        message = f"backend {backend} does not run platform {platform}"
        yield at_field(model.config, "platform", "TF205", message, "remove `platform`")


def _platforms_of(backend: str) -> list[str]:
    own: list[str] = []
    for each in KNOWN:
        if each.backend == backend:
            own += each.platforms
    return own


def _nearly_known(model: Model) -> Iterator[Finding]:
    """Somebody may have a backend of this name; more often it is a slip."""
    backend = model.backend
    if not backend or backend in BACKENDS:
        return
    guess = similar(backend, BACKENDS)
    if guess:
        message = f"NVIDIA has no backend {backend}"
        finding = at_field(model.config, "backend", "TF205", message, guess)
        yield finding._replace(severity=WARNING)


def a_version_is_loaded(model: Model, _: Server) -> Iterator[Finding]:
    """A model has versions, and its policy leaves one."""
    if not model.versions:
        message = f"model {model.name} has no version, so Triton does not start"
        hint = "put a file below a number, like `1/model.py`; for an ensemble any small one will do"
        yield Finding("TF157", message, hint)
        return
    for number, directory in model.versions.items():
        if abs(number) > _LARGEST:
            message = f"directory {directory} is a version of more than 64 bits, and Triton ends"
            yield Finding("TF157", message, "give it another name")
    missing = sorted({*model.specific_versions} - model.versions.keys())
    if missing or not model.loaded_versions:
        yield _versions_missing(model, missing)


def _versions_missing(model: Model, missing: list[int]) -> Finding:
    there = ", ".join(map(str, sorted(model.versions)))
    wanted = ", ".join(map(str, missing)) or "none"
    message = f"the version policy wants {wanted}, and the model has {there}"
    hint = "name versions that are there"
    finding = at_field(model.config, "version_policy", "TF207", message, hint)
    if model.loaded_versions:
        # Of several versions the server loads those that are there, and only logs the others.
        return finding._replace(severity=WARNING)
    return finding


def files_are_there(model: Model, _: Server) -> Iterator[Finding]:
    """Of each version that is loaded, the file that its backend reads."""
    # With names by compute capability, each device reads a file of its own.
    if model.config.has("cc_model_filenames"):
        return
    run = run_of(model)
    accepted = _accepted(run)
    if not accepted:
        return
    for version in model.loaded_versions:
        directory = model.versions[version]
        if not any(model.has(f"{directory}/{file}") for file in accepted):
            file = run.file
            reads = f"{file}, which backend {run.backend} reads"
            message = f"version {directory} has no {reads}"
            yield Finding("TF206", message, f"add {directory}/{file}", CONFIG)


def _accepted(run: Run) -> set[str]:
    """Names of files of which a backend reads one; none of a backend whose files nobody can tell."""
    if run.backend not in WITH_KNOWN_FILES:
        return set()
    if run.backend == "pytorch":
        return {run.file, "model.py"}  # a model of PyTorch 2 in source
    return {run.file}


def labels_are_there(model: Model, _: Server) -> Iterator[Finding]:
    """Files of labels lie beside config.pbtxt."""
    for output in model.config.messages("output"):
        file = output.text("label_filename")
        if file and _is_inside(file) and not model.has(file):
            message = f"there is no file {file} in the model's directory"
            hint = "add it, or remove the line"
            yield at_field(output, "label_filename", "TF215", message, hint)


def _is_inside(file: str) -> bool:
    """Whether a path stays in the model's directory: what is elsewhere nobody can tell from here."""
    return not posixpath.normpath(file).startswith(("/", ".."))
