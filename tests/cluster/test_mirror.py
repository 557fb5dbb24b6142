"""The commands of `tritonfleet images --mirror`, run as printed: what the fleet pulls from its mirror is there."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.cluster.ground.engines import registry
from tests.generator.conftest import build  # noqa: F401  # a fixture here, too
from tests.generator.fleets import Build
from tritonfleet.__main__ import main

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
FLEET = """\
name: acme
gitops: {{engine: flux, repository: "https://git.acme.test/ml/models.git"}}
defaults: {{image: {{registry: "{source}", tag: 24.10-py3}}}}
"""
MODELS = """\
models:
  - name: one
    repository: {{oci: {{reference: "{source}/models/one:3"}}}}
    loadModels: [one]
    sidecars: [{{name: log, image: "{source}/log@{digest}"}}]
    initContainers: [{{name: first, image: "{source}/first:1@{digest}"}}]
    benchmark: {{enabled: true, image: "{source}/nvidia/tritonserver:24.10-py3-sdk"}}
"""
MIRROR = "defaults: {{global: {{imageRegistry: {target}/mirror}}}}\n"
NAMES = (
    "nvidia/tritonserver:24.10-py3",
    "nvidia/tritonserver:24.10-py3-sdk",
    "models/one:3",
    "log:1",
    "first:1",
)


@pytest.fixture
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two of them: where images are, and where they are copied to."""
    ports = [_free_port(), _free_port()]
    homes = [tmp_path_factory.mktemp("registry") for _ in ports]
    with registry(homes[0], ports[0]) as source, registry(homes[1], ports[1]) as target:
        yield source, target


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def skopeo(tmp_path: Path, registries: tuple[str, str]) -> dict[str, str]:
    """Variables with which skopeo asks registries without TLS, as a person's settings would."""
    home = tmp_path / "home/.config/containers"
    home.mkdir(parents=True)
    (home / "policy.json").write_text(
        '{"default": [{"type": "insecureAcceptAnything"}]}'
    )
    lines = [
        f'[[registry]]\nlocation = "{address}"\ninsecure = true\n'
        for address in registries
    ]
    (home / "registries.conf").write_text("".join(lines))
    return {**os.environ, "HOME": str(tmp_path / "home")}


def test_a_mirror_has_every_image_that_the_fleet_pulls(
    build: Build,  # noqa: F811
    registries: tuple[str, str],
    skopeo: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, target = registries
    digest = _image(tmp_path_factory.mktemp("image") / "layout")
    layout = f"oci:{digest[1]}:it"
    for name in NAMES:
        _run(["skopeo", "copy", "--quiet", layout, f"docker://{source}/{name}"], skopeo)
    root = build(
        models=MODELS.format(source=source, digest=digest[0]),
        fleet=FLEET.format(source=source),
        dev=MIRROR.format(target=target),
    )
    monkeypatch.chdir(root)

    assert main(["images", "--mirror", f"{target}/mirror"]) == 0
    commands = capsys.readouterr().out
    done = subprocess.run(
        ["bash", "-eu"],
        input=commands,
        env=skopeo,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, commands + done.stderr

    assert main(["images", "-o", "json"]) == 0
    pulled = [each["image"] for each in json.loads(capsys.readouterr().out)["images"]]
    assert len(pulled) == len(NAMES)
    assert {image: _digest(image) for image in pulled} == dict.fromkeys(
        pulled, digest[0]
    )


def _run(command: list[str], variables: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _image(layout: Path) -> tuple[str, Path]:
    """An image without layers; its digest and its directory, as OCI lays out images."""
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(content: dict[str, object]) -> dict[str, object]:
        data = json.dumps(content).encode()
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"digest": f"sha256:{name}", "size": len(data)}

    config = blob(
        {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": []},
        }
    )
    media = "application/vnd.oci.image.config.v1+json"
    manifest = blob(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": media, **config},
            "layers": [],
        }
    )
    named = {
        "mediaType": MANIFEST,
        **manifest,
        "annotations": {"org.opencontainers.image.ref.name": "it"},
    }
    (layout / "index.json").write_text(
        json.dumps({"schemaVersion": 2, "manifests": [named]})
    )
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return str(manifest["digest"]), layout


def _digest(image: str) -> str:
    """What a registry has under a name, asked as a container runtime asks."""
    address, _, name = image.partition("/")
    name, _, digest = name.partition("@")
    name, _, tag = name.partition(":")
    url = f"http://{address}/v2/{name}/manifests/{digest or tag}"
    with urlopen(Request(url, method="HEAD", headers={"Accept": MANIFEST})) as answer:
        return str(answer.headers["Docker-Content-Digest"])
