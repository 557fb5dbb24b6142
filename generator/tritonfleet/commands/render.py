"""tritonfleet render: the manifests of releases, through Helm."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from tritonfleet import disk, helm, kubernetes
from tritonfleet.commands import options
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import require_known, wanted_fleet
from tritonfleet.commands.talk import print_data, progress, say
from tritonfleet.helm import Rendered
from tritonfleet.nouns import Fleet, Installation
from tritonfleet.plan import plan

# As the environments' own key takes it: Helm reads more (`1`, `1.36+eks`), and no schema of Kubernetes has such a name.
_KUBERNETES = re.compile(r"1\.[1-9][0-9](\.[0-9]{1,2})?", re.ASCII)


def _kubernetes_version(_: click.Context, __: click.Parameter, given: str) -> str:
    """What `--kube-version` names; empty where it was not given."""
    if given and not _KUBERNETES.fullmatch(given):
        raise click.BadParameter(
            f"`{given[:40]}`; expected: a version of Kubernetes, like 1.36"
        )
    return given


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
    metavar="VERSION",
    callback=_kubernetes_version,
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
    fleet = wanted_fleet(root, only)
    installations = _wanted(fleet, models)
    is_printed = out is None or str(out) == "-"
    directory = None if is_printed else out
    all_fine = True
    # A release that fails keeps none of the others from being rendered.
    for rendered in _rendering(installations, kube_version, directory):
        fine = _deliver(rendered, directory)
        if strict_schemas:
            fine &= _fits(rendered, kube_version)
        all_fine &= fine
    return FINE if all_fine else FINDINGS


def _wanted(fleet: Fleet, models: Sequence[str]) -> list[Installation]:
    """The installations of the models that `--model` names, or of all."""
    names = [entry.name for entry in fleet.entries]
    require_known(models, names, "model")
    installations = plan(fleet)
    if not models:
        return list(installations)
    return [each for each in installations if each.name in models]


def _rendering(
    installations: Sequence[Installation], kube_version: str, directory: Path | None
) -> Iterator[Rendered]:
    """Each installation as Helm renders it, with a line of progress where that helps."""
    rendering = helm.render(installations, kube_version)
    if _progress_is_seen(directory):
        return progress(rendering, len(installations))
    return rendering


def _progress_is_seen(directory: Path | None) -> bool:
    """Whether a line of progress helps: manifests that are printed on a terminal are themselves the progress."""
    printed_on_terminal = directory is None and sys.stdout.isatty()
    return sys.stderr.isatty() and not printed_on_terminal


def _title(rendered: Rendered) -> str:
    """<env>/<model>, as the file of the manifests is named."""
    installation = rendered.installation
    return f"{installation.environment.name}/{installation.name}"


def _deliver(rendered: Rendered, directory: Path | None) -> bool:
    """Prints or writes one release's manifests; False when Helm refused it, which is told."""
    title = _title(rendered)
    if rendered.failure:
        first, *others = rendered.failure.split("\n")
        below = [f"  {line}" for line in others]
        say(f"{title}: {first}", *below)
        return False
    if directory is None:
        print_data(f"# {title}\n{rendered.manifests}")
    else:
        file = f"{title}.yaml"
        disk.write(directory, {file: rendered.manifests})
    return True


def _fits(rendered: Rendered, kube_version: str) -> bool:
    """Whether the manifests fit the schemas of Kubernetes; what does not, and kinds without a schema, are told."""
    environment = rendered.installation.environment
    version = kube_version or environment.kubernetes
    checked = kubernetes.check(rendered.manifests, version)
    lines = list(checked.problems)
    if checked.unknown:
        lines.append(_without_schema(checked.unknown))
    title = _title(rendered)
    for line in lines:
        say(f"{title}: {line}")
    return not checked.problems


def _without_schema(unknown: Mapping[str, int]) -> str:
    """What to say about kinds that nobody can check, which is no failure: custom resources have no schema here."""
    kinds = []
    for kind, count in sorted(unknown.items()):
        kinds.append(f"{count} {kind}")
    return f"no schema for {', '.join(kinds)}"
