"""Weights on a shared claim: Jobs fill it, pods wait for it, and a real S3 server counts the downloads."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness import chart, s3
from tests.triton.harness.pods import Claim, Ended

KEYS = {"AWS_ACCESS_KEY_ID": s3.ACCESS, "AWS_SECRET_ACCESS_KEY": s3.SECRET}
FILES = {"config.json": b'{"a": 1}', "model.safetensors": b"weights" * 1000}
IN_TIME = 30
Objects = list[dict[str, Any]]


class Store:
    """Buckets below a directory, and who asked for their objects."""

    def __init__(self, directory: Path, endpoint: str) -> None:
        self.directory = directory
        self.endpoint = endpoint

    def put(self, version: str, files: dict[str, bytes], model: str = "chat") -> None:
        """The weights of a model below a version."""
        place = self.directory / "buckets" / "models" / version / model
        place.mkdir(parents=True)
        for name, content in files.items():
            (place / name).write_bytes(content)

    def downloads(self) -> Counter[str]:
        """How often each object was asked for; a large one in parts."""
        log = (self.directory / "s3.log").read_text()
        return Counter(re.findall(r"\| GET \| /models/(\S+/\S+) \|", log))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    buckets = tmp_path / "buckets" / "models"
    buckets.mkdir(parents=True)
    with s3.serving(tmp_path, tmp_path / "buckets") as endpoint:
        yield Store(tmp_path, endpoint)


@pytest.fixture
def claim(tmp_path: Path) -> Claim:
    return Claim(tmp_path, {"store": KEYS})


def release(store: Store, version: str, name: str = "a", **settings: Any) -> Objects:
    """A release with four pods whose weights are below a version."""
    source = {
        "uri": f"s3://models/{version}",
        "endpoint": store.endpoint,
        "secretName": "store",
        "claim": "llm",
    }
    values = {
        "image": {"tag": "26.07-vllm-python-py3"},
        "replicas": 4,
        "repository": {"vllm": {"chat": {"model": "chat"}}},
        "startup": {"pull": f"{IN_TIME}s"},
        "weights": {"s3": {**source, **settings}},
    }
    return chart.render(values, name=name)


def template(objects: Objects, kind: str) -> dict[str, Any]:
    """The pod of a release's Job, or of its Deployment."""
    [found] = [each for each in objects if each["kind"] == kind]
    pod: dict[str, Any] = found["spec"]["template"]
    return pod


def fill(claim: Claim, objects: Objects) -> Ended:
    return claim.start(template(objects, "Job"), "weights").wait()


def whole(claim: Claim) -> set[str]:
    """The directories that pods take for whole."""
    return {marker.parent.name for marker in claim.volume.glob("*/.whole")}


def seen(claim: Claim, objects: Objects) -> dict[str, bytes]:
    """The files that the server of a release sees."""
    [server] = template(objects, "Deployment")["spec"]["containers"]
    [mount] = [m for m in server["volumeMounts"] if m["name"] == "weights"]
    place = claim.volume / mount["subPath"]
    return {path.name: path.read_bytes() for path in place.iterdir()}


WEIGHTS = {**FILES, ".whole": b""}
ONCE = {"v1/chat/config.json": 1, "v1/chat/model.safetensors": 1}


def test_four_pods_wait_for_one_download(store: Store, claim: Claim) -> None:
    store.put("v1", FILES)
    objects = release(store, "v1")
    pods = [claim.start(template(objects, "Deployment"), "weights") for _ in range(4)]
    time.sleep(1)
    waiting = [pod.process.poll() for pod in pods]
    filled = fill(claim, objects)
    ended = [pod.wait() for pod in pods]
    assert (waiting, filled.code, [each.code for each in ended]) == (
        [None] * 4,
        0,
        [0] * 4,
    ), filled.log
    assert (store.downloads(), seen(claim, objects)) == (ONCE, WEIGHTS)


def test_a_rollback_downloads_nothing(store: Store, claim: Claim) -> None:
    store.put("v1", FILES)
    store.put("v2", {"model.safetensors": b"new"})
    for version in ("v1", "v2"):
        assert fill(claim, release(store, version)).code == 0
    before = store.downloads()
    assert before == {**ONCE, "v2/chat/model.safetensors": 1}
    again = fill(claim, release(store, "v1"))
    assert (again.code, "it is there" in again.log) == (0, True)
    assert store.downloads() == before
    assert len(whole(claim)) == 2


def test_two_releases_at_once_download_once(store: Store, claim: Claim) -> None:
    store.put("v1", {**FILES, "large": b"x" * 50_000_000})
    releases = [release(store, "v1", name) for name in ("a", "b")]
    jobs = [claim.start(template(each, "Job"), "weights") for each in releases]
    ended = [job.wait() for job in jobs]
    assert [each.code for each in ended] == [0, 0], ended
    assert len(whole(claim)) == 1
    assert store.downloads()["v1/chat/config.json"] == 1


def test_what_was_killed_half_way_is_not_there_and_comes_again(
    store: Store, claim: Claim
) -> None:
    store.put("v1", {**FILES, "large": b"x" * 200_000_000})
    objects = release(store, "v1")
    job = claim.start(template(objects, "Job"), "weights")
    while not any(claim.volume.glob(".partial/*/*")):
        time.sleep(0.01)
    job.kill()
    assert whole(claim) == set()
    assert fill(claim, objects).code == 0
    assert seen(claim, objects)["large"] == b"x" * 200_000_000


def test_a_pod_says_what_it_waited_for(store: Store, claim: Claim) -> None:
    objects = release(store, "v1")
    objects = [each for each in objects if each["kind"] == "Deployment"]
    [wait] = objects[0]["spec"]["template"]["spec"]["initContainers"]
    [limit] = [each for each in wait["env"] if each["name"] == "LIMIT"]
    assert limit["value"] == str(IN_TIME)
    limit["value"] = "2"
    ended = claim.start(template(objects, "Deployment"), "weights").wait()
    labels = "app.kubernetes.io/component=weights,app.kubernetes.io/instance=a"
    assert (ended.code, ended.log.splitlines()[-1].split(" ", 1)[1]) == (
        1, f"is not there: see kubectl logs -l {labels}",
    )  # fmt: skip


def test_weights_that_are_not_in_the_store_fail_the_job(
    store: Store, claim: Claim
) -> None:
    ended = fill(claim, release(store, "v1"))
    assert (ended.code, whole(claim)) == (1, set())
    assert "no object found" in ended.log


def test_versions_go_when_no_release_names_them(store: Store, claim: Claim) -> None:
    for version in ("v1", "v2", "v3"):
        store.put(version, FILES)
    assert fill(claim, release(store, "v1", "a", keep=0)).code == 0
    first = whole(claim)
    assert fill(claim, release(store, "v1", "b", keep=0)).code == 0
    # Another release still names the first one.
    assert fill(claim, release(store, "v2", "a", keep=0)).code == 0
    assert first < whole(claim)
    # Nobody does any more.
    assert fill(claim, release(store, "v3", "b", keep=0)).code == 0
    assert (len(whole(claim)), first & whole(claim)) == (2, set())


def test_as_many_versions_stay_as_are_kept(store: Store, claim: Claim) -> None:
    for version in ("v1", "v2", "v3", "v4"):
        store.put(version, FILES)
        assert fill(claim, release(store, version)).code == 0
    assert len(whole(claim)) == 3
