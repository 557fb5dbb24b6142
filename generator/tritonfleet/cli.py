"""The command line: reads arguments, calls the stages in order, prints, and says the exit code.

0 fine, 1 differences or findings, 2 invalid input or usage, 3 internal or environment.
Stages are imported where they are used, because `--version` and completion must not wait for them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tritonfleet import __version__

if TYPE_CHECKING:
    from tritonfleet.nouns import Fleet, Release

FINE, FINDINGS, INVALID, BROKEN = 0, 1, 2, 3
FLEET = "values/fleet.yaml"
Command = TypeVar("Command", bound=Callable[..., Any])


class InOrder(click.Group):
    """Lists commands in the order in which people need them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InOrder,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tritonfleet", message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context) -> None:
    """Model lists in, reviewed Helm releases for Argo CD or Flux out."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        if _above(Path.cwd()) is None:
            click.echo(f"\n{_outside()}")


def _root_argument(function: Command) -> Command:
    return click.argument("root", required=False, type=click.Path(path_type=Path))(function)


def _root_option(function: Command) -> Command:
    words = "The fleet's directory (default: this one or the nearest above)."
    return click.option("--root", type=click.Path(path_type=Path), help=words)(function)


def _strict(function: Command) -> Command:
    return click.option("--strict", is_flag=True, help="Warnings fail.")(function)


def _quiet(function: Command) -> Command:
    return click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems and data.")(
        function
    )


def _environments(function: Command) -> Command:
    words = "Only this environment; may be given several times."
    return click.option("--env", "only", multiple=True, metavar="ENV", help=words)(function)


def _form(*forms: str) -> Callable[[Command], Command]:
    words = "Format of what is printed."
    return click.option(
        "-o", "--output", "form", type=click.Choice(forms), default=forms[0], help=words
    )


@commands.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["argocd", "flux"]),
    default="argocd",
    help="Who rolls releases out.",
)
@click.option("--repository", metavar="URL", help="The Git repository, as the engine reaches it.")
@click.option(
    "--chart", "reference", metavar="OCI", help="oci://…/triton:VERSION@sha256:… instead of a copy."
)
def init(directory: Path, engine: str, repository: str | None, reference: str | None) -> int:
    """Make a working fleet to start from."""
    from tritonfleet.init import create, files_of, next_steps, registry_chart, remote, tree

    try:
        chart = registry_chart(reference) if reference else {}
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    files = files_of(directory, engine, repository or remote(directory, engine), chart)
    taken = create(directory, files)
    if taken:
        say("these files are in the way, nothing was written:", *taken)
        return INVALID
    click.echo("\n".join(tree(files)))
    say(*next_steps(directory))
    return FINE


@commands.command()
@_root_argument
@_form("text", "json", "github")
@_strict
@_quiet
def validate(root: Path | None, form: str, strict: bool, quiet: bool) -> int:
    """Check everything; print every problem."""
    from tritonfleet import report
    from tritonfleet.problem import Invalid

    found = _found(root)
    try:
        fleet = _fleet(found, strict=strict)
    except Invalid as invalid:
        click.echo(report.problems(invalid.problems, form, found), nl=False)
        _say_unless(quiet, report.counted(invalid.problems))
        return _severity(invalid)
    click.echo(report.problems(fleet.warnings, form, found), nl=False)
    _say_unless(quiet, report.summary(fleet))
    return FINE


@commands.command()
@_root_argument
@click.option(
    "--out", type=click.Path(path_type=Path), help="Directory to write (default: ROOT/deploy)."
)
@_environments
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; print the differences and exit 1 when there are any.",
)
@click.option(
    "--allow-removals",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Let N releases be removed.",
)
@_form("text", "json", "github")
@_strict
@_quiet
def generate(
    root: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    check: bool,
    allow_removals: int,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Write deploy/, what the engine installs."""
    from tritonfleet import report, tree
    from tritonfleet.plan import plan

    found = _found(root)
    directory = out or found / "deploy"
    with _telling(found, form):
        fleet = _fleet(found, strict=strict)
        _err(report.problems(fleet.warnings, form, found))
        wanted = _wanted(fleet, only)
        files = tree.render_tree(plan(fleet), fleet.environments, wanted)
        made = tree.write(files, directory, tree.Budget(allow_removals), check=check)
    _err(report.problems(made.warnings, form, found))
    if check:
        for line in report.capped(tree.difference(files, made, directory)):
            click.echo(line)
    _say_unless(quiet, report.changes(made, directory, check=check))
    for name in made.emptied:
        say(
            f"{name} has no release left: no engine removes the last one; delete it in the cluster by hand"
        )
    return FINDINGS if check and made.any else FINE


@commands.command()
@_root_argument
@_environments
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="Only this model; may be given several times.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write <env>/<model>.yaml here (default: -, print).",
)
@click.option("--kube-version", default="", help="Kubernetes version (default: the environment's).")
@click.option(
    "--validate",
    "strict_kinds",
    is_flag=True,
    help="Check against the schemas of Kubernetes, offline.",
)
def render(
    root: Path | None,
    only: tuple[str, ...],
    models: tuple[str, ...],
    out: Path | None,
    kube_version: str,
    strict_kinds: bool,
) -> int:
    """Print the manifests of releases, through Helm."""
    from tritonfleet import helm
    from tritonfleet.plan import plan

    fleet = _told_fleet(_found(root))
    wanted = _wanted(fleet, only)
    _known(models, [entry.name for entry in fleet.entries], "model")
    releases = [
        release
        for release in plan(fleet)
        if (not wanted or release.environment.name in wanted)
        and (not models or release.name in models)
    ]
    failed = False
    printed = out is None or str(out) == "-"
    rendering = helm.render(releases, kube_version)
    # Manifests that are printed on a terminal are themselves the progress.
    if sys.stderr.isatty() and not (printed and sys.stdout.isatty()):
        rendering = progress(rendering, len(releases))
    for rendered in rendering:
        failed |= _rendered(rendered, None if printed else out)
        failed |= strict_kinds and _misfits(rendered, kube_version)
    return FINDINGS if failed else FINE


def _rendered(rendered: Any, out: Path | None) -> bool:
    """Prints or writes one release's manifests; True when Helm refused it."""
    release = rendered.installation
    title = f"{release.environment.name}/{release.name}"
    if rendered.failure:
        say(f"{title}: {rendered.failure}")
        return True
    if out is None:
        click.echo(f"# {title}\n{rendered.manifests}", nl=False)
        return False
    path = out / f"{title}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rendered.manifests, encoding="utf-8", newline="\n")
    return False


def _misfits(rendered: Any, kube_version: str) -> bool:
    from tritonfleet import kubernetes

    release = rendered.installation
    checked = kubernetes.check(rendered.manifests, kube_version or release.environment.kubernetes)
    for words in checked.problems:
        say(f"{release.environment.name}/{release.name}: {words}")
    if checked.unknown:
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(checked.unknown.items()))
        say(f"{release.environment.name}/{release.name}: no schema for {counted}")
    return bool(checked.problems)


@commands.command()
@click.argument("model")
@click.argument("key", required=False, default="")
@click.option("--env", "environment", required=True, metavar="ENV", help="The environment.")
@_root_option
def explain(model: str, key: str, environment: str, root: Path | None) -> int:
    """Show which file and line set each value, and what it overrode."""
    from tritonfleet import report

    found = _found(root)
    fleet = _told_fleet(found)
    release = _release(fleet, model, environment)
    from tritonfleet.values import parse_path

    path = parse_path(key)
    if not report.known(release, path):
        raise click.UsageError(f"{model} has no value `{key}`")
    click.echo(report.explanation(release, path, found), nl=False)
    return FINE


@commands.command(name="list")
@_root_argument
@_environments
@_form("text", "json")
@click.option(
    "--requirements", is_flag=True, help="The CRDs and add-ons that each environment needs."
)
def list_(root: Path | None, only: tuple[str, ...], form: str, requirements: bool) -> int:
    """List releases by environment."""
    from tritonfleet import report

    fleet = _told_fleet(_found(root))
    if wanted := _wanted(fleet, only):
        fleet = fleet.within(wanted)
    click.echo(
        report.requirements(fleet) if requirements else report.releases(fleet, form), nl=False
    )
    return FINE


@commands.command()
@click.argument("name", type=click.Choice(["fleet", "environment", "models"]))
def schema(name: str) -> int:
    """Print the JSON Schema of a file that people write."""
    import json

    from tritonfleet.load import packaged_chart
    from tritonfleet.validate import editor_schemas

    chart = json.loads((packaged_chart() / "values.schema.json").read_text("utf-8"))
    click.echo(json.dumps(editor_schemas(chart)[name], indent=1, ensure_ascii=False))
    return FINE


def _above(start: Path) -> Path | None:
    return next((path for path in (start, *start.parents) if (path / FLEET).is_file()), None)


def _outside() -> str:
    return f"no {FLEET} here or above; `tritonfleet init .` makes one"


def _found(root: Path | None) -> Path:
    """The fleet's directory: the one named, else this one or the nearest above."""
    if root is None:
        found = _above(Path.cwd())
        if found is None:
            raise click.UsageError(_outside())
        return found
    if str(root) == "-":
        raise click.UsageError(
            "a fleet is a directory with values/ in it, it can't be read from standard input"
        )
    if not (root / FLEET).is_file():
        raise click.UsageError(f"no {FLEET} in {root}; `tritonfleet init {root}` makes one")
    return root


@contextmanager
def _telling(root: Path, form: str = "text") -> Iterator[None]:
    """Prints the problems of Invalid where talk goes, and ends the command."""
    from tritonfleet import report
    from tritonfleet.problem import Invalid

    try:
        yield
    except Invalid as invalid:
        _err(report.problems(invalid.problems, form, root))
        say(report.counted(invalid.problems))
        raise click.exceptions.Exit(_severity(invalid)) from None


def _told_fleet(root: Path) -> Fleet:
    with _telling(root):
        return _fleet(root)


def _fleet(root: Path, *, strict: bool = False) -> Fleet:
    """The stages that read and check. Raises Invalid."""
    from tritonfleet.load import load
    from tritonfleet.resolve import resolve
    from tritonfleet.rules import RULES
    from tritonfleet.validate import validate

    return validate(resolve(load(root)), RULES.values(), strict=strict)


def _known(names: Iterable[str], known: Sequence[str], noun: str) -> None:
    from tritonfleet.problem import similar

    for name in names:
        if name not in known:
            hint = f" ({meant})" if (meant := similar(name, known)) else ""
            raise click.UsageError(
                f"there is no {noun} `{name}`{hint}; there are {', '.join(known[:20])}"
            )


def _wanted(fleet: Fleet, only: tuple[str, ...]) -> frozenset[str]:
    _known(only, [environment.name for environment in fleet.environments], "environment")
    return frozenset(only)


def _release(fleet: Fleet, model: str, environment: str) -> Release:
    _known([environment], [each.name for each in fleet.environments], "environment")
    here = {each.name: each for each in fleet.releases if each.environment.name == environment}
    _known([model], list(here), "release")
    return here[model]


def progress(rendered: Iterable[Any], count: int) -> Iterator[Any]:
    """What is rendered, as it comes; past a second, a line on the terminal says how far it is.

    The line is away while a release is handed on, so that nothing is printed into it.
    """
    began, line = time.monotonic(), ""
    for number, each in enumerate(rendered, 1):
        if line:
            click.echo("\r\x1b[K", err=True, nl=False)
        yield each
        if time.monotonic() - began > 1:
            line = f"rendered {number} of {count}" if number < count else ""
            click.echo(line, err=True, nl=False)


def say(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)


def _say_unless(quiet: bool, line: str) -> None:
    if not quiet and line:
        say(line)


def _err(text: str) -> None:
    click.echo(text, nl=False, err=True)


def _severity(invalid: Any) -> int:
    """Warnings that `--strict` made fail are findings, errors are invalid input."""
    return INVALID if any(problem.severity == "error" for problem in invalid.problems) else FINDINGS
