"""A launcher instead of the chart's flags: what the chart can then not promise."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import explicit
from tritonfleet.modes import TRITON, mode
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values

SHELLS = frozenset({"sh", "bash", "ash", "dash"})


@release_rule("TF139", "server", WARNING)
def flags_reach_the_server(release: Release, values: Values) -> Iterator[Problem]:
    """The server gets the flags that the chart derives, or somebody knows what is lost without them."""
    server = values["server"]
    replacement = _replacement(server)
    if mode(values) != TRITON:
        replacement = ()  # which TF180 refuses
    if replacement:
        lost = (
            "when clients reconnect, how long requests may end, models, ports and log"
        )
        if _is_lockable(values):
            lost = f"the lock of the control API, {lost}"
        message = (
            f"nothing here sets the server's flags: {lost} are the launcher's business"
        )
        hint = "`server.command` alone hands the derived flags to a launcher"
        yield at(release, replacement, message, hint, key=True)
    elif _is_script(server["command"]):
        message = "a script after -c does not pass the flags on that follow it"
        arguments = "write its arguments in `server.args`"
        hint = f'{arguments}, or pass "$@" on and add the item `tritonserver`'
        yield at(release, ("server", "command"), message, hint)


def _replacement(server: Values) -> KeyPath:
    """What says that the arguments are not the chart's; () where they are. A chart before 0.2 has no such keys."""
    if server.get("args"):
        return ("server", "args")
    if server.get("imageCommand"):
        return ("server", "imageCommand")
    return ()


def _is_lockable(values: Values) -> bool:
    """Whether the chart would lock the control API, had the flags been its own."""
    return explicit(values) and values["modelControl"]["api"] != "open"


def _is_script(command: list[str]) -> bool:
    """Whether a command is a shell's script that ignores what stands after it."""
    if len(command) < 3:
        return False
    shell, flag, script = command[:3]
    _, _, name = shell.rpartition("/")
    takes_arguments = "$@" in script or "$*" in script
    return name in SHELLS and flag.endswith("c") and not takes_arguments
