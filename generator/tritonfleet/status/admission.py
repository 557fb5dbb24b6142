"""Pods that the API server refuses to make."""

from __future__ import annotations

from tritonfleet.status.nouns import FAILING, Cause
from tritonfleet.status.objects import condition, message
from tritonfleet.status.release import Release


def admission_cause(release: Release) -> Cause | None:
    """What the API server said when the ReplicaSet asked for a pod; None where it refuses none."""
    failure = condition(release.replica_set, "ReplicaFailure")
    if failure.get("status") != "True":
        return None
    words = message(failure)
    site = release.site
    if "violates PodSecurity" in words:
        level = f"{site.kubectl} get namespace {site.namespace} --show-labels"
        step = f"write podSecurity in {site.file} as the namespace has it, and run tritonfleet validate ({level})"
        return Cause(FAILING, f"refused by Pod Security: {words}", step)
    if "exceeded quota" in words:
        step = f"{site.kubectl} describe resourcequota"
        return Cause(FAILING, f"refused by a quota: {words}", step)
    step = f"{site.kubectl} describe deployment {release.wanted.full_name}"
    return Cause(FAILING, f"the API server refuses the pods: {words}", step)
