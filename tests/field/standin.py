"""A real deployment on a cluster that has neither its image nor its models: what stands in for them, and what is left.

What people said stays: flags, ports, probes, users, rights, mounts, objects beside the pod. What nobody can have here
is replaced: images, models, and the programs of other containers; and sizes, so that two cores hold the pods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from tests.field.cases import FIELD, cases
from tritonfleet.values import Values, list_at, lookup, mapping_at, overlay

IMAGE = "docker.io/local/triton:24.10"
SMALL: Values = {
    "image": {"registry": "docker.io", "repository": "local/triton", "tag": "24.10"},
    "replicas": 1,
    "resources": {
        "requests": {"cpu": "20m", "memory": "96Mi"},
        "limits": {"memory": "1Gi"},
    },
    "sharedMemory": {"size": "64Mi"},
    "startup": {"timeout": "5m"},
}
MODEL = {
    "config.pbtxt": """\
backend: "python"
input [{name: "IN", data_type: TYPE_INT32, dims: [1]}]
output [{name: "OUT", data_type: TYPE_INT32, dims: [1]}]
instance_group [{kind: KIND_CPU}]
""",
    "1/model.py": """\
import triton_python_backend_utils as triton


class TritonPythonModel:
    def execute(self, requests):
        found = [triton.get_input_tensor_by_name(each, "IN").as_numpy() for each in requests]
        return [triton.InferenceResponse([triton.Tensor("OUT", each)]) for each in found]
""",
}
WRITE = "".join(
    f"mkdir -p MODEL/$(dirname {name})\ncat >MODEL/{name} <<'END'\n{text}END\n"
    for name, text in MODEL.items()
)
# What only the cluster of its authors has, or what another release may have on this one.
PLACES = ("nodeSelector", "affinity", "runtimeClassName", "priorityClassName")


def candidates() -> dict[str, Values]:
    """The accepted deployments without devices whose program is Triton's own, each with its entry."""
    table = (FIELD / "VERDICTS.md").read_text().splitlines()
    accepted = {row.split(" | ")[0][2:] for row in table if "accepted" in row}
    return {
        name: case["models"][0]
        for name, case in cases().items()
        if name in accepted and _needs_no_more(case["models"][0])
    }


def level(name: str) -> str:
    """The strictest level at which `validate` accepts a deployment."""
    [row] = [
        line
        for line in (FIELD / "VERDICTS.md").read_text().splitlines()
        if line.startswith(f"| {name} |")
    ]
    verdicts = row.strip("| ").split(" | ")[3:]
    levels = ("restricted", "baseline", "privileged")
    return next(
        level
        for level, verdict in zip(levels, verdicts, strict=True)
        if verdict.startswith("accepted")
    )


def _needs_no_more(entry: Values) -> bool:
    own = mapping_at(entry, "server").get("imageCommand")
    return not own and not mapping_at(entry, "accelerator").get("count")


def values(entry: Values, directory: str) -> Values:
    """The entry's values with stand-ins; what it mounts of the node is below a directory."""
    kept = {key: each for key, each in deepcopy(entry).items() if key not in PLACES}
    del kept["name"]
    kept.pop("image")
    found = overlay(kept, SMALL)
    found |= _models(found, directory)
    for key in ("initContainers", "sidecars"):
        if key in found:
            found[key] = [_container(each, key) for each in found[key]]
    for volume in found.get("volumes", ()):
        if "ephemeral" in volume:  # a claim of the pod, for which nobody makes a volume
            volume["emptyDir"] = volume.pop("ephemeral") and {}
    mapping_at(found, "service").pop("nodePorts", None)
    if "autoscaling" in found:
        found["autoscaling"]["minReplicas"] = 1
    return found


def _models(found: Values, directory: str) -> Values:
    """The same source with a model in it, or a ConfigMap where the source is far away."""
    source = found["repository"]
    if "pvc" in source:
        return {}
    if "fetch" in found:
        script = _written(found, "$MODELS")
        command = {"image": IMAGE, "command": ["sh", "-ec"], "args": [script]}
        return {"fetch": {"enabled": True, **command}}
    if "hostPath" in source:
        return {"repository": {"hostPath": {**source["hostPath"], "path": directory}}}
    if "hostPath" in mapping_at(source, "volume", "source"):
        changed = deepcopy(source)
        changed["volume"]["source"]["hostPath"]["path"] = directory
        return {"repository": changed}
    named = mapping_at(source, "configMap", "models") or _names(found)
    models = dict.fromkeys(named, MODEL)
    return {"repository": {"configMap": {"models": models}}}


def fill(found: Values) -> str:
    """A script that puts the models where the release looks for them, in a directory of the node."""
    inside = lookup(found, ("repository", "pvc", "subPath"))
    return _written(found, f"./{inside}" if inside else ".")


def _written(found: Values, directory: str) -> str:
    return "".join(
        WRITE.replace("MODEL/", f"{directory}/{name}/") for name in _names(found)
    )


def _names(found: Values) -> list[str]:
    """The models that are named, else one."""
    named = [each for each in found.get("loadModels", ()) if each != "*"]
    return named or ["standin"]


def _container(container: Values, key: str) -> Values:
    """A container that does nothing, for as long as the one that it stands in for."""
    stays = key == "sidecars" or container.get("restartPolicy") == "Always"
    changed = {**container, "image": IMAGE}
    changed["command"] = ["sleep", "infinity"] if stays else ["true"]
    changed["imagePullPolicy"] = "IfNotPresent"
    for each in ("args", "startupProbe", "livenessProbe", "readinessProbe"):
        changed.pop(each, None)
    return changed


def beside(found: Values, namespace: str) -> Iterator[Mapping[str, Any]]:
    """What the cluster of the authors has in the namespace: Secrets, accounts and claims that the values name."""
    for name, keys in sorted(_secrets(found).items()):
        data = dict.fromkeys(sorted(keys), "standin")
        yield {**_object("Secret", name, namespace), "stringData": data}
    account = mapping_at(found, "serviceAccount")
    if account.get("create") is False and account.get("name"):
        yield _object("ServiceAccount", account["name"], namespace)
    claim = lookup(found, ("repository", "pvc", "claim"))
    if claim:
        spec = {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "",
            "volumeName": namespace,
            "resources": {"requests": {"storage": "1Gi"}},
        }
        yield {**_object("PersistentVolumeClaim", claim, namespace), "spec": spec}


def _object(kind: str, name: str, namespace: str) -> Values:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _secrets(found: Values) -> dict[str, set[str]]:
    """Secrets that the values name, and the keys that are asked of each."""
    secrets: dict[str, set[str]] = {}
    for each in _mappings(found):
        reference = mapping_at(each, "secretKeyRef") or mapping_at(each, "secretRef")
        name = each.get("secretName") or reference.get("name")
        if isinstance(name, str):
            keys = {each.get("key"), reference.get("key")} - {None}
            secrets.setdefault(name, set()).update(map(str, keys))
    return secrets


def _mappings(data: Any) -> Iterator[Values]:
    if isinstance(data, dict):
        yield data
        for each in data.values():
            yield from _mappings(each)
    elif isinstance(data, list):
        for each in data:
            yield from _mappings(each)


def containers(pod: Values) -> Iterator[str]:
    """What each container of a pod waits for or ended with; nothing of those that run."""
    for each in list_at(pod, "status", "containerStatuses"):
        state = {key: v for key, v in each["state"].items() if key != "running"}
        if state:
            yield f"{each['name']}: {state}"
