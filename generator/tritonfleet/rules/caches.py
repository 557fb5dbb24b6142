"""Caches of downloads, which follow HOME."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup, text_at

ROOT_HOME = "/root"


@release_rule("TF164", "volumeMounts caches", WARNING)
def mounts_are_where_home_is(release: Release, values: Values) -> Iterator[Problem]:
    """No volume is mounted in the home of root: the server's HOME is /tmp, and its user mostly another."""
    if _uses_home_of_root(values):
        return
    for where, mount in _mounts(values):
        path = text_at(mount, "mountPath")
        if f"{path}/".startswith(f"{ROOT_HOME}/"):
            inside = path.removeprefix(ROOT_HOME)
            message = f"the server does not look into {path}: its HOME is /tmp"
            hint = f"mount it at /tmp{inside}, or elsewhere and name that place, as in env: {{HF_HOME: /cache}}"
            yield at(release, (*where, "mountPath"), message, hint)


def _mounts(values: Values) -> Iterator[tuple[KeyPath, Values]]:
    """What people mount into the server, each with its place; a chart before 0.2 has no caches."""
    for key in ("volumeMounts", "caches"):
        for index, mount in enumerate(values.get(key, ())):
            yield (key, index), mount


def _uses_home_of_root(values: Values) -> bool:
    """Whether the user is root, who alone may look into /root, and a variable leads there."""
    if _user(values) != 0:
        return False
    texts = (text for text in values["env"].values() if isinstance(text, str))
    return any(text.startswith(ROOT_HOME) for text in texts)


def _user(values: Values) -> Any:
    """The user that the server runs as: the container's own, else the pod's; None for the image's."""
    user = lookup(values, ("securityContext", "runAsUser"))
    if user is None:
        return lookup(values, ("podSecurityContext", "runAsUser"))
    return user
