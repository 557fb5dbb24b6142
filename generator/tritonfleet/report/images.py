"""The images of a fleet: a list, or commands that copy them to a mirror."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from tritonfleet.facts import mirrored
from tritonfleet.images import User
from tritonfleet.report.shared import number, to_json
from tritonfleet.visible import line_of_log

_TAG = re.compile(r":[^:/]+\Z")  # the colon of a port has a / behind it
SHOWN = 3  # users of an image in a line

Images = Mapping[str, Sequence[User]]


def image_list(images: Images) -> str:
    """A line for each image, with some of its users."""
    return _text(f"{image}  {_some(users)}" for image, users in images.items())


def _some(users: Sequence[User]) -> str:
    """Some of the users of an image, and how many others there are."""
    shown = ", ".join(map(str, users[:SHOWN]))
    more = len(users) - SHOWN
    return f"{shown} and {number(more, 'other')}" if more > 0 else shown


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line_of_log(line)}\n" for line in lines)


def image_json(images: Images) -> str:
    """Every image, with all its users."""
    items: list[object] = []
    for image, users in images.items():
        items.append({"image": image, "users": [user._asdict() for user in users]})
    return to_json({"images": items})


def copy_commands(images: Images, registry: str) -> str:
    """A command of skopeo for each image; all its platforms are copied, so that digests stay."""
    return _text(_copy(image, mirrored(image, registry)) for image in images)


def _copy(source: str, target: str) -> str:
    """Skopeo takes no name with both: the digest says what is copied, and the tag what it is called there."""
    name, at, digest = source.partition("@")
    if at and _TAG.search(name):
        source = _TAG.sub("", name) + at + digest
        target = target.partition("@")[0]
    return shlex.join(
        ["skopeo", "copy", "--all", f"docker://{source}", f"docker://{target}"]
    )
