"""Where each key and value of a YAML text begins and ends: what an edit cuts and what it leaves alone.

`yaml.read` keeps where values begin, for messages. An edit needs both ends and the style, of one file at a time, so it
reads the parser's events again. The text was read before: it is one document without anchors, tags and aliases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from tritonfleet.values import KeyPath
from tritonfleet.yaml import events

SCALAR, MAPPING, LIST = "scalar", "mapping", "list"


@dataclass(slots=True)
class Node:
    """A value of a text, from the offset `begin` up to `end`; comments and line breaks behind it are not part of it."""

    kind: str
    begin: int
    end: int
    style: str = ""
    """Of a scalar its first mark: a quote, | or >, "" for an unquoted one."""
    flow: bool = False
    """Whether a mapping or list stands in brackets."""
    text: str = ""
    """What a scalar says."""
    children: list[Child] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether it is a scalar without a character: what a key without a value has."""
        return self.kind == SCALAR and self.begin == self.end

    @property
    def is_block(self) -> bool:
        """Whether it is a mapping or list whose parts stand below each other."""
        return self.kind != SCALAR and not self.flow

    def child(self, step: str | int) -> Child | None:
        """The part at a key of a mapping, or at an index of a list; None where there is none."""
        if self.kind == LIST and isinstance(step, int):
            return self.children[step] if step < len(self.children) else None
        for child in self.children:
            if child.name == step:
                return child
        return None

    def neighbours(self, child: Child) -> tuple[Child | None, Child | None]:
        """The parts before and behind one of the parts; None where there is none."""
        index = self.children.index(child)
        before, _, behind = [None, *self.children, None][index : index + 3]
        return before, behind


@dataclass(slots=True)
class Child:
    """A part of a mapping, with its key, or of a list, without one."""

    key: Node | None
    value: Node

    @property
    def name(self) -> str | None:
        """What its key says; None where it has none."""
        return self.key.text if self.key else None

    @property
    def begin(self) -> int:
        """Where its first character is: the key's, where it has one."""
        return self.key.begin if self.key else self.value.begin

    @property
    def end(self) -> int:
        """Behind its last character. A key without a value ends behind its colon."""
        return self.value.end


def nodes_of(text: str) -> Node:
    """The root of a text that `yaml.read` takes."""
    stream = iter(events(text))
    for event in stream:
        if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            return _node(event, stream, text)
    return Node(SCALAR, 0, 0)  # nothing but comments


def at(root: Node, path: KeyPath) -> Node | None:
    """The value at a path; None where there is none."""
    node = root
    for step in path:
        child = node.child(step)
        if child is None:
            return None
        node = child.value
    return node


def _node(event: Event, stream: Iterator[Event], text: str) -> Node:
    """The value that begins with an event; the events inside of it are taken from the stream."""
    if isinstance(event, MappingStartEvent):
        return _mapping(event, stream, text)
    if isinstance(event, SequenceStartEvent):
        return _list(event, stream, text)
    assert isinstance(event, ScalarEvent)
    return _scalar(event, text)


def _scalar(event: ScalarEvent, text: str) -> Node:
    begin, end = _span(event)
    style = event.style or ""
    if style in {"|", ">"}:
        end = _end_of_block(text, begin, end)
    return Node(SCALAR, begin, end, style, text=event.value)


def _end_of_block(text: str, begin: int, end: int) -> int:
    """Behind the last line of a block scalar, without the empty lines that the parser takes for its own.

    With `|+` those are part of the text.
    """
    end_of_header = text.find("\n", begin)
    header, _, _ = text[begin:end_of_header].partition("#")
    lines = text[begin:end]
    if "+" not in header:
        lines = lines.rstrip(" \t\r\n")
    lines = lines.removesuffix("\n")
    lines = lines.removesuffix("\r")
    return begin + len(lines)


def _mapping(event: MappingStartEvent, stream: Iterator[Event], text: str) -> Node:
    begin, _ = _span(event)
    mapping = Node(MAPPING, begin, begin, flow=bool(event.flow_style))
    for inner in stream:
        if isinstance(inner, MappingEndEvent):
            mapping.end = _end(inner, mapping)
            break
        key = _node(inner, stream, text)
        value = _value_of(key, stream, text)
        mapping.children.append(Child(key, value))
    return mapping


def _value_of(key: Node, stream: Iterator[Event], text: str) -> Node:
    """What follows a key; the parser does not say where the colon is that an empty value stands behind."""
    value = _node(next(stream), stream, text)
    if value.is_empty:
        value.begin = value.end = _behind_colon(text, key.end, value.begin)
    return value


def _list(event: SequenceStartEvent, stream: Iterator[Event], text: str) -> Node:
    begin, _ = _span(event)
    found = Node(LIST, begin, begin, flow=bool(event.flow_style))
    for inner in stream:
        if isinstance(inner, SequenceEndEvent):
            found.end = _end(inner, found)
            break
        item = _node(inner, stream, text)
        found.children.append(Child(None, item))
    return found


def _behind_colon(text: str, begin: int, end: int) -> int:
    """Where the value of a key would begin that has none: behind its colon, or behind itself where it has none."""
    colon = text.find(":", begin, end + 1)
    return begin if colon < 0 else colon + 1


def _end(event: Event, container: Node) -> int:
    """A closing bracket ends a container, and the last of its parts one that has no brackets."""
    if container.flow:
        _, end = _span(event)
        return end
    return container.children[-1].end


def _span(event: Event) -> tuple[int, int]:
    """Where what an event tells begins and ends in the text."""
    assert event.start_mark is not None  # the parser's events have both
    assert event.end_mark is not None
    return event.start_mark.index, event.end_mark.index
