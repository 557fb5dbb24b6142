"""The pod that rules look at is the one that Helm renders."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from tests.generator.fleets import CHART, Build
from tritonfleet.deployment import PROBES, server_pod
from tritonfleet.load import load
from tritonfleet.pod import CONTAINERS, Pod, patched
from tritonfleet.resolve import resolve
from tritonfleet.values import Values
from tritonfleet.yaml import read, to_yaml

CI_FILES = sorted((CHART / "ci").glob("*-values.yaml"))
HELM = "[{name: copy, image: 'a:1', securityContext: {privileged: true}}, {name: wait, image: 'b:1'}]"
PATCHES = {
    "containers without a context": f"initContainers: {HELM}\nsidecars: {HELM}",
    "an empty context": "sidecars: [{name: a, securityContext: {}}, {name: b, securityContext: null}]",
    "probes and hooks": "livenessProbe: {httpGet: {port: http, host: a.b}, periodSeconds: 3}\n"
    "lifecycle: {preStop: {httpGet: {port: 80, host: c.d}}}",
    "annotations": "podAnnotations: {a: b, c: d}\ncommonAnnotations: {c: e, f: g}",
    "volumes": "volumes: [{name: a, emptyDir: {}}]\nvolumeMounts: [{name: a, mountPath: /a}]",
    "a template that merges": "podTemplate: {metadata: {labels: {a: b}}, spec: {hostNetwork: true, securityContext: {runAsUser: 0}}}",
    "a template that empties": "podTemplate: {spec: {securityContext: {runAsNonRoot: false, seccompProfile: {}}, volumes: []}}",
    "a template that replaces containers": "sidecars: [{name: a, image: b}]\npodTemplate: {spec: {containers: [{name: c, image: 'd:1'}]}}",
    "a template with other containers": "podTemplate: {spec: {initContainers: [{name: c, image: 'd:1'}], ephemeralContainers: [{name: e}]}}",
    "a template of another type": "podTemplate: {spec: {securityContext: text, volumes: 5}}",
    "no security context": "securityContext: {allowPrivilegeEscalation: null, readOnlyRootFilesystem: null, capabilities: null}\nsidecars: [{name: a, image: b}]",
    "another name": "nameOverride: vision\nfullnameOverride: other",
    "listeners": "http: {enabled: false}\ngrpc: {port: 9001, tls: {enabled: true, secretName: t}}",
    "fetch": "repository: {image: null, emptyDir: {size: 1Gi}}\nfetch: {enabled: true, image: 'a:1'}\ninitContainers: [{name: a, image: b}]",
}  # fmt: skip


def of_release(values: Values, build: Build) -> tuple[Pod, Values]:
    """The pod that rules see, and the template that Helm makes."""
    models = to_yaml({"models": [{"name": "one", **values}]})
    (release,) = resolve(load(build(models=models))).releases
    rendered = helm_python.Chart.load(CHART).render(
        release.values, name="one", namespace="dev"
    )
    (deployment,) = (
        yaml.safe_load(text)
        for path, text in rendered.items()
        if path.endswith("/deployment.yaml")
    )
    return server_pod(release), deployment["spec"]["template"]


def looked_at(template: Values, model: Values) -> Values:
    """What the model has of a template, in the same shape: the rest is nobody's business here."""
    pod = template["spec"]
    compared = {
        key: pod.get(key)
        for key in model["spec"]
        if key not in (*CONTAINERS, "volumes")
    }
    for kind in CONTAINERS:
        if kind in model["spec"] or kind in pod:
            compared[kind] = [container(each) for each in pod.get(kind, [])]
    compared["volumes"] = volumes(pod.get("volumes"))
    labels, annotations = (
        {
            key: template["metadata"].get(part, {}).get(key)
            for key in model["metadata"][part]
        }
        for part in ("labels", "annotations")
    )
    return {
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": compared,
    }


def container(each: Values) -> Values:
    """The parts of a container that admission looks at."""
    parts = ("name", "securityContext", "ports")
    compared = {key: each[key] for key in parts if key in each}
    mounts = each.get("volumeMounts") or []
    compared["volumeMounts"] = [(m["name"], m["mountPath"]) for m in mounts]
    compared["hosts"] = sorted(hosts(each))
    return compared


def hosts(each: Values) -> list[str]:
    handlers = [each.get(probe) or {} for probe in PROBES]
    handlers += [hook for hook in (each.get("lifecycle") or {}).values() if hook]
    return [
        handler[kind]["host"]
        for handler in handlers
        for kind in ("httpGet", "tcpSocket")
        if "host" in (handler.get(kind) or {})
    ]


def volumes(listed: Any) -> Any:
    if not isinstance(listed, list):
        return listed
    return [(each["name"], sorted(each.keys() - {"name"})) for each in listed]


def as_compared(model: Values) -> Values:
    return looked_at(model, model)


@pytest.mark.parametrize("path", CI_FILES, ids=lambda path: path.stem)
def test_an_example_has_the_pod_of_the_chart(path: Path, build: Build) -> None:
    pod, template = of_release(read(path.name, path.read_bytes()).data, build)
    assert as_compared(pod.template) == looked_at(template, pod.template)


@pytest.mark.parametrize("lines", PATCHES.values(), ids=PATCHES)
def test_open_values_have_the_pod_of_the_chart(lines: str, build: Build) -> None:
    values = read("case", lines.encode()).data
    values.setdefault("repository", {"image": {"path": "/models"}})
    pod, template = of_release(values, build)
    assert as_compared(pod.template) == looked_at(template, pod.template)


def test_a_part_of_the_pod_comes_from_a_value(build: Build) -> None:
    values = read("case", PATCHES["containers without a context"].encode()).data
    values |= {"podTemplate": {"spec": {"securityContext": {"runAsUser": 0}}}}
    values |= {"repository": {"hostPath": {"path": "/m"}}}
    pod, _ = of_release(values, build)
    spec = ("spec",)
    context = ("securityContext", "privileged")
    assert [
        pod.origin((*spec, "initContainers", 0, *context)),
        pod.origin((*spec, "initContainers", 1, *context)),
        pod.origin((*spec, "containers", 0, *context)),
        pod.origin((*spec, "containers", 2, *context)),
        pod.origin((*spec, "securityContext", "runAsUser")),
        pod.origin((*spec, "securityContext", "runAsNonRoot")),
        pod.origin((*spec, "volumes", 2)),
    ] == [
        ("initContainers", 0, *context),
        context,
        context,
        context,
        ("podTemplate", *spec, "securityContext", "runAsUser"),
        ("podSecurityContext", "runAsNonRoot"),
        ("repository", "hostPath"),
    ]


def test_a_patch_merges_mappings_and_replaces_the_rest() -> None:
    base = {"a": {"b": 1, "c": [1]}, "d": 2, "e": {"f": 1}}
    patch = {"a": {"c": [], "g": False}, "d": None, "e": {}}
    assert patched(base, patch) == {
        "a": {"b": 1, "c": [], "g": False},
        "d": None,
        "e": {"f": 1},
    }
