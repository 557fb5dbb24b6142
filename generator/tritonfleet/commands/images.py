"""tritonfleet images: every image that the pods of a fleet need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from tritonfleet import helm
from tritonfleet.commands import options
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import wanted_fleet
from tritonfleet.commands.talk import print_data, say
from tritonfleet.helm import Rendered
from tritonfleet.images import images_of
from tritonfleet.nouns import Installation
from tritonfleet.plan import plan
from tritonfleet.report.images import copy_commands, image_json, image_list
from tritonfleet.values import mapping_at

FORMS = {"text": image_list, "json": image_json}


@click.command(name="images")
@options.root_argument
@options.environments
@options.output("text", "json")
@click.option(
    "--mirror",
    metavar="REGISTRY",
    help="Print commands of skopeo that copy the images to this registry.",
)
def command(
    root: Path | None, only: tuple[str, ...], form: str, mirror: str | None
) -> int:
    """List every image that pods need, and who needs it."""
    if mirror and form != "text":
        raise click.UsageError("--mirror prints commands, and no other format")
    installations = plan(wanted_fleet(root, only))
    if mirror:
        installations = tuple(map(_from_the_sources, installations))
    failed: list[Rendered] = []
    rendering = helm.render(installations, quickly=True)
    images = images_of(_without_failures(rendering, failed))
    if mirror:
        print_data(copy_commands(images, mirror))
    else:
        print_data(FORMS[form](images))
    for each in failed:
        _say_failure(each)
    return FINDINGS if failed else FINE


def _from_the_sources(installation: Installation) -> Installation:
    """The same without a mirror: what the fleet pulls from it is copied to it from where it was."""
    values = installation.values
    shared = mapping_at(values, "global")
    if "imageRegistry" not in shared:
        return installation
    without = {**shared, "imageRegistry": ""}
    values = {**values, "global": without}
    return replace(installation, values=values)


def _say_failure(rendered: Rendered) -> None:
    installation = rendered.installation
    place = f"{installation.environment.name}/{installation.name}"
    say(f"{place}: {rendered.failure}")


def _without_failures(
    rendering: Iterable[Rendered], failed: list[Rendered]
) -> Iterator[Rendered]:
    """Those that Helm rendered; the others are added to `failed`, so that they hide no image of others."""
    for each in rendering:
        if each.failure:
            failed.append(each)
        else:
            yield each
