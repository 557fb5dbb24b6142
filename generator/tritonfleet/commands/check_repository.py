"""tritonfleet check-repository: models as the server would read them, before it does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE, severity
from tritonfleet.commands.fleet import fleet_or_exit, require_known
from tritonfleet.commands.talk import print_data, say_unless
from tritonfleet.facts import inline_models
from tritonfleet.models import Finding, Model, Server, check, grammar
from tritonfleet.nouns import Fleet, Release
from tritonfleet.problem import ERROR, Invalid, Missing, Position, Problem
from tritonfleet.report.forms import FORMS, in_form
from tritonfleet.report.problems import counted
from tritonfleet.report.shared import number
from tritonfleet.repositories import CONFIG, Repository, read_repository
from tritonfleet.rules.inline_models import inline_models_can_be_loaded

INLINE = frozenset({"configMap", "vllm"})


@click.command(name="check-repository")
@click.argument("targets", metavar="DIR|MODEL|FILE...", nargs=-1, required=True)
@options.environments
@options.root_option
@click.option(
    "--triton-version",
    default="",
    metavar="YY.MM",
    help="The server's version, for a directory (default: the newest known).",
)
@click.option(
    "--no-auto-complete",
    is_flag=True,
    help="The server completes no configuration, for a directory.",
)
@options.output(*FORMS)
@options.strict
@options.quiet
def command(
    targets: Sequence[str],
    only: tuple[str, ...],
    root: Path | None,
    triton_version: str,
    no_auto_complete: bool,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Check models as the server would load them.

    A directory (with a `/` in it) is a repository or a model, a name is a model of the fleet, and a file config.pbtxt
    stands for the repository that its model is in.
    """
    directories = _directories(targets)
    if directories:
        place = Path()
        _require_protobuf()
        server = Server(version=triton_version, completes=not no_auto_complete)
        looks = [_directory(each, server) for each in directories]
    else:
        place = fleet_directory(root)
        _require_protobuf()
        looks = [_model(place, target, only) for target in dict.fromkeys(targets)]
    problems = [problem for look in looks for problem in look.problems]
    print_data(in_form(problems, form, place))
    for look in looks:
        say_unless(quiet, look.summary)
    is_bad = any(strict or each.severity == ERROR for each in problems)
    return severity(Invalid(problems)) if is_bad else FINE


def _directories(targets: Sequence[str]) -> list[Path]:
    """The directories to look at, each once; none where the targets are models of the fleet."""
    are_paths = ["/" in each or each in {".", CONFIG} for each in targets]
    if not any(are_paths):
        return []
    if not all(are_paths):
        raise click.UsageError("give directories and files, or models of the fleet")
    directories = list(dict.fromkeys(map(_repository_of, targets)))
    for directory in directories:
        _require_directory(directory)
    return directories


def _repository_of(target: str) -> Path:
    """A directory as it is; for a model's configuration, the repository: other models may be its ensemble's steps."""
    path = Path(target)
    if path.name != CONFIG or path.is_dir():
        return path
    model = path.parent
    # What is at the top is the only model there: what is above it is nobody's.
    return model.parent if model.name else model


def _require_directory(directory: Path) -> None:
    """A wrong name is told before anything that is to be installed."""
    if not directory.is_dir():
        raise click.UsageError(f"there is no directory {directory}")


def _require_protobuf() -> None:
    """Without it only half of what is wrong would be found, and a clean answer would not be one."""
    if not grammar.is_installed():
        package = f'pip install "tritonfleet[{grammar.EXTRA}]"'
        raise Missing(f"config.pbtxt is read with protobuf: {package}")


class _Checked:
    """What was looked at, and what was found."""

    def __init__(self, looked: str, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        self.summary = f"{looked}: {counted(self.problems) or 'no errors'}"


def _directory(directory: Path, server: Server) -> _Checked:
    """All models of a directory, as one server loads them."""
    try:
        repository = read_repository(directory)
    except Invalid as invalid:
        return _Checked(str(directory), _within(directory, invalid.problems))
    models = {name: Model(name, files) for name, files in repository.models.items()}
    problems = list(repository.problems)
    for model, finding in check(models, server):
        problems.append(_problem(repository, model, finding))
    models_in_words = number(len(models), "model")
    looked = f"{directory}: {models_in_words}"
    return _Checked(looked, _within(directory, problems))


def _within(directory: Path, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems with their files as seen from here, and not from the directory."""
    for problem in problems:
        file = str(directory / problem.position.file)
        position = replace(problem.position, file=file)
        yield replace(problem, position=position)


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


def _model(directory: Path, name: str, only: tuple[str, ...]) -> _Checked:
    """An entry of the fleet, in each of its environments or in those that are asked for."""
    fleet = fleet_or_exit(directory)
    entries = [entry.name for entry in fleet.entries]
    require_known(only, fleet.environment_names, "environment")
    require_known([name], entries, "model")
    environments = only or fleet.environment_names
    releases = list(_releases(fleet, name, environments))
    problems = [each for release in releases for each in _of_release(release)]
    return _Checked(_looked(name, releases), problems)


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
    return looked


def _kind(release: Release) -> str:
    """The repository's: of its settings, one kind is given."""
    return next(iter(release.value("repository")), "none")


def _of_release(release: Release) -> Iterator[Problem]:
    """What `validate` says as well, in the same words."""
    values = release.complete()
    if inline_models(values):
        yield from inline_models_can_be_loaded(release, values)
