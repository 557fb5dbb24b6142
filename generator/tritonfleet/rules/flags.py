"""Flags in `extraArgs`, against the chart's table of what the server takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from tritonfleet.facts import triton_version
from tritonfleet.mode_table import ModeTable
from tritonfleet.modes import TRITON, mode
from tritonfleet.nouns import Release
from tritonfleet.problem import Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values

Flag: TypeAlias = Mapping[str, Any]
"""A row of the chart's table of flags: `since`, and where they apply `until`, `owner` and `deprecated`."""

_FLAG = re.compile(r"--([a-z0-9-]+)")


class Argument(NamedTuple):
    """An item of `extraArgs` that is a flag."""

    path: KeyPath
    text: str
    """As it was written: --log-verbose=1."""
    flag: str
    """The flag's name without dashes: log-verbose."""


def flags_given(values: Values) -> Iterator[Argument]:
    """Items of `extraArgs` that are flags, in their order."""
    for index, text in enumerate(values["extraArgs"]):
        match = _FLAG.match(text)
        if match:
            yield Argument(("extraArgs", index), text, match[1])


def table_of(release: Release, values: Values) -> ModeTable:
    """What the release's server takes; an empty table of a chart that does not know."""
    tables = release.environment.chart.modes
    return tables.get(mode(values), ModeTable({}))


@release_rule("TF130", "extraArgs")
def flags_are_known(release: Release, values: Values) -> Iterator[Problem]:
    """A flag in extraArgs is known to the image's Triton, which ends at one that it does not know."""
    flags = table_of(release, values).flags
    if not flags:
        return
    version = triton_version(values)
    for argument in flags_given(values):
        if argument.flag not in flags:
            yield _unknown_flag(release, argument, values)
        elif version:
            flag = flags[argument.flag]
            yield from _flag_of_another_version(release, argument, flag, version)


def _unknown_flag(release: Release, argument: Argument, values: Values) -> Problem:
    serving = mode(values)
    server = "tritonserver"
    if serving != TRITON:
        server = f"the server of mode {serving}"
    flag = f"--{argument.flag}"
    message = f"{server} has no flag {flag}"
    known = [f"--{name}" for name in table_of(release, values).flags]
    hint = similar(flag, known)
    return at(release, argument.path, message, hint)


def _flag_of_another_version(
    release: Release, argument: Argument, flag: Flag, version: str
) -> Iterator[Problem]:
    """What is wrong with a flag that this version of the server does not have yet, or any more."""
    if "owner" in flag:
        return  # TF131 says that it must not be here at all
    since = flag["since"]
    last = flag.get("until", version)
    if version < since:
        change = f"was added in {since}"
        hint = "use a newer image, or remove it"
    elif version > last:
        change = f"was removed after {last}"
        hint = "remove it"
    else:
        return
    message = f"--{argument.flag} {change}; the image is {version}"
    yield at(release, argument.path, message, hint)


@release_rule("TF131", "extraArgs")
def flags_are_free(release: Release, values: Values) -> Iterator[Problem]:
    """A flag that a value sets is not set a second time in extraArgs."""
    flags = table_of(release, values).flags
    for argument in flags_given(values):
        flag: Flag = flags.get(argument.flag, {})
        if "owner" in flag:
            owner = flag.get("deprecated", flag["owner"])
            message = f"--{argument.flag} is set by `{owner}`"
            hint = f"remove it from `extraArgs`; set `{owner}` where its default is not what you want"
            yield at(release, argument.path, message, hint)
