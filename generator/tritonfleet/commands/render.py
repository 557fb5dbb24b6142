"""tritonfleet render: the manifests of releases, through Helm."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tritonfleet import disk, helm, kubernetes
from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import fleet_or_exit, require_known, wanted_environments
from tritonfleet.commands.talk import print_data, progress, say
from tritonfleet.helm import Rendered
from tritonfleet.nouns import Fleet, Installation
from tritonfleet.plan import plan


@click.command(name="render")
@options.root_argument
@options.environments
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
@click.option(
    "--kube-version",
    default="",
    help="Kubernetes version (default: the environment's).",
)
@click.option(
    "--validate",
    "strict_schemas",
    is_flag=True,
    help="Check against the schemas of Kubernetes, offline.",
)
def command(
    root: Path | None,
    only: tuple[str, ...],
    models: tuple[str, ...],
    out: Path | None,
    kube_version: str,
    strict_schemas: bool,
) -> int:
    """Print the manifests of releases, through Helm."""
    fleet = fleet_or_exit(fleet_directory(root))
    installations = _wanted(fleet, only, models)
    directory = None if out is None or str(out) == "-" else out
    rendering = helm.render(installations, kube_version)
    if _progress_is_seen(directory):
        rendering = progress(rendering, len(installations))
    failed = False
    for rendered in rendering:
        delivered = _deliver(rendered, directory)
        fits = not strict_schemas or _fits(rendered, kube_version)
        failed = failed or not (delivered and fits)
    return FINDINGS if failed else FINE


def _wanted(
    fleet: Fleet, only: Sequence[str], models: Sequence[str]
) -> list[Installation]:
    environments = wanted_environments(fleet, only)
    require_known(models, [entry.name for entry in fleet.entries], "model")
    return [
        installation
        for installation in plan(fleet)
        if (not environments or installation.environment.name in environments)
        and (not models or installation.name in models)
    ]


def _progress_is_seen(directory: Path | None) -> bool:
    """Whether a line of progress helps: manifests that are printed on a terminal are themselves the progress."""
    printed_on_terminal = directory is None and sys.stdout.isatty()
    return sys.stderr.isatty() and not printed_on_terminal


def _title(rendered: Rendered) -> str:
    return f"{rendered.installation.environment.name}/{rendered.installation.name}"


def _deliver(rendered: Rendered, directory: Path | None) -> bool:
    """Prints or writes one release's manifests; False when Helm refused it, which is told."""
    title = _title(rendered)
    if rendered.failure:
        say(f"{title}: {rendered.failure}")
        return False
    if directory is None:
        print_data(f"# {title}\n{rendered.manifests}")
        return True
    disk.write(directory, {f"{title}.yaml": rendered.manifests})
    return True


def _fits(rendered: Rendered, kube_version: str) -> bool:
    """Whether the manifests fit the schemas of Kubernetes; what does not, and kinds without a schema, are told."""
    version = kube_version or rendered.installation.environment.kubernetes
    checked = kubernetes.check(rendered.manifests, version)
    title = _title(rendered)
    for words in checked.problems:
        say(f"{title}: {words}")
    if checked.unknown:
        kinds = [f"{count} {kind}" for kind, count in sorted(checked.unknown.items())]
        say(f"{title}: no schema for {', '.join(kinds)}")
    return not checked.problems
