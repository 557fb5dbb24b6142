"""Why pods do not serve: one function for each cause, asked in this order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tritonfleet.status.claims import unbound_claim
from tritonfleet.status.nouns import FAILING, WAITING, Cause, Object
from tritonfleet.status.objects import (
    condition,
    is_true,
    message,
    name_of,
    time_of,
)
from tritonfleet.status.release import SERVER, Release
from tritonfleet.values import list_at, mapping_at, text_at

PULLS = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
CANNOT_CREATE = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}
SLACK = 5  # seconds between a startup budget's end and the container's
# What stands before a message in the server's log: E1121 23:22:41.123456 1 model_lifecycle.cc:654]
_LOG = re.compile(r"^[EWIF]\d{4} [\d:.]+ +\d+ \S+\] +")
_LOADS = re.compile(r"failed to load")
_TELLING = re.compile(r"UNAVAILABLE|[Ee]rror|Exception|unable|invalid|cannot")
LONGEST_LINE = 300  # characters
_LACKING = re.compile(r"Insufficient (?P<resource>[^\s,]+?)[,.]?(?:\s|$)")
# What the scheduler says behind its reasons is about preemption, which no person asks for.
_PREEMPTION = re.compile(r"\s*(no new claims to deallocate, )?preemption: .*")


def pods_cause(release: Release) -> Cause | None:
    """The first cause of the first pod that has one; None where nothing is wrong with them."""
    for find in CAUSES:
        for pod in release.pods:
            cause = find(release, pod)
            if cause:
                return cause
    return None


def _unscheduled(release: Release, pod: Object) -> Cause | None:
    """No node takes it: for a device, for a claim, or for what else the scheduler says."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") != "False":
        return None
    words = _PREEMPTION.sub("", message(scheduled))
    if "persistentvolumeclaim" in words.lower():
        return unbound_claim(release, pod, words)
    describe = f"{release.site.kubectl} describe pod {name_of(pod)}"
    for match in _LACKING.finditer(words):
        resource = match["resource"]
        if "/" in resource:
            told = _no_device(release, resource, words)
            return Cause(FAILING, told, describe)
    return Cause(FAILING, f"no node takes the pod: {words}", describe)


def _no_device(release: Release, resource: str, words: str) -> str:
    """How many are wanted, what the nodes have where somebody may look at nodes, and the scheduler's own words."""
    number, _, _ = release.wanted.devices.partition(" ")
    wants = f"each pod wants {number or 'some'}"
    nodes = release.read.of("nodes")
    if nodes:
        total = sum(_count(node, resource) for node in nodes)
        wants += f" of the {total} that the nodes have"
    return f"no node has {resource} free: {wants}; {words}"


def _count(node: Object, resource: str) -> int:
    text = text_at(node, "status", "allocatable", resource)
    return int(text) if text.isdecimal() else 0


def _image(release: Release, pod: Object) -> Cause | None:
    """An image that the node cannot pull."""
    for status in _containers(pod):
        waiting = mapping_at(status, "state", "waiting")
        if waiting.get("reason") in PULLS:
            image = text_at(status, "image")
            reason = message(waiting) or text_at(waiting, "reason")
            words = f"the image {image} cannot be pulled: {reason}"
            change = _set(release, "image.tag=TAG")
            step = f"{change}; or look at the registry and imagePullSecrets"
            return Cause(FAILING, words, step)
    return None


def _config(release: Release, pod: Object) -> Cause | None:
    """A Secret or a ConfigMap that is not there, or a container that the runtime refuses."""
    for status in _containers(pod):
        waiting = mapping_at(status, "state", "waiting")
        if waiting.get("reason") in CANNOT_CREATE:
            name = text_at(status, "name")
            words = f"the container {name} cannot start: {message(waiting)}"
            step = f"{release.site.kubectl} describe pod {name_of(pod)}"
            return Cause(FAILING, words, step)
    return None


def _out_of_memory(release: Release, pod: Object) -> Cause | None:
    """The kernel ended a container, and it has not recovered."""
    for status in _containers(pod):
        ended = last_end(status)
        if _is_out_of_memory(ended) and not _serves(status):
            limit = release.wanted.memory
            most = f"its limit of {limit}" if limit else "the node has"
            took = f"the container {text_at(status, 'name')} took more memory"
            step = _set(release, "resources.limits.memory=MORE")
            return Cause(FAILING, f"OOMKilled: {took} than {most}", step)
    return None


def _is_out_of_memory(ended: Object) -> bool:
    """Whether the kernel ended it; the runtime has words of its own for one that was too small to begin."""
    if ended.get("reason") == "OOMKilled":
        return True
    return "OOM-killed" in text_at(ended, "message")


def _fetch(release: Release, pod: Object) -> Cause | None:
    """A container that runs before the server ends with an error."""
    for status in list_at(pod, "status", "initContainerStatuses"):
        ended = last_end(status)
        if ended.get("exitCode") and not status.get("ready"):
            name = text_at(status, "name")
            logs = f"{release.site.kubectl} logs {name_of(pod)}"
            said = telling_line(text_at(ended, "message"))
            words = f"{name} ended with {ended['exitCode']}"
            return Cause(FAILING, words, f"{logs} --container {name}", said)
    return None


def _crash(release: Release, pod: Object) -> Cause | None:
    """The server ended: it took too long to start, or it says why."""
    for status in list_at(pod, "status", "containerStatuses"):
        ended = last_end(status)
        if not ended or _serves(status):
            continue
        name = text_at(status, "name")
        said = telling_line(text_at(ended, "message"))
        kubectl = release.site.kubectl
        logs = f"{kubectl} logs {name_of(pod)} --container {name} --previous"
        budget = _budget(release, pod)
        if name == SERVER and _took_too_long(budget, ended, said):
            words = f"the start takes longer than its budget of {budget} s, at whose end the server is restarted"
            longer = _set(release, "startup.timeout=LONGER")
            return Cause(FAILING, words, f"{longer}; its log: {logs}")
        words = f"the server ended with {ended.get('exitCode')}"
        return Cause(FAILING, words, logs, said or "it says nothing")
    return None


def _budget(release: Release, pod: Object) -> int:
    """Seconds that this pod may take to start: it may be one of an older commit."""
    for container in list_at(pod, "spec", "containers"):
        probe = mapping_at(container, "startupProbe")
        if container.get("name") == SERVER and probe:
            # Where the probe does not say it, Kubernetes' own defaults hold.
            period: int = probe.get("periodSeconds", 10)
            failures: int = probe.get("failureThreshold", 3)
            return period * failures
    return release.wanted.startup


def _took_too_long(budget: int, ended: Object, said: str) -> bool:
    """Whether the kubelet ended it at the end of its budget; a server whose models fail to load ends by itself."""
    began = time_of(text_at(ended, "startedAt"))
    end = time_of(text_at(ended, "finishedAt"))
    is_late = end - began >= budget - SLACK
    return is_late and not _LOADS.search(said)


def _starting(release: Release, pod: Object) -> Cause | None:
    """On its way, and within its budget."""
    if is_true(pod, "Ready"):
        return None
    for status in list_at(pod, "status", "containerStatuses"):
        began = time_of(text_at(status, "state", "running", "startedAt"))
        if not began:
            continue
        is_started = status.get("started")
        if not is_started and text_at(status, "name") == SERVER:
            seconds = max(0, round(release.now - began))
            budget = _budget(release, pod)
            return Cause(WAITING, f"the server starts: {seconds} s of {budget} s")
        if is_started and not status.get("ready"):
            words = "the server runs and its readiness probe fails: a model is not ready, or was taken away"
            return Cause(FAILING, words, f"{release.site.kubectl} logs {name_of(pod)}")
    words = "a pod is being made: its image is pulled or its models are fetched"
    return Cause(WAITING, words)


CAUSES: tuple[Callable[[Release, Object], Cause | None], ...] = (
    _unscheduled,
    _image,
    _config,
    _out_of_memory,
    _fetch,
    _crash,
    _starting,
)


def _containers(pod: Object) -> Iterator[Object]:
    yield from list_at(pod, "status", "initContainerStatuses")
    yield from list_at(pod, "status", "containerStatuses")


def last_end(status: Object) -> Object:
    """How a container ended: the one that is there, or the one before."""
    now = mapping_at(status, "state", "terminated")
    return now or mapping_at(status, "lastState", "terminated")


def _serves(status: Object) -> bool:
    """Whether it runs again and is ready: what ended before it is past."""
    return bool(status.get("ready"))


def telling_line(log: str) -> str:
    """The line of a log that says what went wrong: the first that sounds like it, or else the last one."""
    lines = [_LOG.sub("", line).strip() for line in log.splitlines()]
    lines = [line for line in lines if line]
    for sounds in (_LOADS, _TELLING):
        for line in lines:
            if sounds.search(line):
                return line[:LONGEST_LINE]
    return lines[-1][:LONGEST_LINE] if lines else ""


def _set(release: Release, change: str) -> str:
    """The command that changes a value where the release has it."""
    name = release.wanted.name
    return f"tritonfleet set {name} {change} --env {release.site.name}"
