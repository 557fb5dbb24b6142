"""Names that nothing has: profiles, environments and entries that a file names and no file defines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
    hint = similar(profile, names)
    return Problem(position, "TF021", message, ", ".join(names), hint)


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
    """TF023 and TF024: what an environment says of entries, by their names, and of which nothing comes."""
    yield from _misplaced_patches(environment, entries)
    yield from _misplaced_exclusions(environment, entries)


def _misplaced_patches(
    environment: Source, entries: Mapping[str, Entry]
) -> Iterator[Problem]:
    """TF023: patches of an environment for entries that are not there, or that do not go to it."""
    here = environment_name(environment)
    for name in mapping_at(environment.data, "patches"):
        entry = entries.get(name)
        if entry is not None and entry.goes_to(here):
            continue
        position = environment.position(("patches", name), key=True)
        if entry is None:
            message = f"there is no entry `{name}` to patch"
            hint = similar(name, entries)
        else:
            message = f"entry `{name}` does not go to {here}"
            hint = "remove the patch"
        yield Problem(position, "TF023", message, hint=hint)


def _misplaced_exclusions(
    environment: Source, entries: Mapping[str, Entry]
) -> Iterator[Problem]:
    """TF024: exclusions of entries that are not there, or that name the environment themselves."""
    here = environment_name(environment)
    for index, name in enumerate(list_at(environment.data, "exclude")):
        entry = entries.get(name) if isinstance(name, str) else None
        if entry is None:
            message = f"there is no entry `{name}` to exclude"
            hint = similar(name, entries)
        elif entry.environments is not None and entry.goes_to(here):
            message = f"entry `{name}` names {here} in its `environments`"
            hint = "say it in one place"
        else:
            continue  # it excludes what would come otherwise
        position = environment.position(("exclude", index))
        yield Problem(position, "TF024", message, hint=hint)
