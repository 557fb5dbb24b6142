"""`check-repository s3://…` against a real S3 server, with a person's own credentials."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.generator.test_cli import run
from tests.triton.harness import s3

Capture = pytest.CaptureFixture[str]
CODE = "class TritonPythonModel: ..."
# Code that cannot be parsed is told of a directory; of a bucket, nobody reads it.
FILES = {
    "echo/config.pbtxt": 'backend: "python"\nmax_batchsize: 1\n',
    "echo/1/model.py": CODE,
    "net/1/model.onnx": "",
    "what/1/weights": "",
    "unread/1/model.py": "this is no Python",
    ".hidden/1/model.py": CODE,
    "deep/1/a/b/config.pbtxt": "this is not read",
    "deep/config.pbtxt": 'name: "other" backend: "python"',
}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if find_spec("botocore") is None and not os.environ.get("CI"):
        pytest.skip("botocore is missing: install the extra `s3`")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    profile = f"aws_access_key_id={s3.ACCESS}\naws_secret_access_key={s3.SECRET}\n"
    (tmp_path / "credentials").write_text(f"[models]\n{profile}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "models")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    for path, text in FILES.items():
        file = tmp_path / "buckets/models/vision" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with s3.serving(tmp_path, tmp_path / "buckets") as endpoint:
        yield f"s3://{endpoint}/models/vision"


def test_a_repository_in_a_bucket_is_looked_at_like_a_directory(
    place: str, capsys: Capture
) -> None:
    code, out, talk = run(capsys, "check-repository", place)
    assert (code, talk) == (2, f"{place}: 5 models: 4 errors, 1 warning\n")
    told = [line.replace(place, "").split(" ") for line in out.splitlines()]
    assert [" ".join(words[:5]) for words in told] == [
        "/.hidden:1:1: TF014 warning: Triton takes",
        "/deep/config.pbtxt:1:1: TF204 the configuration calls",
        "/deep/config.pbtxt:1:1: TF206 version 1 has",
        "/echo/config.pbtxt:2:1: TF201 `max_batchsize` is not",
        "/what/config.pbtxt:1:1: TF205 nothing says which",
    ]


def test_a_model_in_a_bucket_is_one(place: str, capsys: Capture) -> None:
    code, out, talk = run(capsys, "check-repository", f"{place}/echo/")
    assert (code, talk) == (2, f"{place}/echo/: 1 model: 1 error\n")
    assert out.startswith(f"{place}/echo/config.pbtxt:2:1: TF201")


def test_an_empty_prefix_and_a_bucket_that_is_not_there_are_told(
    place: str, capsys: Capture
) -> None:
    nowhere = place.replace("vision", "visions")
    code, out, _ = run(capsys, "check-repository", nowhere, "-q")
    assert (code, out.partition(": ")[2]) == (
        2,
        "TF014 there is no model: no directory with files in it\n",
    )
    other = place.replace("models/vision", "modles")
    code, out, talk = run(capsys, "check-repository", other)
    assert (code, out) == (3, "")
    assert talk == f"{other}: the specified bucket does not exist\n"


def test_wrong_keys_and_no_keys_and_no_server_are_told(
    place: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.ACCESS)
    code, _, talk = run(capsys, "check-repository", place)
    assert (code, "signature" in talk) == (3, True), talk
    monkeypatch.delenv("AWS_PROFILE")
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name)
    code, _, talk = run(capsys, "check-repository", place)
    assert (code, talk) == (3, f"{place}: unable to locate credentials\n")
