"""What `check-repository` looks at: models of a directory or of a fleet, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tritonfleet import disk
from tritonfleet.buckets import SCHEME, Bucket, read_bucket
from tritonfleet.commands.fleet import fleet_or_exit, require_known
from tritonfleet.facts import inline_models
from tritonfleet.models import Finding, Model, Server, check
from tritonfleet.models.completion import completions
from tritonfleet.nouns import Fleet, Release
from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.report.problems import counted
from tritonfleet.report.shared import number
from tritonfleet.repositories import CONFIG, Repository, read_repository
from tritonfleet.rules.inline_models import inline_models_can_be_loaded, loaded_models
from tritonfleet.versions import placed

INLINE = frozenset({"configMap", "vllm"})


@dataclass(frozen=True)
class Look:
    """What was looked at, and what was found."""

    looked: str
    problems: list[Problem]
    models: Mapping[str, Model] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        return f"{self.looked}: {counted(self.problems) or 'no errors'}"


def look_at_directory(directory: Path, server: Server) -> Look:
    """All models of a directory, as one server loads them."""
    try:
        repository = read_repository(directory)
    except Invalid as invalid:
        return Look(str(directory), _within(str(directory), invalid.problems))
    return look_at(repository, str(directory), server)


def look_at_bucket(bucket: Bucket, server: Server) -> Look:
    """The same of object storage. OSError and Missing pass."""
    try:
        repository = read_bucket(bucket)
    except Invalid as invalid:
        return Look(bucket.address, _within(bucket.address, invalid.problems))
    return look_at(repository, bucket.address, server)


def look_at(repository: Repository, place: str, server: Server) -> Look:
    """All models of a repository that was read; `place` is what it is called by."""
    models = _models(repository)
    problems = list(repository.problems)
    for model, finding in check(models, server):
        problems.append(_problem(repository, model, finding))
    looked = f"{place}: {number(len(models), 'model')}"
    return Look(looked, _within(place, problems), models)


def _models(repository: Repository) -> dict[str, Model]:
    return {name: Model(name, files) for name, files in repository.models.items()}


def _within(place: str, problems: Iterable[Problem]) -> list[Problem]:
    """The problems, each once, with their files as seen from here and not from the directory."""
    found = set()
    for problem in problems:
        file = _joined(place, problem.position.file)
        position = replace(problem.position, file=file)
        found.add(replace(problem, position=position))
    return sorted(found)


def _joined(place: str, file: str) -> str:
    """An address keeps its two slashes, which a path would make one."""
    scheme, slashes, rest = place.rpartition("://")
    return f"{scheme}{slashes}{Path(rest) / file}"


def _problem(repository: Repository, model: Model, finding: Finding) -> Problem:
    """A finding, told at its file's path from the directory on."""
    file = repository.file(model.name, finding.file)
    position = Position(file, *finding.place)
    return Problem(
        position,
        finding.code,
        finding.message,
        hint=finding.hint,
        severity=finding.severity,
        subject=model.name,
    )


def write_missing(directory: Path) -> Iterator[str]:
    """Writes each config.pbtxt that a server cannot do without and that is known; lines say what becomes of each model.

    What is there is never written over. OSError passes.
    """
    try:
        models = _models(read_repository(directory))
    except Invalid:
        return  # whoever looks at the directory next says why
    for model, words, config in completions(models):
        file = f"{model}/{CONFIG}"
        is_written = bool(config) and not disk.create(directory, {file: config})
        done = f"wrote {file}" if is_written else f"{file} is not written"
        yield f"{directory}: {done}: {words}"


def look_at_model(directory: Path, name: str, only: tuple[str, ...]) -> Look:
    """An entry of the fleet, in each of its environments or in those that are asked for."""
    fleet = fleet_or_exit(directory)
    entries = [entry.name for entry in fleet.entries]
    require_known(only, fleet.environment_names, "environment")
    require_known([name], entries, "model")
    environments = only or fleet.environment_names
    releases = list(_releases(fleet, name, environments))
    problems = {each for release in releases for each in _of_release(release)}
    return Look(_looked(name, releases), sorted(problems), _of_all(releases))


def _of_all(releases: Iterable[Release]) -> dict[str, Model]:
    """The inline models of releases; what differs between environments is the last one's."""
    models: dict[str, Model] = {}
    for release in releases:
        models |= loaded_models(release.complete())
    return models


def _releases(
    fleet: Fleet, name: str, environments: Collection[str]
) -> Iterator[Release]:
    for release in fleet.releases:
        is_wanted = release.environment.name in environments
        if is_wanted and release.name == name:
            yield release


def _looked(name: str, releases: Collection[Release]) -> str:
    """What was looked at, and what was not."""
    releases_in_words = number(len(releases), "release")
    looked = f"{name}: {releases_in_words}"
    kinds = sorted(set(map(_kind, releases)))
    if not INLINE.issuperset(kinds):
        repository = f"a repository of kind {', '.join(kinds)}"
        looked += f"; what is in {repository} cannot be read here"
    addresses = sorted(set(filter(None, map(_address, releases))))
    if addresses:
        looked += f", but by `tritonfleet check-repository {addresses[0]}`"
    return looked


def _address(release: Release) -> str:
    """Of a repository in S3, as a server is given it; "" of any other."""
    settings = release.value("repository").get("s3") or {}
    address = placed(release.complete(), settings.get("uri", ""))
    endpoint = settings.get("endpoint")
    if endpoint:
        return address.replace(SCHEME, f"{SCHEME}{endpoint}/", 1)
    return address


def _kind(release: Release) -> str:
    """The repository's: of its settings, one kind is given."""
    return next(iter(release.value("repository")), "none")


def _of_release(release: Release) -> Iterator[Problem]:
    """What `validate` says as well, in the same words."""
    values = release.complete()
    if inline_models(values):
        yield from inline_models_can_be_loaded(release, values)
