"""The parser's events to one document: its data, and the place of each value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

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

from tritonfleet.problem import Invalid, Problem
from tritonfleet.source import Marks, Source, pack, unpack
from tritonfleet.yaml import refusals
from tritonfleet.yaml.refusals import FORBIDDEN, MAXIMUM_NODES, Refusal
from tritonfleet.yaml.scalars import plain

# libyaml's parser, where PyYAML was built with it.
_LOADER: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)


class _Mapping:
    """A mapping while its entries are read; `key` is the key whose value comes next."""

    __slots__ = ("data", "key", "key_place", "marks", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.data: dict[str, Any] = {}
        self.marks: dict[str, tuple[int, Marks]] = {}
        self.key: str | None = None
        self.key_place = 0

    def placed(self) -> Marks:
        return self.place, self.marks


class _List:
    """A list while its items are read."""

    __slots__ = ("data", "marks", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.data: list[Any] = []
        self.marks: list[Marks] = []

    def placed(self) -> Marks:
        return self.place, self.marks


_Node: TypeAlias = ScalarEvent | MappingStartEvent | SequenceStartEvent


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
        self.root = _List(pack(1, 1))  # of no item or one: the document
        self.open: list[_Mapping | _List] = [self.root]  # the innermost is the last
        # Unquoted keys that were looked at: entries of a list have the same ones again and again, and to look at each
        # only once saves an eighth of the time of reading (1.74 s instead of 1.98 s for 10,000 entries).
        self.good_keys: set[str] = set()
        self.handlers: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }

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
        if not self.root.data:  # nothing but comments
            return Source(self.file, self.text, None, self.root.place)
        return Source(self.file, self.text, self.root.data[0], self.root.marks[0])

    def _handle_events(self) -> None:
        next_event = _LOADER(self.text).get_event
        event = next_event()
        while event is not None and type(event) is not StreamEndEvent:
            handle = self.handlers.get(type(event))
            if handle:
                handle(event)
            event = next_event()

    def _refuse(self, event: Event, refusal: Refusal) -> None:
        line, column = unpack(_place(event))
        self.problems.append(refusal.at(self.file, line, column))
        if len(self.problems) > refusals.SHOWN_PROBLEMS:
            raise _Stop

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse(event, refusals.SECOND_DOCUMENT)
            raise _Stop
        if event.version or event.tags:
            self._refuse(event, refusals.DIRECTIVE)

    def _alias(self, event: AliasEvent) -> None:
        self._refuse(event, refusals.alias(event.anchor or ""))
        self._add(None, _place(event))

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        place = self._node(event)
        if len(self.open) > refusals.MAXIMUM_DEPTH:
            self._refuse(event, refusals.TOO_DEEP)
            raise _Stop
        around = self.open[-1]
        if isinstance(around, _Mapping) and around.key is None:
            self._refuse(event, refusals.KEY_NOT_SCALAR)
        if isinstance(event, MappingStartEvent):
            self.open.append(_Mapping(place))
        else:
            self.open.append(_List(place))

    def _end(self, _: Event) -> None:
        container = self.open.pop()
        self._add(container.data, container.placed())

    def _add(self, data: Any, marks: Marks) -> None:
        """Puts what was read into the container around it."""
        container = self.open[-1]
        if isinstance(container, _List):
            container.data.append(data)
            container.marks.append(marks)
        elif container.key is None:
            # A mapping, list or alias for a key was refused when it began; any text stands for it until its value came.
            container.key = f"(not text: {self.nodes})"
            container.key_place = pack(1, 1)
        else:
            container.data[container.key] = data
            container.marks[container.key] = (container.key_place, marks)
            container.key = None

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
        if isinstance(container, _List):
            container.data.append(event.value if event.style else self._plain(event))
            container.marks.append(place)
        elif container.key is None:
            self._key(container, event, place)
        else:
            container.data[container.key] = (
                event.value if event.style else self._plain(event)
            )
            container.marks[container.key] = (container.key_place, place)
            container.key = None

    def _node(self, event: _Node) -> int:
        """Counts a node, refuses its anchor and tag, and returns its place."""
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            self._refuse(event, refusals.TOO_MANY_NODES)
            raise _Stop
        if event.anchor is not None:
            self._refuse(event, refusals.anchor(event.anchor))
        if event.tag is not None:
            self._refuse(event, refusals.tag(event.tag))
        return _place(event)

    def _check_escapes(self, event: ScalarEvent) -> None:
        """Only between double quotes can a file of printable text mean a character that is none."""
        match = FORBIDDEN.search(event.value)
        if match:
            self._refuse(event, refusals.character(match[0], ", not even escaped"))

    def _plain(self, event: ScalarEvent) -> Any:
        try:
            return plain(event.value)
        except ValueError as error:
            self._refuse(event, refusals.number_not_held(str(error)))
            return None

    def _key(self, container: _Mapping, event: ScalarEvent, place: int) -> None:
        key = event.value
        if event.style or key not in self.good_keys:
            self._check_key(event, key)
        if key in container.data:
            first_place, _ = container.marks[key]
            first_line, _ = unpack(first_place)
            self._refuse(event, refusals.key_given_twice(key, first_line))
        container.key = key
        container.key_place = place

    def _check_key(self, event: ScalarEvent, key: str) -> None:
        problems_before = len(self.problems)
        if not event.style:
            self._check_plain_key(event, key)
        if "\n" in key or "\t" in key:
            self._refuse(event, refusals.KEY_OF_LINES)
        if len(key) > refusals.MAXIMUM_KEY:
            self._refuse(event, refusals.key_too_long(len(key)))
        if not event.style and len(self.problems) == problems_before:
            self.good_keys.add(key)

    def _check_plain_key(self, event: ScalarEvent, key: str) -> None:
        if key == "<<":
            self._refuse(event, refusals.MERGE_KEY)
            return
        value = self._plain(event)
        if not isinstance(value, str):
            self._refuse(event, refusals.key_not_text(key, value))


def _place(event: Event) -> int:
    """Where an event begins, as `source.pack` packs it."""
    mark = event.start_mark
    assert mark is not None  # the parser's events have one, only a writer's have none
    return pack(mark.line + 1, mark.column + 1)
