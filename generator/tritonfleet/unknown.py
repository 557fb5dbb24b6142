"""Names that nothing has: profiles, environments and entries that a file names and no file defines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tritonfleet.environments import environment_name
from tritonfleet.nouns import Entry
from tritonfleet.problem import Position, Problem, similar
from tritonfleet.source import Source
from tritonfleet.values import list_at, mapping_at


def unknown_profile(
    profile: str, position: Position, environment: str, known: Iterable[str]
) -> Problem:
    """TF021: a release of this environment asks for a profile that neither the fleet nor the environment has."""
    names = sorted(known)
    message = f"there is no profile `{profile}` in the fleet or in {environment}"
    expected = ", ".join(names)
    return Problem(position, "TF021", message, expected, similar(profile, names))


def unknown_environments(
    entries: Iterable[Entry], environments: Iterable[Source]
) -> Iterator[Problem]:
    """TF022: entries that are to go to an environment which has no file."""
    known = [environment_name(source) for source in environments]
    for entry in entries:
        for index, name in enumerate(entry.environments or ()):
            if name not in known:
                position = entry.layer.position(("environments", index))
                yield _unknown_environment(name, known, position, entry)


def _unknown_environment(
    name: str, known: Iterable[str], position: Position, entry: Entry
) -> Problem:
    return Problem(
        position,
        "TF022",
        f"there is no environment `{name}`",
        expected=", ".join(known),
        hint=similar(name, known),
        subject=entry.name,
    )


def misplaced_names(
    environment: Source, entries: Mapping[str, Entry]
) -> Iterator[Problem]:
    """TF023 and TF024: patches and exclusions of an environment that reach no entry."""
    yield from _misplaced_patches(environment, entries)
    yield from _misplaced_exclusions(environment, entries)


def _misplaced_patches(
    environment: Source, entries: Mapping[str, Entry]
) -> Iterator[Problem]:
    here = environment_name(environment)
    for name in mapping_at(environment.data, "patches"):
        complaint = _about_patch(name, here, entries)
        if complaint:
            position = environment.position(("patches", name), key=True)
            yield Problem(position, "TF023", complaint.message, hint=complaint.hint)


def _misplaced_exclusions(
    environment: Source, entries: Mapping[str, Entry]
) -> Iterator[Problem]:
    here = environment_name(environment)
    for index, name in enumerate(list_at(environment.data, "exclude")):
        complaint = _about_exclusion(name, here, entries)
        if complaint:
            position = environment.position(("exclude", index))
            yield Problem(position, "TF024", complaint.message, hint=complaint.hint)


class _Complaint(NamedTuple):
    """What is wrong with a name, and what to do."""

    message: str
    hint: str


def _about_patch(
    name: str, here: str, entries: Mapping[str, Entry]
) -> _Complaint | None:
    """TF023: its entry is not there, or does not go to this environment. None when the patch reaches it."""
    entry = entries.get(name)
    if entry is None:
        return _no_entry(name, "patch", entries)
    if not entry.goes_to(here):
        return _Complaint(f"entry `{name}` does not go to {here}", "remove the patch")
    return None


def _about_exclusion(
    name: object, here: str, entries: Mapping[str, Entry]
) -> _Complaint | None:
    """TF024: its entry is not there, or names this environment itself. None when it would come otherwise."""
    entry = entries.get(name) if isinstance(name, str) else None
    if entry is None:
        return _no_entry(name, "exclude", entries)
    if entry.environments is not None and entry.goes_to(here):
        message = f"entry `{name}` names {here} in its `environments`"
        return _Complaint(message, "say it in one place")
    return None


def _no_entry(name: object, verb: str, entries: Iterable[str]) -> _Complaint:
    message = f"there is no entry `{name}` to {verb}"
    return _Complaint(message, similar(name, entries))
