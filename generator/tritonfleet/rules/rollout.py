"""How many pods a release has, and how one follows another."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import most_pods, owns_single_writer_claim, seconds
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.timing import timing
from tritonfleet.values import KeyPath, Values, lookup


@release_rule("TF110", "repository weights caches replicas autoscaling")
def claim_serves_its_pods(release: Release, values: Values) -> Iterator[Problem]:
    """A created ReadWriteOnce claim serves one pod."""
    if not owns_single_writer_claim(values):
        return
    pods = most_pods(values)
    if pods > 1:
        path: KeyPath = ("replicas",)
        if values["autoscaling"]["enabled"]:
            path = ("autoscaling", "maxReplicas")
        message = f"{pods} pods cannot share the created claim, which one node mounts"
        hint = "add ReadWriteMany to the claim's `accessModes`, or run one pod"
        yield at(release, path, message, hint)


@release_rule("TF111", "rollout", WARNING)
def surge_fits_claim(release: Release, values: Values) -> Iterator[Problem]:
    """No pod waits for a claim that the pod before it still holds."""
    surges = values["rollout"] == "surge"
    if surges and owns_single_writer_claim(values):
        message = "the surge pod waits for the claim when it lands on another node"
        hint = "`rollout: auto` ends the old pod first"
        yield at(release, ("rollout",), message, hint)


@release_rule("TF112", "terminationGracePeriodSeconds")
def grace_covers_drain(release: Release, values: Values) -> Iterator[Problem]:
    """The grace period covers drain and the requests in flight."""
    grace = values["terminationGracePeriodSeconds"]
    shutdown = values["shutdown"]
    needed = seconds(shutdown["drain"]) + seconds(shutdown["requestTimeout"])
    if 0 < grace < needed:  # 0 lets the chart derive it
        path = ("terminationGracePeriodSeconds",)
        killed = f"the pod is killed after {grace} s"
        message = f"{killed}, but drain and requestTimeout take {needed} s together"
        yield at(release, path, message, "remove it: the chart derives it")


@release_rule("TF122", "autoscaling")
def bounds_are_in_order(release: Release, values: Values) -> Iterator[Problem]:
    """Autoscaling has room between its bounds."""
    scaling = values["autoscaling"]
    least = scaling["minReplicas"]
    most = scaling["maxReplicas"]
    if scaling["enabled"] and least > most:
        path = ("autoscaling", "minReplicas")
        message = f"minReplicas {least} is above maxReplicas {most}"
        yield at(release, path, message, "raise maxReplicas, or lower minReplicas")


# Seconds that the smallest of the engines' and Kubernetes' own types holds, a signed number of 32 bits. Flux counts in
# nanoseconds: one HelmRelease whose timeout is beyond that stops its controller for all others.
LONGEST = 2**31 - 1


@release_rule("TF147", "startup shutdown replicas autoscaling")
def rollout_can_be_waited_for(release: Release, values: Values) -> Iterator[Problem]:
    """Engines can count the seconds that a rollout may take."""
    longest = timing(values)
    if max(longest.timeout, longest.deadline) > LONGEST:
        rollout = f"a rollout of {longest.pods} pods may take {longest.timeout} s"
        message = f"{rollout}, and engines count to {LONGEST}"
        hint = "lower `startup.timeout`, `startup.pull` or the number of pods"
        yield at(release, ("startup", "timeout"), message, hint)


@release_rule("TF178", "livenessProbe readinessProbe", WARNING)
def no_probe_waits_for_the_start(release: Release, values: Values) -> Iterator[Problem]:
    """No probe waits a fixed time for the start, which the startup probe waits for."""
    if values["startupProbe"].get("enabled") is False:
        return
    for probe in ("livenessProbe", "readinessProbe"):
        path = (probe, "initialDelaySeconds")
        if lookup(values, path):
            message = (
                "no delay is needed: the probe begins when the startup probe has passed"
            )
            hint = "remove it; `startup.timeout` says how long a start may take"
            yield at(release, path, message, hint)
