"""The gate before traffic: a real inference that a start, or the end of a rollout, waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tritonfleet.facts import image
from tritonfleet.modes import answers_http, listeners, main_listener
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.timing import seconds_to_answer
from tritonfleet.values import KeyPath, Values

HANDLERS = frozenset({"httpGet", "exec", "tcpSocket", "grpc"})
# Linux takes no argument of a command that is longer than 128 KiB: MAX_ARG_STRLEN.
LONGEST_ARGUMENT = 130_000
STARTUP: KeyPath = ("startup", "inference")
AFTER_SYNC: KeyPath = ("test", "afterSync")


@release_rule("TF171", "startup test")
def inference_can_be_asked(release: Release, values: Values) -> Iterator[Problem]:
    """What waits for an inference is able to ask for one."""
    yield from _obstacles_to_test(release, values)
    yield from _too_long(release, values)
    if values["startup"].get("inference"):
        yield from _obstacles_to_start(release, values)
        yield from _misfit_probe(release, values)


def _obstacles_to_test(release: Release, values: Values) -> Iterator[Problem]:
    """The test after a rollout needs a test."""
    test = values["test"]
    is_there = test["enabled"] and answers_http(values)
    if test.get("afterSync") and not is_there:
        message = "there is no test to run after a rollout"
        hint = "enable `test` and `http`, or remove it"
        yield at(release, AFTER_SYNC, message, hint)


def _too_long(release: Release, values: Values) -> Iterator[Problem]:
    """A command holds the request, and what its answer is compared with."""
    inference = values["test"]["inference"]
    for key in ("body", "expect"):
        said = inference.get(key, "")
        text = said if key == "body" else _as_json(said)
        size = len(text.encode())
        if size > LONGEST_ARGUMENT:
            path = ("test", "inference", key)
            most = f"the {LONGEST_ARGUMENT} that a command can take"
            message = f"{size} bytes are more than {most}"
            yield at(release, path, message, "choose a smaller request", key=True)


def _as_json(value: object) -> str:
    """As the chart writes it, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _obstacles_to_start(release: Release, values: Values) -> Iterator[Problem]:
    """A start that waits for an inference needs one, and HTTP to ask for it."""
    if not values["test"]["inference"]:
        message = "there is no inference to wait for"
        hint = "set `test.inference`, or remove it"
        yield at(release, STARTUP, message, hint)
    # A frontend of other pods answers for this one, and not inside of it.
    own = [listener.name for listener in listeners(values)]
    if main_listener(values) not in own:
        message = "the first inference is asked for over HTTP, which is off"
        yield at(release, STARTUP, message, "enable `http`, or remove it")


def _misfit_probe(release: Release, values: Values) -> Iterator[Problem]:
    """The startup probe is the one that asks, and it waits long enough."""
    probe = values["startupProbe"]
    if probe.get("enabled") is False or HANDLERS & set(probe):
        message = "this takes the place of `startup.inference`"
        hint = "remove one of the two"
        yield at(release, ("startupProbe",), message, hint, key=True)
    longest = seconds_to_answer(values)
    timeout = probe.get("timeoutSeconds")
    if timeout and timeout < longest:
        path = ("startupProbe", "timeoutSeconds")
        message = f"{timeout} s are less than a request may take, {longest} s"
        yield at(release, path, message, "remove it: the chart derives it")


@release_rule("TF172", "startup test", WARNING)
def image_has_python(release: Release, values: Values) -> Iterator[Problem]:
    """What compares an answer is a program of Python, which an image may lack."""
    for path, name in _askers(values):
        if not _is_known_to_have_python(name):
            message = f"python3 compares the answer, and {name} may lack it"
            try_it = f"try `docker run --rm --entrypoint python3 {name} --version`"
            hint = f"{try_it}, and write an `ignore` if it works"
            yield at(release, path, message, hint)


def _askers(values: Values) -> Iterator[tuple[KeyPath, str]]:
    """What asks with Python, and the image in which it does."""
    if values["startup"].get("inference"):
        yield STARTUP, image(values)
    test = values["test"]
    name = test["image"]
    if name and "expect" in test["inference"]:
        yield ("test", "image"), name


def _is_known_to_have_python(name: str) -> bool:
    """NVIDIA's own images have it, and so has what says so."""
    return "tritonserver" in name or "py" in name
