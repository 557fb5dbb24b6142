"""The table of rules, and how a function becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tritonfleet.codes import CODES
from tritonfleet.nouns import Environment, OfFleet, OfRelease, Release, Rule
from tritonfleet.problem import ERROR, Position, Problem
from tritonfleet.values import KeyPath

RULES: dict[str, Rule] = {}


def release_rule(
    code: str, keys: str, severity: str = ERROR, *, tells: Iterable[str] = ()
) -> Callable[[OfRelease], OfRelease]:
    """Registers a rule about one release and its complete values. Raises KeyError for a code without a meaning.

    It runs when some layer sets one of `keys`, root keys with a space between them: the chart's defaults break no rule.
    `tells` are codes of other problems that it finds on its way; they stand in the table without a function.
    """

    def register(rule: OfRelease) -> OfRelease:
        watched = frozenset(keys.split())
        others = frozenset(tells)
        _enter(Rule(code, severity, of_release=rule, keys=watched, tells=others))
        for other in sorted(others):
            _enter(Rule(other, ERROR))
        return rule

    return register


def fleet_rule(
    code: str, severity: str = ERROR, *, always: bool = False
) -> Callable[[OfFleet], OfFleet]:
    """Registers a rule about all releases together. Raises KeyError for a code without a meaning.

    With `always` it runs even where some values do not fit their schemas, so it must doubt what it reads.
    """

    def register(rule: OfFleet) -> OfFleet:
        _enter(Rule(code, severity, of_fleet=rule, always=always))
        return rule

    return register


def _enter(rule: Rule) -> None:
    """Puts a rule into the table, where a rule without a meaning would leave `tritonfleet rule` without an answer."""
    if rule.code not in CODES:
        raise KeyError(f"{rule.code} has no meaning in tritonfleet.codes")
    RULES[rule.code] = rule


# How a rule says where: in a release, in an environment's file, or anywhere in a file.


def at(
    release: Release, path: KeyPath, message: str, hint: str = "", *, key: bool = False
) -> Problem:
    """A problem of a release, blamed on the line that set the value at `path` (with `key`, on its key)."""
    position = release.position(path, key=key)
    environment = release.environment.name
    return on(position, message, hint, subject=release.name, environment=environment)


def in_environment(
    environment: Environment, path: KeyPath, message: str, hint: str = ""
) -> Problem:
    """A problem of an environment, blamed on what its file says at `path`."""
    position = environment.source.position(path)
    return on(position, message, hint, environment=environment.name)


def on(
    position: Position,
    message: str,
    hint: str = "",
    *,
    subject: str = "",
    environment: str = "",
) -> Problem:
    """A problem of a place in a file; the rule that finds it adds its code and severity."""
    return Problem(
        position, "", message, "", hint, subject=subject, environment=environment
    )
