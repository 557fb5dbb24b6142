"""Patterns that `re` may try in a number of ways that doubles with each character of a text.

It does so where a loop of the pattern can be gone through in two ways with the same text. The pattern is taken as an
automaton whose states are its characters (after Glushkov); two walks through it side by side, which part and meet again
where they began, are such a loop. Source: Weber and Seidl, On the degree of ambiguity of finite automata, 1991.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

# What `re` itself parses patterns with; there is no other way to ask it how a pattern is built.
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple, TypeAlias

MOST_STATES = 200
MOST_STEPS = 500_000
"""Of two walks side by side, through all patterns of this size that people write."""
_COUNTED = 3  # more repetitions than that are as good as without an end
_ASCII = frozenset(range(128))
_OTHER = 128  # stands for every other character
_ANY = _ASCII | {_OTHER}
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT}
_CATEGORIES = {
    op.CATEGORY_DIGIT: frozenset(b"0123456789"),
    op.CATEGORY_SPACE: frozenset(b" \t\n\r\f\v"),
    op.CATEGORY_WORD: frozenset(code for code in _ASCII if chr(code).isalnum()) | {95},
}
Characters: TypeAlias = frozenset[int]
State: TypeAlias = int
Pair: TypeAlias = tuple[State, State]


def may_take_forever(pattern: str) -> bool:
    """Whether a text may take time without an end. Raises re.error for no pattern at all.

    True also for what is not looked at: very long patterns, and those with references or a look at what is around.
    """
    automaton = _Automaton()
    try:
        automaton.add(_parser.parse(pattern))
        return automaton.repeats_in_two_ways or automaton.loops_in_two_ways()
    except _Unknown:
        return True


class _Unknown(Exception):
    """A pattern that is not looked at."""


class _Part(NamedTuple):
    """A part of a pattern: whether it may be nothing, and the states in which it begins and ends."""

    may_be_nothing: bool
    first: frozenset[State]
    last: frozenset[State]


_NOTHING = _Part(True, frozenset(), frozenset())


@dataclass
class _Automaton:
    """Of each state, which characters lead to it, and which states may follow."""

    characters: list[Characters] = field(default_factory=list)
    follow: list[set[State]] = field(default_factory=list)
    repeats_in_two_ways: bool = False
    """Whether an inner and an outer repetition lead to the same state: it is for nobody to say which of them did."""
    steps: int = 0

    def add(self, parts: Iterable[tuple[Any, Any]]) -> _Part:
        """Adds parts that follow each other."""
        whole = _NOTHING
        for kind, argument in parts:
            part = self._add_part(kind, argument)
            whole = self._then(whole, part)
        return whole

    def _add_part(self, kind: Any, argument: Any) -> _Part:
        if kind in _REPEATS:
            return self._repeated(*argument)
        if kind is op.SUBPATTERN:
            return self.add(argument[-1])
        if kind is op.BRANCH:
            _, alternatives = argument
            return _either([self.add(each) for each in alternatives])
        if kind is op.AT:
            return _NOTHING
        return self._state(_characters(kind, argument))

    def _state(self, characters: Characters) -> _Part:
        if len(self.characters) == MOST_STATES:
            raise _Unknown
        self.characters.append(characters)
        self.follow.append(set())
        states = frozenset([len(self.characters) - 1])
        return _Part(False, states, states)

    def _then(self, one: _Part, other: _Part) -> _Part:
        """One part and the one that follows it, as a part of their own."""
        for state in one.last:
            if self.follow[state] & other.first:
                self.repeats_in_two_ways = True
            self.follow[state] |= other.first
        first = one.first
        if one.may_be_nothing:
            first |= other.first
        last = other.last
        if other.may_be_nothing:
            last |= one.last
        may_be_nothing = one.may_be_nothing and other.may_be_nothing
        return _Part(may_be_nothing, first, last)

    def _repeated(self, least: int, most: int, parts: Any) -> _Part:
        """As often as must be, and then as often as may be; a large number of times is any."""
        must = _NOTHING
        for _ in range(min(least, _COUNTED)):
            must = self._then(must, self.add(parts))
        if most > _COUNTED:
            may = self.add(parts)
            self._then(may, may)
            if may.may_be_nothing and least > 1:
                self.repeats_in_two_ways = True  # who of them was nothing?
        else:
            may = _NOTHING
            for _ in range(most - least):
                # One more comes only behind the one before.
                may = self._then(self.add(parts), may)._replace(may_be_nothing=True)
        return self._then(must, may._replace(may_be_nothing=True))

    def loops_in_two_ways(self) -> bool:
        """Whether two walks that are in one state can part with the same text, and meet again in that state."""
        for state in range(len(self.characters)):
            met = self._after((state, state))
            apart = {pair for pair in met if pair[0] != pair[1]}
            get_back = any((state, state) in self._after(pair) for pair in apart)
            if get_back:
                return True
        return False

    def _after(self, pair: Pair) -> set[Pair]:
        """Where two walks may get to from here, side by side."""
        found: set[Pair] = set()
        ahead = [pair]
        while ahead:
            for step in self._steps(ahead.pop()):
                if step not in found:
                    found.add(step)
                    ahead.append(step)
        return found

    def _steps(self, pair: Pair) -> Iterable[Pair]:
        """Where two walks may be after one more character, which is the same for both."""
        one, other = pair
        for mine in self.follow[one]:
            for theirs in self.follow[other]:
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise _Unknown
                if self.characters[mine] & self.characters[theirs]:
                    yield mine, theirs


def _either(parts: list[_Part]) -> _Part:
    return _Part(
        any(part.may_be_nothing for part in parts),
        frozenset().union(*(part.first for part in parts)),
        frozenset().union(*(part.last for part in parts)),
    )


def _characters(kind: Any, argument: Any) -> Characters:
    """The characters of one place."""
    if kind is op.LITERAL:
        return frozenset([min(argument, _OTHER)])
    if kind is op.NOT_LITERAL:
        return _ANY - ({argument} - {_OTHER})
    if kind is op.ANY:
        return _ANY
    if kind is op.IN:
        return _class(argument)
    raise _Unknown


def _class(items: Iterable[tuple[Any, Any]]) -> Characters:
    """The characters of a class in brackets."""
    found: set[int] = set()
    is_negated = False
    for kind, argument in items:
        if kind is op.NEGATE:
            is_negated = True
        elif kind is op.RANGE:
            low, high = argument
            last = min(high, _OTHER)
            found.update(min(code, _OTHER) for code in range(low, last + 1))
        elif kind is op.CATEGORY:
            found |= _category(argument)
        else:
            found.add(min(argument, _OTHER))
    if is_negated:
        return (_ANY - found) | {_OTHER}
    return frozenset(found)


def _category(name: Any) -> Characters:
    if name in _CATEGORIES:
        return _CATEGORIES[name]
    raise _Unknown
