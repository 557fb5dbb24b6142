"""How many pods a release has, and how one follows another."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import most_pods, owns_single_writer_claim, seconds
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values


@release_rule("TF110", "repository replicas autoscaling")
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
        modes = "`repository.pvc.create.accessModes`"
        hint = f"add ReadWriteMany to {modes}, or run one pod"
        yield at(release, path, message, hint)


@release_rule("TF111", "rollout", WARNING)
def surge_fits_claim(release: Release, values: Values) -> Iterator[Problem]:
    """No pod waits for a claim that the pod before it still holds."""
    if owns_single_writer_claim(values) and values["rollout"] == "surge":
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
    least, most = scaling["minReplicas"], scaling["maxReplicas"]
    if scaling["enabled"] and least > most:
        path = ("autoscaling", "minReplicas")
        message = f"minReplicas {least} is above maxReplicas {most}"
        yield at(release, path, message, "raise maxReplicas, or lower minReplicas")
