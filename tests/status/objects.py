"""Objects as a real API server gives them, cut to what somebody reads of them."""

from __future__ import annotations

from typing import Any

from tritonfleet.engines.flux import REQUEST

Object = dict[str, Any]

COMMIT = "a" * 40
OLDER = "0" * 40
NOW = 1_795_000_000.0
STARTED = "2026-11-18T13:46:10Z"
NAMESPACE = "models"
IMAGE = "nvcr.io/nvidia/tritonserver:24.12-py3"


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def deployment(name: str = "one", replicas: int = 1, *conditions: Object) -> Object:
    return {
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": f"deployment-{name}",
            "generation": 2,
            "annotations": {"deployment.kubernetes.io/revision": "2"},
        },
        "spec": {"replicas": replicas},
        "status": {"observedGeneration": 2, "conditions": list(conditions)},
    }


def replica_set(
    name: str = "one",
    *conditions: Object,
    image: str = IMAGE,
    version: str = "",
    revision: str = "2",
) -> Object:
    annotations = {"tritonfleet/model-version": version} if version else {}
    return {
        "metadata": {
            "name": f"{name}-{revision}",
            "namespace": NAMESPACE,
            "uid": f"set-{name}-{revision}",
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"controller": True, "uid": f"deployment-{name}"}],
        },
        "spec": {
            "template": {
                "metadata": {"annotations": annotations},
                "spec": {"containers": [{"name": "triton", "image": image}]},
            }
        },
        "status": {"conditions": list(conditions)},
    }


def pod(
    name: str = "one",
    number: int = 1,
    *,
    ready: bool = True,
    server: Object | None = None,
    fetch: Object | None = None,
    unscheduled: str = "",
    claim: str = "",
) -> Object:
    """`server` and `fetch` are what the kubelet says of the containers; `unscheduled` is what the scheduler says."""
    if server is None and not unscheduled:
        server = container(ready=ready)
    scheduled = condition(
        "PodScheduled",
        "False" if unscheduled else "True",
        "Unschedulable" if unscheduled else "",
        unscheduled,
    )
    volumes = [{"persistentVolumeClaim": {"claimName": claim}}] if claim else []
    return {
        "metadata": {
            "name": f"{name}-2-{number}",
            "namespace": NAMESPACE,
            "ownerReferences": [{"controller": True, "uid": f"set-{name}-2"}],
        },
        "spec": {"volumes": volumes},
        "status": {
            "conditions": [scheduled, condition("Ready", str(ready))],
            "containerStatuses": [server] if server else [],
            "initContainerStatuses": [fetch] if fetch else [],
        },
    }


def benchmark(*lines: str, code: int = 0, name: str = "one") -> Object:
    """The pod of a Job that has ended, with what perf_analyzer wrote."""
    labels = {"instance": name, "component": "benchmark"}
    ended = {"exitCode": code, "finishedAt": STARTED, "message": "\n".join(lines)}
    return {
        "metadata": {
            "name": f"{name}-benchmark-1",
            "namespace": NAMESPACE,
            "labels": {
                f"app.kubernetes.io/{key}": value for key, value in labels.items()
            },
            "ownerReferences": [{"controller": True, "uid": "job"}],
        },
        "status": {"containerStatuses": [{"state": {"terminated": ended}}]},
    }


def container(
    name: str = "triton",
    *,
    ready: bool = False,
    started: bool | None = None,
    waiting: tuple[str, str] | None = None,
    ended: Object | None = None,
) -> Object:
    """`waiting` is a reason and a message; `ended` is how it ended the last time."""
    state: Object = {"running": {"startedAt": STARTED}}
    if waiting:
        state = {"waiting": {"reason": waiting[0], "message": waiting[1]}}
    return {
        "name": name,
        "image": IMAGE,
        "ready": ready,
        "started": ready if started is None else started,
        "state": state,
        "lastState": {"terminated": ended} if ended else {},
    }


def end(reason: str, code: int, seconds: int = 3, message: str = "") -> Object:
    return {
        "reason": reason,
        "exitCode": code,
        "startedAt": "2026-11-18T13:00:00Z",
        "finishedAt": f"2026-11-18T13:{seconds // 60:02}:{seconds % 60:02}Z",
        "message": message,
    }


def application(
    name: str = "one",
    *conditions: Object,
    sync: str = "Synced",
    health: str = "Healthy",
    revision: str = COMMIT,
    automated: bool = True,
    operation: Object | None = None,
    differing: str = "",
) -> Object:
    status: Object = {
        "sync": {"status": sync, "revision": revision},
        "health": {"status": health},
        "conditions": list(conditions),
        "operationState": operation
        or {"phase": "Succeeded", "syncResult": {"revision": revision}},
    }
    if differing:
        kind, _, own = differing.partition("/")
        status["resources"] = [{"kind": kind, "name": own, "status": "OutOfSync"}]
    policy = {"automated": {"enabled": True}} if automated else {}
    return {
        "metadata": {"name": f"prod-{name}", "namespace": "argocd"},
        "spec": {"syncPolicy": policy},
        "status": status,
    }


def root_application(revision: str = COMMIT, *conditions: Object) -> Object:
    made = application("", *conditions, revision=revision)
    made["metadata"]["name"] = "acme-prod"
    return made


def helm_release(
    name: str = "one",
    *conditions: Object,
    suspend: bool = False,
    generation: int = 1,
    requested: str = "",
) -> Object:
    return {
        "kind": "HelmRelease",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "generation": generation,
            "annotations": {REQUEST: requested} if requested else {},
        },
        "spec": {"suspend": suspend},
        "status": {
            "observedGeneration": 1,
            "conditions": list(conditions)
            or [condition("Ready", "True", "UpgradeSucceeded")],
        },
    }


def brought_by(
    kind: str, name: str, *conditions: Object, revision: str = COMMIT
) -> Object:
    """An object of Flux that brings releases: a source or a Kustomization."""
    said = f"main@sha1:{revision}"
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {},
        "status": {
            "conditions": list(conditions) or [condition("Ready", "True")],
            "artifact": {"revision": said},
            "lastAppliedRevision": said,
        },
    }
