"""The pods that the chart makes beside the server's: those of its test and of its benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tritonfleet.modes import answers_http
from tritonfleet.pod import Pod
from tritonfleet.values import KeyPath, Values

ORIGINS: Mapping[KeyPath, KeyPath] = {
    ("spec", "securityContext"): ("podSecurityContext",),
    ("spec", "containers", 0, "securityContext"): ("securityContext",),
}


def helper_pods(values: Values) -> Iterator[tuple[str, Pod]]:
    """The pods beside the server's, which `podTemplate` does not change: what each is called, and its template."""
    if values["test"]["enabled"] and answers_http(values):
        yield "the pod of the test", _helper_pod("curl", values)
    if values["benchmark"]["enabled"]:
        yield "the pod of the benchmark", _helper_pod("perf-analyzer", values)


def _helper_pod(container: str, values: Values) -> Pod:
    of_container = {
        "name": container,
        "securityContext": values.get("securityContext") or {},
    }
    spec = {
        "securityContext": values.get("podSecurityContext") or {},
        "containers": [of_container],
    }
    return Pod({"spec": spec}, ORIGINS)
