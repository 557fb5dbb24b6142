"""The parser's events to one document: its data, and the place of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Source, pack, unpack
from tritonfleet.yaml import refusals
from tritonfleet.yaml.containers import List, Mapping
from tritonfleet.yaml.keys import key_refusals
from tritonfleet.yaml.refusals import FORBIDDEN, MAXIMUM_NODES, Refusal
from tritonfleet.yaml.scalars import plain

# libyaml's parser, where PyYAML was built with it.
_LOADER: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)
_Node: TypeAlias = ScalarEvent | MappingStartEvent | SequenceStartEvent


def events(text: str) -> Iterator[Event]:
    """The parser's events of a text. Raises yaml.YAMLError."""
    parser = _LOADER(text)
    while True:
        event = parser.get_event()
        if event is None or type(event) is StreamEndEvent:
            return
        yield event


class _Stop(Exception):
    """Reading on would only yield follow-up problems."""


class Builder:
    """Builds one document. A bad node is noted and read as null, so that reading goes on.

    `_scalar` runs for hundreds of thousands of scalars; what nearly all of them need is done there with few calls.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.documents = 0
        self.nodes = 0
        self.root = List(pack(1, 1))  # of no item or one: the document
        self.open: list[Mapping | List] = [self.root]  # the innermost is the last
        # Unquoted keys that were looked at: entries of a list have the same ones again and again, and to look at each
        # only once saves an eighth of the time of reading (1.74 s instead of 1.98 s for 10,000 entries).
        self.good_keys: set[str] = set()

    def build(self) -> Source:
        """The document, read to its end. Raises Invalid."""
        try:
            self._handle_events()
        except _Stop:
            pass
        except yaml.YAMLError as error:
            self.problems.append(refusals.syntax(self.file, self.text, error))
        if self.problems:
            raise Invalid(self.problems)
        return self._source()

    def _source(self) -> Source:
        root = self.root
        if not root.data:  # nothing but comments
            return Source(self.file, self.text, None, root.place)
        (data,) = root.data
        (marks,) = root.marks
        size = self.nodes + len(self.text) // 100
        return Source(self.file, self.text, data, marks, size)

    def _handle_events(self) -> None:
        next_event = _LOADER(self.text).get_event
        event = next_event()
        while event is not None and type(event) is not StreamEndEvent:
            handle = _HANDLERS.get(type(event))
            if handle:
                handle(self, event)
            event = next_event()

    def _refuse(self, event: Event, refusal: Refusal) -> None:
        line, column = unpack(_place(event))
        problem = refusal.at(Position(self.file, line, column))
        self.problems.append(problem)
        if len(self.problems) > refusals.SHOWN_PROBLEMS:
            raise _Stop

    def _stop(self, event: Event, refusal: Refusal) -> NoReturn:
        self._refuse(event, refusal)
        raise _Stop

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, refusals.SECOND_DOCUMENT)

    def _alias(self, event: AliasEvent) -> None:
        refusal = refusals.alias(event.anchor or "")
        self._refuse(event, refusal)
        self.open[-1].add(None, _place(event))

    def _start_mapping(self, event: MappingStartEvent) -> None:
        place = self._start(event)
        self.open.append(Mapping(place))

    def _start_list(self, event: SequenceStartEvent) -> None:
        place = self._start(event)
        self.open.append(List(place))

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> int:
        """What mappings and lists have in common when they begin; returns the place."""
        place = self._node(event)
        if len(self.open) > refusals.MAXIMUM_DEPTH:
            self._stop(event, refusals.TOO_DEEP)
        around = self.open[-1]
        if isinstance(around, Mapping) and around.key is None:
            self._refuse(event, refusals.KEY_NOT_SCALAR)
        return place

    def _end(self, _: Event) -> None:
        container = self.open.pop()
        self.open[-1].add(container.data, container.placed())

    def _scalar(self, event: Any) -> None:
        if event.anchor is None and event.tag is None and self.nodes < MAXIMUM_NODES:
            self.nodes += 1
            mark = event.start_mark
            place = pack(mark.line + 1, mark.column + 1)
        else:
            place = self._node(event)
        if event.style == '"':
            self._check_escapes(event)
        container = self.open[-1]
        if type(container) is Mapping and container.key is None:
            self._key(container, event, place)
        else:
            value = event.value if event.style else self._plain(event)
            container.add(value, place)

    def _node(self, event: _Node) -> int:
        """Counts a node, refuses its anchor and tag, and returns its place."""
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            self._stop(event, refusals.TOO_MANY_NODES)
        if event.anchor is not None:
            self._refuse(event, refusals.anchor(event.anchor))
        if event.tag is not None:
            self._refuse(event, refusals.tag(event.tag))
        return _place(event)

    def _check_escapes(self, event: ScalarEvent) -> None:
        """Only between double quotes can a file of printable text mean a character that is none."""
        match = FORBIDDEN.search(event.value)
        if match:
            refusal = refusals.character(match[0], ", not even escaped")
            self._refuse(event, refusal)

    def _plain(self, event: ScalarEvent) -> Any:
        """The value of an unquoted scalar; None for a number that not every reader holds."""
        try:
            return plain(event.value)
        except ValueError as error:
            self._refuse(event, refusals.number_not_held(str(error)))
            return None

    def _key(self, mapping: Mapping, event: ScalarEvent, place: int) -> None:
        """Takes a scalar as the key of the value that comes next."""
        key = event.value
        if event.style or key not in self.good_keys:
            self._check_key(event)
        if key in mapping.data:
            first_line = mapping.line_of(key)
            self._refuse(event, refusals.key_given_twice(key, first_line))
        mapping.key = key
        mapping.key_place = place

    def _check_key(self, event: ScalarEvent) -> None:
        key = event.value
        is_quoted = bool(event.style)
        refused = list(key_refusals(key, quoted=is_quoted))
        for refusal in refused:
            self._refuse(event, refusal)
        if not refused and not is_quoted:
            self.good_keys.add(key)


# What nobody asks about has no handler: the ends of documents, and the stream's.
_HANDLERS: dict[type[Event], Callable[[Builder, Any], None]] = {
    ScalarEvent: Builder._scalar,
    MappingStartEvent: Builder._start_mapping,
    SequenceStartEvent: Builder._start_list,
    MappingEndEvent: Builder._end,
    SequenceEndEvent: Builder._end,
    AliasEvent: Builder._alias,
    DocumentStartEvent: Builder._document,
}


def _place(event: Event) -> int:
    """Where an event begins, as `source.pack` packs it."""
    mark = event.start_mark
    assert mark is not None  # the parser's events have one, only a writer's have none
    return pack(mark.line + 1, mark.column + 1)
