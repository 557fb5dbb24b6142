"""Mode dynamo: what one object says and another must say, too."""

from __future__ import annotations

from typing import Any

from tests.chart.helm import ci, one, render, server
from tritonfleet.engines.dynamo import GRANTED

VALUES = ci("dynamo-values.yaml")


def environment(container: Any) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def open_ports(manifests: Any, name: str) -> set[int]:
    policy = one(manifests, "NetworkPolicy", name)
    return {
        port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]
    }


def frontend(manifests: Any) -> Any:
    deployment = one(manifests, "Deployment", "rel-frontend")
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return container


def test_policies_open_the_ports_that_variables_and_arguments_name() -> None:
    manifests = render(VALUES)
    worker = environment(server(manifests))
    assert open_ports(manifests, "rel") == {
        int(worker["DYN_TCP_RPC_PORT"]),
        int(worker["DYN_SYSTEM_PORT"]),
    }
    asked = frontend(manifests)
    arguments = dict(each.split("=") for each in asked["args"] if "=" in each)
    assert open_ports(manifests, "rel-frontend") == {
        int(arguments["--http-port"]),
        int(arguments["--grpc-metrics-port"]),
        int(environment(asked)["DYN_TCP_RESPONSE_STREAM_PORT"]),
    }


def test_the_role_is_what_engines_may_grant() -> None:
    rules = one(render(VALUES), "Role")["rules"]
    assert {
        (*rule["apiGroups"], *rule["resources"]): frozenset(rule["verbs"])
        for rule in rules
    } == GRANTED


def test_both_are_in_one_namespace_of_dynamo_and_let_each_other_in() -> None:
    manifests = render(VALUES)
    names = {
        environment(each)["DYN_NAMESPACE"]
        for each in (server(manifests), frontend(manifests))
    }
    assert names == {"rel"}
    for name in ("rel", "rel-frontend"):
        policy = one(manifests, "NetworkPolicy", name)
        peers = [
            peer["podSelector"]["matchLabels"]
            for rule in policy["spec"]["ingress"]
            for peer in rule.get("from", ())
        ]
        assert peers == [{"tritonfleet/dynamo-namespace": "rel"}]


def test_a_worker_drains_by_itself_and_has_the_time_to_stop() -> None:
    """Dynamo waits, and then gives Triton 30 seconds; a longer request is waited for before."""
    for asked, waits, grace in (("10s", 15, 70), ("30s", 15, 90), ("2m", 105, 180)):
        manifests = render({**VALUES, "shutdown": {"requestTimeout": asked}})
        worker = server(manifests)
        variable = "DYN_GRACEFUL_SHUTDOWN_GRACE_PERIOD_SECS"
        assert int(environment(worker)[variable]) == waits
        assert "lifecycle" not in worker
        pod = one(manifests, "Deployment", "rel")["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] == grace
        assert frontend(manifests)["lifecycle"]["preStop"]["sleep"]["seconds"] == 15
