"""Every image that pods need: the server's, and those that people wrote."""

from __future__ import annotations

import json

import pytest

from tests.generator.fleets import Build
from tritonfleet.__main__ import main
from tritonfleet.facts import mirrored

MODELS = """\
models:
  - name: one
    repository: {oci: {reference: "registry.example.org/models/one:3"}}
    loadModels: [one]
    sidecars: [{name: log, image: "busybox:1.36"}]
    benchmark: {enabled: true, image: "nvcr.io/nvidia/tritonserver:24.10-py3-sdk"}
"""
SERVER = "nvcr.io/nvidia/tritonserver:24.10-py3"


@pytest.fixture(autouse=True)
def _fleet(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(build(models=MODELS))


def told(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["images", *options]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_every_image_is_listed_with_who_needs_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told(capsys).splitlines() == [
        "busybox:1.36  dev/one (container log)",
        f"{SERVER}  dev/one (container triton), dev/one (container curl)",
        f"{SERVER}-sdk  dev/one (container perf-analyzer)",
        "registry.example.org/models/one:3  dev/one (volume models)",
    ]


def test_programs_get_every_user(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = json.loads(told(capsys, "-o", "json"))["images"]
    user = {"environment": "dev", "release": "one", "part": "container log"}
    assert first == {"image": "busybox:1.36", "users": [user]}


def test_a_mirror_gets_commands(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = told(capsys, "--mirror", "mirror.example.org/a").splitlines()
    assert first == (
        "skopeo copy --all docker://busybox:1.36 docker://mirror.example.org/a/busybox:1.36"
    )


def test_the_digest_is_copied_and_the_tag_is_its_name(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """Skopeo refuses a name with both."""
    digest = f"sha256:{'0' * 64}"
    build(
        models=MODELS.replace("busybox:1.36", f"localhost:5000/busybox:1.36@{digest}")
    )
    lines = told(capsys, "--mirror", "mirror.example.org").splitlines()
    assert (
        f"skopeo copy --all docker://localhost:5000/busybox@{digest} docker://mirror.example.org/busybox:1.36"
        in lines
    )


def test_a_tag_may_have_its_digest_behind_it(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Renovate writes it. A tag in a layer above replaces both."""
    digest = f"sha256:{'0' * 64}"
    dev = f"defaults: {{image: {{tag: 24.12-py3@{digest}}}}}\n"
    build(models=MODELS, dev=dev)
    assert f"nvcr.io/nvidia/tritonserver@{digest}" in told(capsys)
    assert main(["list"]) == 0
    assert f"tritonserver@{digest}" in capsys.readouterr().out
    build(models=MODELS, dev=dev + "patches: {one: {image: {tag: 25.01-py3}}}\n")
    assert "nvcr.io/nvidia/tritonserver:25.01-py3  " in told(capsys)


def test_a_fleet_pulls_everything_from_its_mirror(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the commands that fill it copy from where the images were."""
    before = told(capsys, "--mirror", "mirror.example.org/a")
    build(
        models=MODELS, dev="defaults: {global: {imageRegistry: mirror.example.org/a}}\n"
    )
    images = [line.split()[0] for line in told(capsys).splitlines()]
    assert images == [
        "mirror.example.org/a/busybox:1.36",
        "mirror.example.org/a/models/one:3",
        "mirror.example.org/a/nvidia/tritonserver:24.10-py3",
        "mirror.example.org/a/nvidia/tritonserver:24.10-py3-sdk",
    ]
    assert told(capsys, "--mirror", "mirror.example.org/a") == before
    assert main(["list", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["releases"][0]["image"] == images[2]


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("busybox:1", "busybox:1"),
        ("library/busybox", "library/busybox"),
        ("nvcr.io/nvidia/tritonserver@sha256:0", "nvidia/tritonserver@sha256:0"),
        ("localhost:5000/a/b.c/d:1", "a/b.c/d:1"),
    ],
)
def test_in_a_mirror_only_the_registry_differs(image: str, name: str) -> None:
    assert mirrored(image, "m.example.org/") == f"m.example.org/{name}"
