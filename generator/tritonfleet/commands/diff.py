"""tritonfleet diff: what a change does, before it is merged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from tritonfleet import comparison, helm
from tritonfleet.commands import options
from tritonfleet.commands.directory import FLEET, fleet_directory
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import fleet_or_exit, wanted_environments
from tritonfleet.commands.talk import print_data, say
from tritonfleet.comparison import Changed, Consequences, Difference, Pair
from tritonfleet.history import commit_to_compare, unpacked
from tritonfleet.load import load
from tritonfleet.nouns import Environment, Fleet, Release
from tritonfleet.plan import installation
from tritonfleet.problem import ERROR, Invalid, Missing, Problem
from tritonfleet.report.difference import text
from tritonfleet.report.difference_json import json_text
from tritonfleet.report.difference_markdown import markdown
from tritonfleet.report.shared import number
from tritonfleet.resolve import resolve
from tritonfleet.validate import usable

FORMS = {"text": text, "markdown": markdown, "json": json_text}


@click.command(name="diff")
@click.argument("reference", metavar="[REF]", required=False)
@options.root_option
@options.environments
@options.output("text", "markdown", "json")
@click.option("--exit-code", is_flag=True, help="Exit 1 when any release differs.")
def command(
    reference: str | None,
    root: Path | None,
    only: tuple[str, ...],
    form: str,
    exit_code: bool,
) -> int:
    """Show what a change does: values, objects, restarts, clients.

    REF is a commit, or a directory that begins with ./ or /. The default is the commit at which this branch left the
    remote's default branch.
    """
    directory = fleet_directory(root)
    after = fleet_or_exit(directory)
    wanted = wanted_environments(after, only)
    with _before(directory, reference) as before:
        difference = _difference(before, after, wanted)
    print_data(FORMS[form](difference, directory))
    return FINDINGS if exit_code and difference.releases else FINE


class _Before(NamedTuple):
    """The other side: what it is, and as much of it as can be read today."""

    words: str
    environments: Sequence[Environment]
    releases: Sequence[Release]
    notes: Sequence[str]


@contextmanager
def _before(directory: Path, reference: str | None) -> Iterator[_Before]:
    """What to compare with, for as long as its files are there."""
    if reference is not None and _names_directory(reference):
        yield _read(fleet_directory(Path(reference)), reference)
        return
    commit = commit_to_compare(directory, reference)
    if commit.is_head and reference is None:
        say(
            "this is HEAD: only what is not committed can differ; name a commit to compare with an older one"
        )
    with unpacked(directory, commit.id) as files:
        yield _read(files, commit.words)


def _names_directory(reference: str) -> bool:
    """Whether it is no commit: `origin/main` has a slash, too."""
    return reference.startswith(("./", "../", "/")) or reference in (".", "..")


def _read(root: Path, words: str) -> _Before:
    """A fleet that today's rules may refuse, as far as it can be resolved."""
    is_fleet = os.path.lexists(root / FLEET)
    if not is_fleet:
        note = f"there is no {FLEET} before: every release is new"
        return _Before(words, (), (), [note])
    try:
        sources = load(root)
        resolved = resolve(sources)
    except Invalid as invalid:
        raise Missing(f"{words}: {invalid.problems[0]}") from None
    notes = []
    for problem in (*resolved.sources.problems, *resolved.problems):
        if problem.severity == ERROR:
            notes.append(_note(problem))
    return _Before(words, resolved.environments, resolved.releases, notes)


def _note(problem: Problem) -> str:
    return f"before: {problem.position} {problem.code} {problem.text}"


def _difference(before: _Before, after: Fleet, wanted: frozenset[str]) -> Difference:
    """What differs, and what follows from it; empty `wanted` means all environments."""
    # 1. Which releases differ.
    before = _without_misfits(before, after)
    differing = comparison.pairs(before.releases, after.releases)
    if wanted:
        differing = [pair for pair in differing if pair.key.environment in wanted]

    # 2. What follows.
    found = _consequences(differing)
    environments = _both(before.environments, after.environments)
    sums = comparison.sums(
        before.releases, after.releases, environments, differing, found
    )
    changed = [_changed(pair, found) for pair in differing]
    return Difference(before.words, tuple(before.notes), tuple(sums), tuple(changed))


def _changed(pair: Pair, found: comparison.Found) -> Changed:
    """A release that differs, as it may be told."""
    edits = tuple(comparison.edits(pair))
    changed = Changed(pair, edits, found[pair.key])
    return comparison.discreet(changed)


def _without_misfits(before: _Before, after: Fleet) -> _Before:
    """The same without releases that do not fit their chart's schema: they can neither be rendered nor counted.

    Those that nobody changed are not looked at; they are the same after.
    """
    differing = comparison.pairs(before.releases, after.releases)
    misfits = _misfits(differing)
    if not misfits:
        return before
    fitting = [each for each in before.releases if each not in misfits]
    note = _misfits_words(len(misfits))
    return before._replace(releases=fitting, notes=[*before.notes, note])


def _misfits_words(count: int) -> str:
    verb = "counts" if count == 1 else "count"
    releases = number(count, "release")
    return f"{releases} did not fit the chart's schema before, and {verb} as new"


def _misfits(differing: Iterable[Pair]) -> set[Release]:
    """The releases before that today's schema of their chart refuses."""
    old = [pair.before for pair in differing if pair.before]
    fitting = set(usable(old))
    return set(old) - fitting


def _both(
    before: Iterable[Environment], after: Iterable[Environment]
) -> Iterator[tuple[Environment | None, Environment | None]]:
    """Each environment as it was and as it is; those that are gone come last."""
    old = _by_name(before)
    new = _by_name(after)
    for name in {**new, **old}:
        yield old.get(name), new.get(name)


def _by_name(environments: Iterable[Environment]) -> Mapping[str, Environment]:
    return {each.name: each for each in environments}


def _consequences(differing: Sequence[Pair]) -> comparison.Found:
    """What follows for each release, from its objects before and after."""
    # 1. All that is there before or after is rendered at once: Helm is started a few times for many.
    releases: list[Release] = []
    for pair in differing:
        releases += _sides(pair)
    installations = [installation(each) for each in releases]
    rendering = helm.render(installations, quickly=True)
    rendered = dict(zip(releases, rendering, strict=True))
    # 2. Each pair is compared.
    found = {}
    for pair in differing:
        found[pair.key] = _consequences_of(pair, rendered)
    return found


def _sides(pair: Pair) -> list[Release]:
    """The release before and after, as far as it is there."""
    return [each for each in (pair.before, pair.after) if each]


def _consequences_of(
    pair: Pair, rendered: Mapping[Release, helm.Rendered]
) -> Consequences:
    """What follows for one release; of two failures, the one before is told."""
    # None stands for a release that is not there.
    manifests: dict[Release | None, str] = {None: ""}
    for each in _sides(pair):
        side = rendered[each]
        if side.failure:
            return Consequences(failure=side.failure)
        manifests[each] = side.manifests
    before = manifests[pair.before]
    after = manifests[pair.after]
    return comparison.consequences(pair, before, after)
