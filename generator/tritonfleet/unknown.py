"""Names that nothing has: profiles, environments and entries that a file names and no file defines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from tritonfleet.environments import environment_name
from tritonfleet.nouns import Entry
from tritonfleet.problem import Guesses, Position, Problem, some
from tritonfleet.source import Source
from tritonfleet.values import list_at, mapping_at

SHOWN = 20  # of the names that there are, in a message


class Known(NamedTuple):
    """The names that there are, and what of them a message shows."""

    names: Collection[str]
    shown: str


def known_names(names: Iterable[str]) -> Known:
    """Names in their order, of which a message shows the first."""
    found = dict.fromkeys(names)
    shown = ", ".join(islice(found, SHOWN))
    if len(found) > SHOWN:
        shown += ", …"
    return Known(found, shown)


def unknown_profile(
    profile: str, position: Position, environment: str, known: Known, guesses: Guesses
) -> Problem:
    """TF021: a release of this environment asks for a profile that neither the fleet nor the environment has."""
    message = f"there is no profile `{profile}` in the fleet or in {environment}"
    hint = guesses.similar(profile, known.names)
    return Problem(position, "TF021", message, known.shown, hint)


def unknown_environments(
    entries: Iterable[Entry], environments: Iterable[Source], guesses: Guesses
) -> Iterator[Problem]:
    """TF022: entries that are to go to an environment which has no file."""
    known = known_names(map(environment_name, environments))
    for entry in entries:
        for index, name in enumerate(entry.environments or ()):
            if name in known.names:
                continue
            position = entry.layer.position(("environments", index))
            problem = _no_environment(name, known, position, guesses)
            yield replace(problem, subject=entry.name)


def unknown_sources(
    environments: Iterable[Source], guesses: Guesses
) -> Iterator[Problem]:
    """TF022 and TF075: environments whose `after` is none, or leads back to themselves."""
    by_name = {environment_name(each): each for each in environments}
    known = known_names(by_name)
    for name, environment in by_name.items():
        after = environment.data.get("after")
        position = environment.position(("after",))
        if isinstance(after, str) and after not in by_name:
            yield _no_environment(after, known, position, guesses)
        elif _leads_back(name, by_name):
            yield _circle(name, position)


def _no_environment(
    name: str, known: Known, position: Position, guesses: Guesses
) -> Problem:
    """TF022: a name that no environment's file has."""
    message = f"there is no environment `{name}`"
    hint = guesses.similar(name, known.names)
    return Problem(position, "TF022", message, known.shown, hint)


def _circle(name: str, position: Position) -> Problem:
    """TF075: promotion would have no beginning."""
    message = f"what runs in {name} would come from {name} itself"
    hint = "remove `after` where promotion begins"
    return Problem(position, "TF075", message, hint=hint)


def _leads_back(name: str, environments: Mapping[str, Source]) -> bool:
    """Whether the environments' `after` lead from one back to itself."""
    here: object = name
    for _ in environments:
        if not isinstance(here, str) or here not in environments:
            return False
        here = environments[here].data.get("after")
        if here == name:
            return True
    return False


def misplaced_names(
    environment: Source, entries: Mapping[str, Entry], guesses: Guesses
) -> Iterator[Problem]:
    """TF023 and TF024: patches and exclusions of an environment that reach no entry."""
    yield from some(_misplaced_patches(environment, entries, guesses))
    yield from some(_misplaced_exclusions(environment, entries, guesses))


def _misplaced_patches(
    environment: Source, entries: Mapping[str, Entry], guesses: Guesses
) -> Iterator[Problem]:
    """TF023: patches of what is not there, or does not come here."""
    here = environment_name(environment)
    for name in mapping_at(environment.data, "patches"):
        complaint = _about_patch(name, here, entries, guesses)
        if complaint:
            position = environment.position(("patches", name), key=True)
            yield Problem(position, "TF023", complaint.message, hint=complaint.hint)


def _misplaced_exclusions(
    environment: Source, entries: Mapping[str, Entry], guesses: Guesses
) -> Iterator[Problem]:
    """TF024: exclusions of what is not there, or would not come."""
    here = environment_name(environment)
    for index, name in enumerate(list_at(environment.data, "exclude")):
        complaint = _about_exclusion(name, here, entries, guesses)
        if complaint:
            position = environment.position(("exclude", index))
            yield Problem(position, "TF024", complaint.message, hint=complaint.hint)


class _Complaint(NamedTuple):
    """What is wrong with a name, and what to do."""

    message: str
    hint: str


def _about_patch(
    name: str, here: str, entries: Mapping[str, Entry], guesses: Guesses
) -> _Complaint | None:
    """TF023: its entry is not there, or does not go to this environment. None when the patch reaches it."""
    entry = entries.get(name)
    if entry is None:
        return _no_entry(name, "patch", entries, guesses)
    if entry.goes_to(here):
        return None
    message = f"entry `{name}` does not go to {here}"
    return _Complaint(message, "remove the patch")


def _about_exclusion(
    name: object, here: str, entries: Mapping[str, Entry], guesses: Guesses
) -> _Complaint | None:
    """TF024: its entry is not there, or names this environment itself. None when it would come otherwise."""
    entry = entries.get(name) if isinstance(name, str) else None
    if entry is None:
        return _no_entry(name, "exclude", entries, guesses)
    if entry.environments is not None and entry.goes_to(here):
        message = f"entry `{name}` names {here} in its `environments`"
        return _Complaint(message, "say it in one place")
    return None


def _no_entry(
    name: object, verb: str, entries: Collection[str], guesses: Guesses
) -> _Complaint:
    message = f"there is no entry `{name}` to {verb}"
    hint = guesses.similar(name, entries)
    return _Complaint(message, hint)
