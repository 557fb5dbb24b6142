"""What protobuf's own parser says about a config.pbtxt, where protobuf is installed (the extra `models`)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

from tritonfleet.models.fields import NOWHERE, Misread, Place
from tritonfleet.models.message import MODEL, file_descriptor

EXTRA = "models"
# `1:19 : 'the line that is wrong': Couldn't parse integer: "x"`; the line is left out where the parser knows it.
_ERROR = re.compile(r"(?P<line>\d+):(?P<column>\d+) : (?P<words>.*)", re.DOTALL)
# The server's parser, in C++, takes a space behind a minus.
_LONE_MINUS = ": -"
_QUOTED_LINE = re.compile(r"'.*': (?=[A-Z])", re.DOTALL)


@cache
def is_installed() -> bool:
    """Looked for, and not imported: most runs read no config.pbtxt."""
    return bool(find_spec("google")) and bool(find_spec("google.protobuf"))


# The same configuration often stands in several environments.
@lru_cache(maxsize=1000)
def refusal(text: str) -> Misread | None:
    """Why the parser refuses a text, and where; None when it does not, or is not installed."""
    if not is_installed():
        return None
    from google.protobuf import text_format

    try:
        text_format.Parse(text, message_class()())
    except text_format.ParseError as error:
        return _misread(str(error))
    except ValueError as error:  # a number that fits no field of its kind
        return Misread(str(error), NOWHERE)
    except RecursionError:
        return Misread("messages are nested too deep", NOWHERE)
    return None


def _misread(error: str) -> Misread | None:
    """The parser's words without the line that they quote, and their place; None where the server is not as strict."""
    if error.endswith(_LONE_MINUS):
        return None
    match = _ERROR.match(error)
    if not match:
        return Misread(error, NOWHERE)
    place = Place(int(match["line"]), int(match["column"]))
    return Misread(_QUOTED_LINE.sub("", match["words"], count=1), place)


@cache
def message_class() -> Any:
    """The class of ModelConfig, in a pool of its own: another library may have registered NVIDIA's."""
    from google.protobuf import (
        descriptor_pb2,
        descriptor_pool,
        json_format,
        message_factory,
    )

    file = descriptor_pb2.FileDescriptorProto()
    json_format.ParseDict(file_descriptor(), file)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName(MODEL.removeprefix("."))
    return message_factory.GetMessageClass(descriptor)
