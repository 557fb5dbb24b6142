"""What people do with a model that they look at: look closer, change it, and let it go to the next environment."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from tritonfleet.nouns import Release
from tritonfleet.reach import Command
from tritonfleet.values import Values


def changes(
    release: Release, values: Values, environments: Collection[str]
) -> Iterator[Command]:
    """Commands of this program, to paste in the fleet's directory. `environments` are those that the model goes to."""
    name, environment = release.name, release.environment
    yield Command("See what runs", _command("status", name, "--env", environment.name))
    wish = _version(values)
    edit = _command("set", name, wish, "--env", environment.name)
    yield Command("Change its version here", edit)
    if environment.after in environments:
        promotion = _command("promote", name, "--to", environment.name)
        yield Command(f"Let it run what {environment.after} runs", promotion)


def _command(*words: str) -> str:
    return shlex.join(["tritonfleet", *words])


def _version(values: Values) -> str:
    """KEY=VALUE of what tells one version from another, as it is now: a person writes the next one over it."""
    if values["modelVersion"]:
        return f"modelVersion={values['modelVersion']}"
    parts = values["image"]
    key = "digest" if parts["digest"] else "tag"
    return f"image.{key}={parts[key]}"
