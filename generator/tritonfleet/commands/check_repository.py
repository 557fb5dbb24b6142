"""tritonfleet check-repository: models as the server would read them, before it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from tritonfleet.buckets import SCHEME, Bucket, bucket_of
from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE, severity
from tritonfleet.commands.model_looks import (
    Look,
    look_at_bucket,
    look_at_directory,
    look_at_model,
    write_missing,
)
from tritonfleet.commands.talk import print_data, say_text, say_unless
from tritonfleet.models import Server, grammar
from tritonfleet.models.pipelines import pipelines
from tritonfleet.problem import ERROR, Invalid, Missing, Problem
from tritonfleet.report.drawing import DRAWINGS
from tritonfleet.report.forms import FORMS, in_form
from tritonfleet.repositories import CONFIG


@click.command(name="check-repository")
@click.argument("targets", metavar="DIR|s3://…|MODEL|FILE...", nargs=-1, required=True)
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
@click.option(
    "--write-missing",
    "writes",
    is_flag=True,
    help="Write each config.pbtxt that Triton cannot do without, if it is known, and say what Triton completes.",
)
@options.output(*FORMS, *DRAWINGS)
@options.strict
@options.quiet
def command(
    targets: Sequence[str],
    only: tuple[str, ...],
    root: Path | None,
    triton_version: str,
    no_auto_complete: bool,
    writes: bool,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Check models as the server would load them.

    A directory (with a `/` in it) is a repository or a model; so is a place in S3, where names are listed and only
    configurations are read. A name is a model of the fleet, and a file config.pbtxt stands for the repository that its
    model is in.
    """
    repositories = _repositories(targets)
    _require_sense(writes, no_auto_complete, repositories)
    place = Path() if repositories else fleet_directory(root)
    _require_protobuf()
    if repositories:
        server = Server(version=triton_version, completes=not no_auto_complete)
        looks = [_of_repository(each, server, writes, quiet) for each in repositories]
    else:
        looks = [look_at_model(place, each, only) for each in dict.fromkeys(targets)]
    problems = _problems_of(looks)
    _print(looks, problems, form, place)
    for look in looks:
        say_unless(quiet, look.summary)
    is_bad = any(strict or each.severity == ERROR for each in problems)
    return severity(Invalid(problems)) if is_bad else FINE


def _problems_of(looks: Iterable[Look]) -> list[Problem]:
    """The problems of all that was looked at, one after the other."""
    problems: list[Problem] = []
    for look in looks:
        problems += look.problems
    return problems


def _print(
    looks: Sequence[Look], problems: Sequence[Problem], form: str, place: Path
) -> None:
    """Problems are data, unless a drawing is: then people get them beside it."""
    if form not in DRAWINGS:
        print_data(in_form(problems, form, place))
        return
    drawn = [pipeline for look in looks for pipeline in pipelines(look.models)]
    print_data(DRAWINGS[form](drawn))
    say_text(in_form(problems, "text", place))


def _of_repository(
    repository: Path | Bucket, server: Server, writes: bool, quiet: bool
) -> Look:
    """What is written first is looked at like the rest."""
    if isinstance(repository, Bucket):
        return look_at_bucket(repository, server)
    if writes:
        for line in write_missing(repository):
            say_unless(quiet, line)
    return look_at_directory(repository, server)


def _require_sense(
    writes: bool, no_auto_complete: bool, repositories: Sequence[Path | Bucket]
) -> None:
    """Raises click.UsageError for options that do not go together."""
    has_other = any(isinstance(each, Bucket) for each in repositories)
    if writes and (has_other or not repositories):
        raise click.UsageError("--write-missing: give a directory, like ./models")
    if writes and no_auto_complete:
        needs = "it writes what a server needs that completes the rest"
        raise click.UsageError(f"--write-missing with --no-auto-complete: {needs}")


def _repositories(targets: Sequence[str]) -> list[Path | Bucket]:
    """What to look at, each once; nothing where the targets are models of the fleet."""
    are_paths = ["/" in each or each in {".", CONFIG} for each in targets]
    if not any(are_paths):
        return []
    if not all(are_paths):
        raise click.UsageError("give directories and files, or models of the fleet")
    return list(dict.fromkeys(map(_repository_of, targets)))


def _repository_of(target: str) -> Path | Bucket:
    """A directory as it is; for a model's configuration, the repository: other models may be its ensemble's steps."""
    if target.startswith(SCHEME):
        return _bucket(target)
    path = Path(target)
    if path.name == CONFIG and not path.is_dir():
        model = path.parent
        # What is at the top is the only model there: what is above it is nobody's.
        path = model.parent if model.name else model
    _require_directory(path)
    return path


def _bucket(address: str) -> Bucket:
    try:
        return bucket_of(address)
    except ValueError:
        expected = "s3://bucket/prefix or s3://https://host:port/bucket/prefix"
        raise click.UsageError(
            f"{address} is no place in S3: write {expected}"
        ) from None


def _require_directory(directory: Path) -> None:
    """A wrong name is told before anything that is to be installed."""
    if not directory.is_dir():
        raise click.UsageError(f"there is no directory {directory}")


def _require_protobuf() -> None:
    """Without it only half of what is wrong would be found, and a clean answer would not be one."""
    if not grammar.is_installed():
        package = f'pip install "tritonfleet[{grammar.EXTRA}]"'
        raise Missing(f"config.pbtxt is read with protobuf: {package}")
