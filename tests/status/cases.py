"""Every cause, as a case: what Git wants, what was read, and the row that comes of it is in causes.txt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.status.objects import (
    COMMIT,
    IMAGE,
    NAMESPACE,
    NOW,
    OLDER,
    Object,
    application,
    benchmark,
    brought_by,
    condition,
    container,
    deployment,
    end,
    helm_release,
    pod,
    replica_set,
    root_application,
)
from tritonfleet.live import Absent, Denied, Unreachable
from tritonfleet.status import UNKNOWN, Cause, Site
from tritonfleet.status.nouns import Answer, Counters, Read, Wanted

WANTED = Wanted(
    name="one",
    full_name="one",
    image=IMAGE,
    model_version="",
    least=1,
    suspended=False,
    owner="vision",
    models=("resnet50",),
    http=8000,
    metrics=8002,
    startup=60,
    memory="4Gi",
    devices="1 nvidia.com/mig-1g.10gb",
    commits=(COMMIT,),
    rendered=(COMMIT,),
    committed=int(NOW) - 300,
)
GOOD = {"one-2-1": Answer({"resnet50": True}, Counters(1204, 3, 4_816_000, 2))}


def site(engine: str = "argocd", *wanted: Wanted, **more: Any) -> Site:
    made = Site(
        name="prod",
        file="values/environments/prod.yaml",
        engine=engine,
        namespace=NAMESPACE,
        engine_namespace="argocd" if engine == "argocd" else NAMESPACE,
        object_name="acme-prod",
        reference="origin/main",
        commit=COMMIT,
        wanted=wanted or (WANTED,),
        kubectl="kubectl --context prod -n models",
        engine_kubectl="kubectl --context prod -n argocd",
    )
    return replace(made, **more)


def running(
    *pods: Object,
    deployments: Sequence[Object] = (),
    sets: Sequence[Object] = (),
    **more: Sequence[Object],
) -> dict[str, Sequence[Object]]:
    """One release with its objects; Argo CD is content with it unless `applications` say more."""
    return {
        "deployments": deployments or [deployment()],
        "replicasets": sets or [replica_set()],
        "pods": pods,
        "applications": [root_application(), application()],
        **more,
    }


def by_flux(
    *pods: Object, release: Object | None = None, **more: Sequence[Object]
) -> dict[str, Sequence[Object]]:
    found = running(*pods, **more)
    del found["applications"]
    return {
        "helmreleases": [release or helm_release()],
        "gitrepositories": [brought_by("GitRepository", "acme-prod")],
        "helmcharts": [brought_by("HelmChart", "acme-prod")],
        "kustomizations": [
            brought_by("Kustomization", "acme-prod"),
            brought_by("Kustomization", "acme-prod-sources"),
        ],
        **found,
    }


def waiting(reason: str, message: str) -> Object:
    return pod(ready=False, server=container(waiting=(reason, message)))


def ended(reason: str, code: int, seconds: int = 3, message: str = "") -> Object:
    back_off = ("CrashLoopBackOff", "back-off 10s restarting failed container")
    server = container(waiting=back_off, ended=end(reason, code, seconds, message))
    return pod(ready=False, server=server)


LOG = """\
I1118 13:00:01.100000 1 model_lifecycle.cc:472] loading: resnet50:1
E1118 13:00:02.200000 1 model_lifecycle.cc:654] failed to load 'resnet50' version 1: Internal: RuntimeError: no weights

At:
  /models/resnet50/1/model.py(13): initialize

I1118 13:00:02.300000 1 server.cc:338] Waiting for in-flight requests to complete.
error: creating server: Internal - failed to load all models
"""
REFUSED = (
    'pods "one-2-x7k" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'
    ' (container "triton" must set securityContext.allowPrivilegeEscalation=false)'
)
SCHEDULER = (
    "0/3 nodes are available: 3 Insufficient nvidia.com/mig-1g.10gb. no new claims to deallocate, "
    "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
)
UNBOUND = (
    "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are"
    " available: 3 Preemption is not helpful for scheduling."
)
NODES = [
    {"status": {"allocatable": {"nvidia.com/mig-1g.10gb": count}}} for count in "707"
]
CLAIM = {
    "metadata": {"name": "one-models", "uid": "claim"},
    "spec": {
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "20Gi"}},
    },
    "status": {"phase": "Pending"},
}
NO_CLASS = {
    "involvedObject": {"uid": "claim"},
    "message": 'storageclass.storage.k8s.io "fast" not found',
}
FORBIDDEN = Denied(
    'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "models"'
)
NEWER = replace(WANTED, image=IMAGE.replace("24.12", "25.01"))
SUSPENDED = replace(WANTED, suspended=True)
NOT_READY = condition("Ready", "False", "GitOperationFailed", "unable to clone: 403")
ROLLED_BACK = (
    condition("Ready", "False", "RollbackSucceeded", "Helm rollback succeeded"),
    condition(
        "Released",
        "False",
        "UpgradeFailed",
        "Helm upgrade failed: context deadline exceeded",
    ),
    condition("Remediated", "True", "RollbackSucceeded"),
)


def read(
    objects: dict[str, Any],
    answers: dict[str, Answer] | None = None,
    **failures: Exception,
) -> Read:
    return Read(objects, failures, answers or {})


# As `perf_analyzer -f` writes it; the last line was cut off where the kubelet keeps no more.
MEASURED = (
    "Concurrency,Inferences/Second,Client Send,Server Queue,p50 latency,p99 latency",
    "1,511.2,21,34,1890,2410",
    "4,1204.5,24,412,3280,5120.5",
    "8,11",
)

CASES: dict[str, tuple[Site, Read]] = {
    "serves": (site(), read(running(pod()), GOOD)),
    "a benchmark has ended": (
        site(),
        read(running(pod(), benchmark(*MEASURED), benchmark(code=1)), GOOD),
    ),
    "an image that is not there": (
        site(),
        read(
            running(
                waiting(
                    "ImagePullBackOff", f'Back-off pulling image "{IMAGE}": not found'
                )
            )
        ),
    ),
    "a model that fails to load": (site(), read(running(ended("Error", 1, 3, LOG)))),
    "OOMKilled": (site(), read(running(ended("OOMKilled", 137)))),
    "OOMKilled before it began": (
        site(),
        read(
            running(
                ended(
                    "StartError",
                    128,
                    0,
                    "failed to create containerd task: container init was OOM-killed (memory limit too low?)",
                )
            )
        ),
    ),
    "a start that is longer than its budget": (
        site(),
        read(running(ended("Error", 137, 61))),
    ),
    "a start within its budget": (site(), read(running(pod(ready=False)))),
    "no free device": (site(), read(running(pod(ready=False, unscheduled=SCHEDULER)))),
    "no free device, and a right to look at nodes": (
        site(),
        read(running(pod(ready=False, unscheduled=SCHEDULER), nodes=NODES)),
    ),
    "a claim that does not bind": (
        site(),
        read(
            running(
                pod(ready=False, unscheduled=UNBOUND, claim="one-models"),
                persistentvolumeclaims=[CLAIM],
                events=[NO_CLASS],
            )
        ),
    ),
    "a claim that is not there": (
        site(),
        read(
            running(
                pod(ready=False, unscheduled='persistentvolumeclaim "gone" not found')
            )
        ),
    ),
    "refused by Pod Security": (
        site(),
        read(
            running(
                sets=[
                    replica_set(
                        "one",
                        condition("ReplicaFailure", "True", "FailedCreate", REFUSED),
                    )
                ]
            )
        ),
    ),
    "a Secret that is not there": (
        site(),
        read(running(waiting("CreateContainerConfigError", 'secret "s3" not found'))),
    ),
    "a fetch that fails": (
        site(),
        read(
            running(
                pod(
                    ready=False,
                    fetch=container(
                        "fetch", ended=end("Error", 1, 3, "AccessDenied: s3://m\n")
                    ),
                )
            )
        ),
    ),
    "Ready, and the model is not": (
        site(),
        read(running(pod()), {"one-2-1": Answer({"resnet50": False})}),
    ),
    "Ready, and the server does not answer": (
        site(),
        read(running(pod()), {"one-2-1": Answer({}, None, "Connection refused")}),
    ),
    "the readiness probe fails": (
        site(),
        read(running(pod(ready=False, server=container(started=True)))),
    ),
    "Argo CD: suspended": (
        site("argocd", SUSPENDED),
        read(
            running(
                pod(), applications=[root_application(), application(automated=False)]
            )
        ),
    ),
    "Argo CD: suspended, and changed by hand": (
        site("argocd", SUSPENDED),
        read(
            running(
                pod(),
                applications=[
                    root_application(),
                    application(
                        automated=False, sync="OutOfSync", differing="Deployment/one"
                    ),
                ],
            )
        ),
    ),
    "Argo CD: switched off by hand": (
        site(),
        read(
            running(
                pod(), applications=[root_application(), application(automated=False)]
            )
        ),
    ),
    "Argo CD: a sync that failed": (
        site(),
        read(
            running(
                pod(),
                applications=[
                    root_application(),
                    application(
                        sync="OutOfSync",
                        operation={
                            "phase": "Failed",
                            "message": "one or more objects failed to apply",
                        },
                    ),
                ],
            )
        ),
    ),
    "Argo CD: the sync of an older commit does not end": (
        site(),
        read(
            running(
                pod(ready=False, unscheduled=UNBOUND, claim="one-models"),
                applications=[
                    root_application(),
                    application(
                        sync="OutOfSync",
                        operation={
                            "phase": "Running",
                            "message": "waiting for healthy state of /PersistentVolumeClaim/one-models",
                            "syncResult": {"revision": OLDER},
                        },
                    ),
                ],
            )
        ),
    ),
    "Argo CD: a chart that does not render": (
        site(),
        read(
            running(
                pod(),
                applications=[
                    root_application(),
                    application(
                        "one",
                        {"type": "ComparisonError", "message": "helm template failed"},
                    ),
                ],
            )
        ),
    ),
    "Argo CD: a commit that it has not seen": (
        site("argocd", NEWER),
        read(
            running(
                pod(),
                applications=[root_application(OLDER), application(revision=OLDER)],
            ),
            GOOD,
        ),
    ),
    "Argo CD: it has missed a commit": (
        site("argocd", replace(WANTED, committed=int(NOW) - 7200)),
        read(
            running(
                pod(),
                applications=[root_application(OLDER), application(revision=OLDER)],
            ),
            GOOD,
        ),
    ),
    "Argo CD: not bootstrapped": (site(), read(running(applications=[]))),
    "Flux: serves": (site("flux"), read(by_flux(pod()), GOOD)),
    "Flux: suspended by hand": (
        site("flux"),
        read(by_flux(pod(), release=helm_release(suspend=True))),
    ),
    "Flux: suspended": (
        site("flux", SUSPENDED),
        read(by_flux(pod(), release=helm_release(suspend=True))),
    ),
    "Flux: rolled back": (
        site("flux", NEWER),
        read(by_flux(pod(), release=helm_release("one", *ROLLED_BACK)), GOOD),
    ),
    "Flux: it rolls out": (
        site("flux", NEWER),
        read(
            by_flux(
                pod(),
                release=helm_release(
                    "one",
                    condition(
                        "Ready",
                        "Unknown",
                        "Progressing",
                        "Running 'upgrade' action with timeout of 90s",
                    ),
                ),
            )
        ),
    ),
    "Flux: it has not taken up the values": (
        site("flux"),
        read(by_flux(pod(), release=helm_release(requested="values-1"))),
    ),
    "Flux: a source of the chart that is not Ready": (
        site("flux"),
        read(
            by_flux(
                pod(), helmcharts=[brought_by("HelmChart", "acme-prod", NOT_READY)]
            ),
            GOOD,
        ),
    ),
    "Flux: a commit that it has not seen": (
        site("flux", NEWER),
        read(
            by_flux(
                pod(),
                gitrepositories=[
                    brought_by("GitRepository", "acme-prod", revision=OLDER)
                ],
                kustomizations=[
                    brought_by("Kustomization", "acme-prod", revision=OLDER)
                ],
            ),
            GOOD,
        ),
    ),
    "pods run something else than Git says": (
        site("argocd", replace(WANTED, model_version="8")),
        read(running(pod(), sets=[replica_set(version="7")]), GOOD),
    ),
    "a rollout that takes too long": (
        site(),
        read(
            running(
                deployments=[
                    deployment(
                        "one",
                        1,
                        condition(
                            "Progressing",
                            "False",
                            "ProgressDeadlineExceeded",
                            'ReplicaSet "one-2" has timed out progressing.',
                        ),
                    )
                ]
            )
        ),
    ),
    "an unreachable cluster": (
        site(),
        read({}, pods=Unreachable("Connection refused")),
    ),
    "no engine": (
        site(),
        read(
            {}, applications=Absent("the server could not find the requested resource")
        ),
    ),
    "no rights": (site(), read({}, pods=FORBIDDEN, deployments=FORBIDDEN)),
    "no context": (
        site(hidden=Cause(UNKNOWN, "nobody knows which cluster it is: write it")),
        read({}),
    ),
    "words that would command a terminal": (
        site("argocd", replace(WANTED, owner="\x1b[2Jred")),
        read(running(ended("Error", 1, 3, "error: \x1b]0;title\x07 \x1b[31mred\n"))),
    ),
}
