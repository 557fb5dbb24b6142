"""Mappings and lists of a document, while what is in them is read."""

from __future__ import annotations

from typing import Any

from tritonfleet.source import Marks, unpack


class Mapping:
    """A mapping while its entries are read; `key` is the key whose value comes next, None before a key."""

    __slots__ = ("data", "key", "key_place", "marks", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.data: dict[str, Any] = {}
        self.marks: dict[str, tuple[int, Marks]] = {}
        self.key: str | None = None
        self.key_place = 0

    def add(self, value: Any, marks: Marks) -> None:
        """The value of the key that was read before it, or what stands where a key should."""
        if self.key is None:
            # A key that is no scalar was refused when it began; any text stands for it until its value came.
            self.key = "(not text)"
            self.key_place = self.place
            return
        self.data[self.key] = value
        self.marks[self.key] = (self.key_place, marks)
        self.key = None

    def line_of(self, key: str) -> int:
        """The line of a key that it has."""
        place, _ = self.marks[key]
        line, _ = unpack(place)
        return line

    def placed(self) -> Marks:
        """Its place, and those of all in it."""
        return self.place, self.marks


class List:
    """A list while its items are read."""

    __slots__ = ("data", "marks", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.data: list[Any] = []
        self.marks: list[Marks] = []

    def add(self, item: Any, marks: Marks) -> None:
        """The next item."""
        self.data.append(item)
        self.marks.append(marks)

    def placed(self) -> Marks:
        """Its place, and those of all in it."""
        return self.place, self.marks
