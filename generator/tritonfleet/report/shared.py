"""What all reports write alike: places as people see them, numbers with their nouns, JSON with its version."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tritonfleet.problem import Position
from tritonfleet.visible import INVISIBLE, OLD_COMMAND, line_of_log
from tritonfleet.yaml.write import scalar

JSON_VERSION = 1


def shown(file: str, root: Path) -> str:
    """A file of the fleet as seen from the current directory."""
    if "://" in file:  # an address, whose slashes a path would make one
        return file
    return Path(os.path.relpath(root / file)).as_posix()


def place(position: Position, root: Path) -> str:
    """file:line:column as seen from the current directory, which editors and terminals open."""
    file = shown(position.file, root)
    return line_of_log(f"{file}:{position.line}:{position.column}")


def one_line(value: Any) -> str:
    """A value in one line: YAML, which is JSON where the value has parts."""
    if isinstance(value, dict | list) and value:
        return json.dumps(value, ensure_ascii=False)
    return scalar(value)


def number(count: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    plural = "" if count == 1 else "s"
    return f"{count} {noun}{plural}"


def to_json(data: Mapping[str, Any]) -> str:
    """A JSON document that says its version."""
    document = {"version": JSON_VERSION, **data}
    text = json.dumps(document, indent=2, ensure_ascii=False)
    # Only a text has an old command in it, and there this is the same.
    text = text.replace(OLD_COMMAND, "#\\u0023[")
    lines = text.split("\n")
    visible_lines = [INVISIBLE.sub(_escape, line) for line in lines]
    return "\n".join(visible_lines) + "\n"


def _escape(match: re.Match[str]) -> str:
    """What JSON lets stand in a text as it is, a terminal may obey."""
    quoted = json.dumps(match[0])
    return quoted[1:-1]
