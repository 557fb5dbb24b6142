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
    lines = []
    for image, users in images.items():
        lines.append(f"{image}  {_some(users)}")
    return _text(lines)


def _some(users: Sequence[User]) -> str:
    """Some of the users of an image, and how many others there are."""
    shown = ", ".join(map(str, users[:SHOWN]))
    more = len(users) - SHOWN
    if more <= 0:
        return shown
    others = number(more, "other")
    return f"{shown} and {others}"


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line_of_log(line)}\n" for line in lines)


def image_json(images: Images) -> str:
    """Every image, with all its users."""
    items: list[object] = []
    for image, users in images.items():
        its_users = [user._asdict() for user in users]
        items.append({"image": image, "users": its_users})
    return to_json({"images": items})


def copy_commands(images: Images, registry: str) -> str:
    """A command of skopeo for each image; all its platforms are copied, so that digests stay."""
    commands = []
    for image in images:
        target = mirrored(image, registry)
        commands.append(_copy(image, target))
    return _text(commands)


def _copy(source: str, target: str) -> str:
    """Skopeo takes no name with both: the digest says what is copied, and the tag what it is called there."""
    name, at, digest = source.partition("@")
    if at and _TAG.search(name):
        without_tag = _TAG.sub("", name)
        source = f"{without_tag}@{digest}"
        target, _, _ = target.partition("@")
    command = ["skopeo", "copy", "--all"]
    command += [f"docker://{source}", f"docker://{target}"]
    return shlex.join(command)
