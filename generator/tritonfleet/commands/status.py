"""tritonfleet status: what is merged against what runs."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import click

from tritonfleet.commands import options
from tritonfleet.commands.clusters import Way, context_option, reach, ways
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import problems_end_it, require_known
from tritonfleet.commands.talk import print_data, say
from tritonfleet.environments import environments_of
from tritonfleet.facts import seconds
from tritonfleet.history import uncommitted
from tritonfleet.load import load
from tritonfleet.nouns import Environment
from tritonfleet.report.shared import number
from tritonfleet.report.status import counted_states, status_json, status_text
from tritonfleet.status import Glance, Site, look, roles, site_of

PAUSE = 3  # seconds between two looks
CLEAR = "\x1b[H\x1b[2J"

Seen: TypeAlias = tuple[Glance, list[Site]]


@click.command(name="status")
@click.argument("names", metavar="[MODEL]…", nargs=-1)
@options.root_option
@options.environments
@context_option
@click.option(
    "--ref",
    "reference",
    help="The commit that is wanted (default: the engine's branch, as the remote has it).",
)
@click.option("--no-server", is_flag=True, help="Do not ask Triton itself.")
@click.option(
    "--wait", is_flag=True, help="Return when everything that is merged serves."
)
@click.option(
    "--timeout", default="10m", metavar="TIME", help="How long --wait waits: 90s, 10m."
)
@click.option("--watch", is_flag=True, help="Look again and again, until Ctrl-C.")
@click.option(
    "--rbac", is_flag=True, help="Print the Roles that this command needs, and end."
)
@options.output("text", "json")
def command(
    names: tuple[str, ...],
    root: Path | None,
    only: tuple[str, ...],
    contexts: tuple[str, ...],
    reference: str | None,
    no_server: bool,
    wait: bool,
    timeout: str,
    watch: bool,
    rbac: bool,
    form: str,
) -> int:
    """Show what runs of what is merged, and what stands in the way.

    Exits 1 when anything fails or cannot be seen.
    """
    directory = fleet_directory(root)
    environments = _environments(directory, only)
    fleet = _Fleet(directory, environments, names, reference)
    if rbac:
        print_data(roles(fleet.sites()))
        return FINE
    _say_what_is_not_committed(directory)
    with ways(environments, contexts) as found:
        watcher = _Watcher(fleet, found, server=not no_server, form=form)
        if watch:
            watcher.watch()
        if wait:
            glance, sites = watcher.waited(_seconds(timeout))
        else:
            glance, sites = watcher.look()
    watcher.show(glance, sites)
    is_wrong = not glance.is_settled if wait else glance.is_wrong
    return FINDINGS if is_wrong else FINE


def _environments(directory: Path, only: Sequence[str]) -> tuple[Environment, ...]:
    """Those that `--env` names, or all. Lists with errors are in nobody's way here."""
    with problems_end_it(directory):
        sources = load(directory)
        found = environments_of(sources)
    names = [each.name for each in found]
    require_known(only, names, "environment")
    if not only:
        return found
    return tuple(each for each in found if each.name in only)


def _seconds(timeout: str) -> int:
    """Raises click.UsageError for what is no time."""
    try:
        return seconds(timeout)
    except (ValueError, KeyError, IndexError):
        raise click.UsageError(f"--timeout {timeout}: write 90s, 10m or 1h") from None


def _say_what_is_not_committed(directory: Path) -> None:
    """Engines install what is committed, so that alone is compared."""
    count = uncommitted(directory)
    if count:
        files = number(count, "file")
        say(f"{files} of values/ and deploy/ are not committed: status shows what is")


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What is asked for."""

    directory: Path
    environments: tuple[Environment, ...]
    names: tuple[str, ...]
    reference: str | None

    def sites(self) -> list[Site]:
        """What is wanted, read anew: somebody may have fetched. Raises click.UsageError for an unknown model."""
        found = []
        for environment in self.environments:
            site = site_of(self.directory, environment, self.reference)
            found.append(site)
        # Of a site that is hidden, nobody knows which models it has.
        if not any(site.hidden for site in found):
            self._require_known_names(found)
        return [self._only(site) for site in found]

    def _require_known_names(self, sites: Sequence[Site]) -> None:
        """Raises click.UsageError for a name that no site has."""
        known: dict[str, None] = {}
        for site in sites:
            known |= dict.fromkeys(each.name for each in site.wanted)
        require_known(self.names, list(known), "release")

    def _only(self, site: Site) -> Site:
        """A site with the named models, or with all."""
        if not self.names:
            return site
        wanted = tuple(each for each in site.wanted if each.name in self.names)
        return replace(site, wanted=wanted)


@dataclass(frozen=True, slots=True)
class _Watcher:
    """Looks, once or again and again, and shows what was seen."""

    fleet: _Fleet
    ways: Mapping[str, Way]
    server: bool
    form: str

    def look(self) -> Seen:
        """What is there now, and the sites that it was compared with."""
        reaches = []
        for site in self.fleet.sites():
            way = self.ways[site.name]
            reaches.append(reach(site, way))
        glance = look(reaches, server=self.server)
        sites = [each.site for each in reaches]
        return glance, sites

    def waited(self, timeout: int) -> Seen:
        """The look at which everything served, or the last one before the time was over."""
        end = time.monotonic() + timeout
        while True:
            glance, sites = self.look()
            next_look = time.monotonic() + PAUSE
            if glance.is_settled or next_look > end:
                return glance, sites
            time.sleep(PAUSE)
            gc.collect()  # nobody else does, in a run that may be long

    def watch(self) -> None:
        """Until somebody interrupts it."""
        while True:
            glance, sites = self.look()
            if sys.stdout.isatty():
                click.echo(CLEAR, nl=False)
            self.show(glance, sites)
            time.sleep(PAUSE)
            gc.collect()

    def show(self, glance: Glance, sites: Sequence[Site]) -> None:
        """The rows as data; for people, where they come from as well."""
        if self.form == "json":
            print_data(status_json(glance, sites))
            return
        is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print_data(status_text(glance, colour=is_coloured))
        for site in sites:
            self._say_where(site)
        requests = number(glance.requests, "request")
        took = f"{requests} in {glance.seconds:.1f} s"
        say(f"{counted_states(glance.rows)}; {took}")

    def _say_where(self, site: Site) -> None:
        """The commit and the contexts that were looked at."""
        commit = site.commit[:12]
        context = self._context(site)
        say(f"{site.name}: {site.reference} {commit}, {context}")

    def _context(self, site: Site) -> str:
        """The contexts of a site's clusters, of which one may be both."""
        way = self.ways[site.name]
        clusters = [each for each in (way.pods, way.engine) if each]
        if not clusters:
            return "no context"
        contexts = dict.fromkeys(each.context for each in clusters)
        return f"context {', '.join(contexts)}"
