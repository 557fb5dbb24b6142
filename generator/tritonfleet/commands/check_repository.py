"""tritonfleet check-repository: models as the server would read them, before it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE, severity
from tritonfleet.commands.fleet import fleet_or_exit, require_known
from tritonfleet.commands.talk import print_data, say_unless
from tritonfleet.facts import inline_models
from tritonfleet.models import Finding, Model, Server, check, grammar
from tritonfleet.nouns import Release
from tritonfleet.problem import ERROR, Invalid, Missing, Position, Problem
from tritonfleet.report.forms import FORMS, in_form
from tritonfleet.report.problems import counted
from tritonfleet.report.shared import number
from tritonfleet.repositories import Repository, read_repository
from tritonfleet.rules.inline_models import inline_models_can_be_loaded


@click.command(name="check-repository")
@click.argument("target", metavar="DIR|MODEL")
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
    target: str,
    only: tuple[str, ...],
    root: Path | None,
    triton_version: str,
    no_auto_complete: bool,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Check models as the server would load them: a directory (with a `/` in it), or a model of the fleet."""
    if not grammar.is_installed():
        package = f'pip install "tritonfleet[{grammar.EXTRA}]"'
        raise Missing(f"config.pbtxt is read with protobuf: {package}")
    if "/" in target or target == ".":
        directory = Path(target)
        server = Server(version=triton_version, completes=not no_auto_complete)
        checked = _directory(directory, server)
    else:
        directory = fleet_directory(root)
        checked = _model(directory, target, only)
    print_data(in_form(checked.problems, form, directory))
    say_unless(quiet, checked.summary)
    is_bad = any(strict or each.severity == ERROR for each in checked.problems)
    return severity(Invalid(checked.problems)) if is_bad else FINE


class _Checked:
    """What was looked at, and what was found."""

    def __init__(self, looked: str, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        self.summary = f"{looked}: {counted(self.problems) or 'no errors'}"


def _directory(directory: Path, server: Server) -> _Checked:
    try:
        repository = read_repository(directory)
    except Invalid as invalid:
        return _Checked(str(directory), invalid.problems)
    models = {name: Model(name, files) for name, files in repository.models.items()}
    problems = [
        _problem(repository, model, finding) for model, finding in check(models, server)
    ]
    looked = f"{directory}: {number(len(models), 'model')}"
    return _Checked(looked, [*repository.problems, *problems])


def _problem(repository: Repository, model: Model, finding: Finding) -> Problem:
    file = repository.file(model.name, finding.file)
    return Problem(
        Position(file, *finding.place),
        finding.code,
        finding.message,
        hint=finding.hint,
        severity=finding.severity,
        subject=model.name,
    )


def _model(directory: Path, name: str, only: tuple[str, ...]) -> _Checked:
    fleet = fleet_or_exit(directory)
    require_known(only, fleet.environment_names, "environment")
    require_known([name], [entry.name for entry in fleet.entries], "model")
    releases = [
        release
        for release in fleet.releases
        if release.name == name and (not only or release.environment.name in only)
    ]
    problems = [each for release in releases for each in _of_release(release)]
    kinds = sorted({_kind(release) for release in releases})
    looked = f"{name}: {number(len(releases), 'release')}"
    if kinds != ["configMap"]:
        looked += (
            f"; what is in a repository of kind {', '.join(kinds)} cannot be read here"
        )
    return _Checked(looked, problems)


def _kind(release: Release) -> str:
    return next(iter(release.value("repository")), "none")


def _of_release(release: Release) -> Iterator[Problem]:
    values = release.complete()
    if inline_models(values):
        yield from inline_models_can_be_loaded(release, values)
