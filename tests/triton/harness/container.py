"""A rendered pod template → what the kubelet would run: command, environment and files. Nothing is started here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

Object = Mapping[str, Any]
Secrets = Mapping[str, Mapping[str, str]]
"""Name of a Secret → key → value, as an admin would have made them."""

POD = {
    "metadata.name": "release-5c9f6d7b8-x2v4q",
    "metadata.namespace": "test",
    "metadata.uid": "0b1cde00-7a51-4a43-8e5e-3f1f9f3f2a17",
    "spec.nodeName": "node",
    "spec.serviceAccountName": "release",
    "status.hostIP": "127.0.0.1",
    "status.podIP": "127.0.0.1",
}
"""What the downward API says of the pod in these tests."""


WRITTEN = {"configMap", "secret", "projected"}
"""Volumes that Kubernetes writes; every other kind begins as an empty directory here."""


class ContainerError(Exception):
    """The kubelet would not start this container; the message says why."""


@dataclass(frozen=True)
class Sources:
    """What a pod refers to by name: rendered ConfigMaps and given Secrets."""

    configmaps: Mapping[str, Object]
    secrets: Secrets


@dataclass(frozen=True)
class Mount:
    """A path in the container and what is there: a file or directory of this machine, or memory."""

    path: str
    source: Path | None
    read_only: bool
    size: str = ""


@dataclass(frozen=True)
class Container:
    """A container as the kubelet hands it to the runtime."""

    argv: list[str]
    env: dict[str, str]
    ports: dict[str, int]
    mounts: list[Mount]
    shares_processes: bool
    security: Object
    """The pod's security context with the container's over it."""
    spec: Object


def prepare(template: Object, name: str, sources: Sources, root: Path) -> Container:
    """Resolve one container of a pod template; its volumes are made below `root`, by name."""
    pod = template["spec"]
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    [spec] = [container for container in containers if container["name"] == name]
    env = environment(spec, sources)
    return Container(
        argv=[
            expand(word, env)
            for word in [*spec.get("command", []), *spec.get("args", [])]
        ],
        env=env,
        ports={port["name"]: port["containerPort"] for port in spec.get("ports", [])},
        mounts=mounts(template["spec"], spec, sources, root),
        shares_processes=template["spec"].get("shareProcessNamespace", False),
        security={
            **template["spec"].get("securityContext", {}),
            **spec.get("securityContext", {}),
        },
        spec=spec,
    )


def expand(text: str, env: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes reads it: `$$` is a dollar, and an unknown name stays as it is written."""

    def value(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else env.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", value, text)


def environment(spec: Object, sources: Sources) -> dict[str, str]:
    """envFrom first, then env in its order; a value sees only what stands before it."""
    env: dict[str, str] = {}
    for source in spec.get("envFrom", []):
        for kind in ("secretRef", "configMapRef"):
            if kind in source:
                found = _data(kind.removesuffix("Ref"), source[kind], sources)
                env |= {
                    source.get("prefix", "") + key: value.decode()
                    for key, value in found.items()
                }
    for entry in spec.get("env", []):
        value = _value(entry, env, sources)
        if value is not None:
            env[entry["name"]] = value
    return env


def _value(entry: Object, env: Mapping[str, str], sources: Sources) -> str | None:
    source = entry.get("valueFrom")
    if source is None:
        return expand(entry.get("value", ""), env)
    if "fieldRef" in source:
        return POD[source["fieldRef"]["fieldPath"]]
    [(kind, reference)] = source.items()
    found = _data(kind.removesuffix("KeyRef"), reference, sources)
    if reference["key"] not in found and not reference.get("optional"):
        raise ContainerError(
            f"env {entry['name']}: {reference['name']} has no key {reference['key']}"
        )
    return found[reference["key"]].decode() if reference["key"] in found else None


def _data(kind: str, reference: Object, sources: Sources) -> dict[str, bytes]:
    """The keys of a ConfigMap or Secret."""
    name = reference.get("name", reference.get("secretName"))
    if kind == "secret" and name in sources.secrets:
        return {key: value.encode() for key, value in sources.secrets[name].items()}
    if kind == "configMap" and name in sources.configmaps:
        found = sources.configmaps[name]
        binary = {
            key: base64.b64decode(value)
            for key, value in found.get("binaryData", {}).items()
        }
        return {
            key: value.encode() for key, value in found.get("data", {}).items()
        } | binary
    if reference.get("optional"):
        return {}
    raise ContainerError(f"{kind} {name} not found")


def mounts(pod: Object, spec: Object, sources: Sources, root: Path) -> list[Mount]:
    """Every mount of a container, outer ones first, so that one may lie inside another."""
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    ordered = sorted(
        spec.get("volumeMounts", []),
        key=lambda mount: PurePosixPath(mount["mountPath"]).parts,
    )
    return [
        _mount(mount, volumes[mount["name"]], sources, root / mount["name"])
        for mount in ordered
    ]


def _mount(mount: Object, volume: Object, sources: Sources, place: Path) -> Mount:
    read_only = mount.get("readOnly", False)
    if volume.get("emptyDir", {}).get("medium") == "Memory":
        return Mount(
            mount["mountPath"], None, read_only, volume["emptyDir"].get("sizeLimit", "")
        )
    if not place.exists():
        place.mkdir(parents=True)
        if WRITTEN & set(volume):
            _publish(dict(_files(volume, sources)), place)
        else:
            place.chmod(0o777)  # as the kubelet makes an emptyDir
    source = (place / mount.get("subPath", "")).resolve()
    if not source.exists():
        if WRITTEN & set(volume):
            raise ContainerError(f"volume {volume['name']} has no {mount['subPath']}")
        source.mkdir(parents=True)
    return Mount(mount["mountPath"], source, read_only or bool(WRITTEN & set(volume)))


def _files(volume: Object, sources: Sources) -> Iterator[tuple[str, bytes]]:
    """Path → content of a volume that Kubernetes writes itself."""
    for part in volume["projected"]["sources"] if "projected" in volume else [volume]:
        [kind] = WRITTEN & set(part)
        found = _data(kind, part[kind], sources)
        for item in part[kind].get("items") or [
            {"key": key, "path": key} for key in found
        ]:
            if item["key"] not in found:
                raise ContainerError(f"volume {volume['name']}: no key {item['key']}")
            yield item["path"], found[item["key"]]


def _publish(files: Mapping[str, bytes], place: Path) -> None:
    """As the kubelet does, through a hidden link `..data`: Triton sees it, and takes it for a model in a repository."""
    version = place / "..2026_11_20"
    for path, content in files.items():
        (version / path).parent.mkdir(parents=True, exist_ok=True)
        (version / path).write_bytes(content)
    (place / "..data").symlink_to(version.name)
    for name in sorted({PurePosixPath(path).parts[0] for path in files}):
        (place / name).symlink_to(Path("..data") / name)
