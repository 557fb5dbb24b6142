"""Models from a real S3 server: the chart's keys, its credential file, and its private CA; and how wrong ones fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.triton.harness import chart, ci, clients, repositories, s3, server
from tests.triton.harness.certificates import Certificates
from tests.triton.harness.container import Secrets

KEYS = {"AWS_ACCESS_KEY_ID": s3.ACCESS, "AWS_SECRET_ACCESS_KEY": s3.SECRET}
URI = "s3://models/vision"
ASK = ci.tensor("INPUT", "FP32", 1.0)
Record = Callable[[str, object], None]


def file(prefix: str) -> Mapping[str, str]:
    """Triton's own credential file, for URIs that begin with a prefix."""
    entry = {
        "key_id": s3.ACCESS,
        "secret_key": s3.SECRET,
        "region": "us-east-1",
        "session_token": "",
        "profile": "",
    }
    return {"credentials.json": json.dumps({"s3": {prefix: entry}})}


@contextmanager
def serving(
    name: str,
    directory: Path,
    secrets: Secrets,
    *sets: str,
    tls: Certificates | None = None,
) -> Iterator[server.Server]:
    """A ci/ file's server, with its models in a bucket here."""
    repositories.copy(directory / "buckets" / "models" / "vision", "add")
    with ExitStack() as stack:
        endpoint = stack.enter_context(
            s3.serving(directory, directory / "buckets", tls)
        )
        case = ci.Case(
            name,
            sets=(
                f"repository.s3.uri={URI}",
                f"repository.s3.endpoint={endpoint}",
                *sets,
            ),
        )
        manifests = chart.render(case.path, *case.overrides())
        yield stack.enter_context(
            server.running(manifests, directory, directory / "nothing", secrets)
        )


def serve(running: server.Server) -> dict[str, object]:
    """From ready to the end; the downloaded copy lies in the pod's /tmp, and is gone after a clean end."""
    running.wait_ready()
    answer = clients.infer(running.ports["http"], "add", ASK)
    downloads = len(list((running.volumes / "tmp").glob("folder*")))
    running.terminate()
    ended = running.wait()
    return {
        "answer": answer,
        "downloads": downloads,
        "exit code": ended.code,
        "left in /tmp": list((running.volumes / "tmp").iterdir()),
    }


SERVED = {"answer": 2.0, "downloads": 1, "exit code": 0, "left in /tmp": []}


def test_keys_from_the_environment(tmp_path: Path) -> None:
    with serving(
        "mlcore-engine-s3",
        tmp_path,
        {"minio-models": KEYS},
        "repository.s3.caSecret=''",
    ) as running:
        assert serve(running) == SERVED


def test_a_credential_file(tmp_path: Path) -> None:
    with serving(
        "s3-credential-file", tmp_path, {"triton-credentials": file("")}
    ) as running:
        assert serve(running) == SERVED


def test_keys_of_an_identity(tmp_path: Path) -> None:
    """Nothing is rendered but the region; the keys come as an identity's would, from outside the chart."""
    identity = [f"env.{name}={value}" for name, value in KEYS.items()]
    sets = ["loadModels=[add]", "repository.s3.region=us-east-1", *identity]
    with serving("s3-identity", tmp_path, {}, *sets) as running:
        assert serve(running) == SERVED


def test_a_private_ca(tmp_path: Path, certificates: Certificates) -> None:
    """The bundle lies where the server's client looks, whatever the environment says."""
    bundle = (
        Path("/etc/ssl/certs/ca-certificates.crt").read_text()
        + certificates.path("ca.crt").read_text()
    )
    secrets = {"minio-models": KEYS, "company-ca": {"ca-bundle.crt": bundle}}
    with serving("mlcore-engine-s3", tmp_path, secrets, tls=certificates) as running:
        assert serve(running) == SERVED


def test_without_the_private_ca_no_request_is_made(
    tmp_path: Path, certificates: Certificates
) -> None:
    """It tries for 54 s and ends with exit code 1; the test sees enough after 5."""
    sets = ["repository.s3.caSecret=''", "startup.timeout=5s"]
    with serving(
        "mlcore-engine-s3", tmp_path, {"minio-models": KEYS}, *sets, tls=certificates
    ) as running:
        with pytest.raises(server.NotReadyError, match="still running"):
            running.wait_ready()
        assert "HEAD" not in (tmp_path / "s3.log").read_text()


NO_CLIENT = (
    "Internal - Unable to create S3 filesystem client. Check account credentials."
)


@pytest.mark.parametrize(
    ("name", "secrets", "sets", "message"),
    [
        ("mlcore-engine-s3", {"minio-models": {**KEYS, "AWS_SECRET_ACCESS_KEY": "wrong"}}, (), NO_CLIENT),
        ("mlcore-engine-s3", {"minio-models": KEYS}, ("repository.s3.uri=s3://nothing/vision",), NO_CLIENT),
        (
            "mlcore-engine-s3", {"minio-models": KEYS}, ("repository.s3.uri=s3://models/nothing",),
            "Invalid argument - repository path is not a valid directory",
        ),
        (
            "s3-credential-file", {"triton-credentials": file("s3://other")}, (),
            "Not found - Cannot match credential for path",
        ),
    ],
    ids=["wrong key", "no bucket", "no prefix", "no entry in the file"],
)  # fmt: skip
def test_what_is_wrong_ends_the_server_in_seconds(
    name: str, secrets: Secrets, sets: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    no_ca = ("repository.s3.caSecret=''",) if name == "mlcore-engine-s3" else ()
    with serving(name, tmp_path, secrets, *no_ca, *sets) as running:
        with pytest.raises(server.NotReadyError, match="exit code 1"):
            running.wait_ready()
        ended = running.wait()
    assert (ended.code, ended.seconds < 10, ended.last.startswith(f"error: creating server: {message}")) == (
        1, True, True
    )  # fmt: skip
