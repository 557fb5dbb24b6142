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
    name = release.name
    environment = release.environment.name
    source = release.environment.after

    look = _command("status", name, "--env", environment)
    yield Command("See what runs", look)
    edit = _command("set", name, _version(values), "--env", environment)
    yield Command("Change its version here", edit)
    # Nothing can be promoted from where the model does not go.
    if source in environments:
        promotion = _command("promote", name, "--to", environment)
        yield Command(f"Let it run what {source} runs", promotion)


def _command(*words: str) -> str:
    return shlex.join(["tritonfleet", *words])


def _version(values: Values) -> str:
    """KEY=VALUE of what tells one version from another, as it is now: a person writes the next one over it."""
    if values["modelVersion"]:
        return f"modelVersion={values['modelVersion']}"
    parts = values["image"]
    key = "digest" if parts["digest"] else "tag"
    return f"image.{key}={parts[key]}"
