"""The kubelet's rules for arguments, environment and files, on pod templates made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness.container import (
    Container,
    ContainerError,
    Sources,
    expand,
    prepare,
)

SOURCES = Sources(
    configmaps={"models": {"data": {"config": "backend", "code": "class"}}},
    secrets={"keys": {"id": "me", "secret": "$(POD)"}},
)


def resolve(
    directory: Path, volumes: list[dict[str, Any]] | None = None, **container: Any
) -> Container:
    spec = {"containers": [{"name": "triton", **container}], "volumes": volumes or []}
    return prepare({"spec": spec}, "triton", SOURCES, directory)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("--lock=$(KEY)", "--lock=value"),
        ("$$(KEY)", "$(KEY)"),
        ("$$$(KEY)", "$value"),
        ("$(UNKNOWN)", "$(UNKNOWN)"),
        ("^x-(a|b)$", "^x-(a|b)$"),
        ("$(KEY", "$(KEY"),
        ("$KEY ${KEY}", "$KEY ${KEY}"),
        ("$(KEY)$(KEY)", "valuevalue"),
    ],
)
def test_references_are_read_as_kubernetes_reads_them(text: str, expanded: str) -> None:
    assert expand(text, {"KEY": "value"}) == expanded


def test_environment(tmp_path: Path) -> None:
    """A value sees what stands before it; what comes from elsewhere is not expanded."""
    env = [
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        {"name": "ID", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "id"}}},
        {"name": "BOTH", "value": "$(POD)/$(ID)/$(LATER)"},
        {"name": "LATER", "value": "x"},
        {
            "name": "NONE",
            "valueFrom": {
                "secretKeyRef": {"name": "keys", "key": "token", "optional": True}
            },
        },
    ]
    container = resolve(
        tmp_path,
        env=env,
        envFrom=[{"secretRef": {"name": "keys"}, "prefix": "K_"}],
        args=["$(BOTH)"],
    )
    assert (container.env, container.argv) == (
        {
            "K_id": "me",
            "K_secret": "$(POD)",
            "POD": "test",
            "ID": "me",
            "BOTH": "test/me/$(LATER)",
            "LATER": "x",
        },
        ["test/me/$(LATER)"],
    )


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (
            {"secretKeyRef": {"name": "keys", "key": "token"}},
            "env KEY: keys has no key token",
        ),
        (
            {"secretKeyRef": {"name": "nobody", "key": "token"}},
            "secret nobody not found",
        ),
        (
            {"configMapKeyRef": {"name": "nobody", "key": "token"}},
            "configMap nobody not found",
        ),
    ],
)
def test_what_is_missing_keeps_a_container_from_starting(
    reference: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ContainerError, match=words):
        resolve(tmp_path, env=[{"name": "KEY", "valueFrom": reference}])


def test_a_configmap_lies_behind_a_hidden_link(tmp_path: Path) -> None:
    items = [
        {"key": "config", "path": "config.pbtxt"},
        {"key": "code", "path": "1/model.py"},
    ]
    volumes = [{"name": "m", "configMap": {"name": "models", "items": items}}]
    [mount] = resolve(
        tmp_path, volumes, volumeMounts=[{"name": "m", "mountPath": "/models/m"}]
    ).mounts
    assert mount.source is not None
    assert (mount.path, mount.read_only, sorted(path.name for path in mount.source.iterdir())) == (
        "/models/m", True, ["..2026_11_20", "..data", "1", "config.pbtxt"]
    )  # fmt: skip
    assert (mount.source / "1" / "model.py").read_text() == "class"


def test_mounts(tmp_path: Path) -> None:
    """Outer ones first; memory has no directory; one key of a Secret as a file."""
    volumes = [
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        {"name": "tmp", "emptyDir": {}},
        {
            "name": "ca",
            "secret": {
                "secretName": "keys",
                "items": [{"key": "id", "path": "ca.crt"}],
            },
        },
    ]
    wanted = [
        {"name": "tmp", "mountPath": "/tmp/inner", "subPath": "a"},
        {
            "name": "ca",
            "mountPath": "/etc/ca.crt",
            "subPath": "ca.crt",
            "readOnly": True,
        },
        {"name": "shm", "mountPath": "/dev/shm"},
        {"name": "tmp", "mountPath": "/tmp"},
    ]
    made = [
        (m.path, m.source, m.size)
        for m in resolve(tmp_path, volumes, volumeMounts=wanted).mounts
    ]
    assert made == [
        ("/dev/shm", None, "64Mi"),
        ("/etc/ca.crt", tmp_path / "ca" / "..2026_11_20" / "ca.crt", ""),
        ("/tmp", tmp_path / "tmp", ""),
        ("/tmp/inner", tmp_path / "tmp" / "a", ""),
    ]
