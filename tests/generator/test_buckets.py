"""Addresses of buckets; what is in one is read in tests/triton/test_buckets.py, from a real server."""

from __future__ import annotations

import sys

import pytest

from tests.generator.test_check_repository import Capture
from tests.generator.test_cli import run
from tritonfleet.buckets import Bucket, bucket_of

PLACES = {
    "s3://models": ("", "models", ""),
    "s3://models/vision/": ("", "models", "vision/"),
    "s3://minio:9000/models/a/b": ("http://minio:9000", "models", "a/b/"),
    "s3://https://minio.acme:443/models": ("https://minio.acme:443", "models", ""),
}


@pytest.mark.parametrize("address", PLACES)
def test_addresses_are_read_as_triton_reads_them(address: str) -> None:
    assert bucket_of(address) == Bucket(address, *PLACES[address])


@pytest.mark.parametrize("address", ["s3://", "s3://Models", "s3:///models"])
def test_what_is_no_place_is_told(address: str, capsys: Capture) -> None:
    code, out, talk = run(capsys, "check-repository", address)
    assert (code, out) == (2, "")
    assert f"Error: {address} is no place in S3" in talk


def test_without_botocore_it_says_which_extra_is_missing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    assert run(capsys, "check-repository", "s3://models") == (
        3,
        "",
        'buckets are read with botocore: pip install "tritonfleet[s3]"\n',
    )


def test_missing_files_are_not_written_to_buckets(capsys: Capture) -> None:
    code, _, talk = run(capsys, "check-repository", "s3://models", "--write-missing")
    assert (code, "Error: --write-missing: give a directory" in talk) == (2, True)
