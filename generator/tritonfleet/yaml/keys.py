"""What a scalar must be to be a key: text, in one line, and not long."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.yaml import refusals
from tritonfleet.yaml.refusals import Refusal
from tritonfleet.yaml.scalars import Scalar, plain


def key_refusals(key: str, *, quoted: bool) -> Iterator[Refusal]:
    """Everything that is refused of a key as it is written."""
    if not quoted:
        yield from _of_plain_key(key)
    if "\n" in key or "\t" in key:
        yield refusals.KEY_OF_LINES
    if len(key) > refusals.MAXIMUM_KEY:
        yield refusals.key_too_long(len(key))


def _of_plain_key(key: str) -> Iterator[Refusal]:
    if key == "<<":
        yield refusals.MERGE_KEY
        return
    value: Scalar = None
    try:
        value = plain(key)
    except ValueError as error:
        yield refusals.number_not_held(str(error))
    if not isinstance(value, str):
        yield refusals.key_not_text(key, value)
