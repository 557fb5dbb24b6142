"""Models in a bucket of S3: names are listed, and of texts only each config.pbtxt is read.

botocore finds the credentials where AWS' own tools do: the environment, profiles, single sign-on, roles of a pod.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tritonfleet.problem import Invalid, Missing, Position, Problem
from tritonfleet.repositories import (
    CONFIG,
    MOST_BYTES,
    Repository,
    add_hidden,
    require_some_models,
)

EXTRA = "s3"
MOST_OBJECTS = 200_000  # of one listing, a thousand for each request
SCHEME = "s3://"
_REQUESTS = 8  # under way at once
_SECONDS = {"connect_timeout": 5, "read_timeout": 15}
# As Triton reads an address: what stands first with a port is a server, which it speaks HTTP to unless told otherwise.
_ADDRESS = re.compile(
    r"s3://(?:(?P<scheme>https?://)?(?P<host>[0-9a-zA-Z.-]+:[0-9]+)/)?(?P<bucket>[0-9a-z.-]+)(?:/(?P<prefix>.*))?"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in object storage: `endpoint` is "" for AWS' own; `prefix` ends with a slash, unless it is ""."""

    address: str
    endpoint: str
    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class _Object:
    """What a listing says of an object: its name below the prefix, and how many bytes it has."""

    path: str
    size: int


def bucket_of(address: str) -> Bucket:
    """The place of an address, as `--model-repository` takes it. Raises ValueError for what is none."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(address)
    endpoint = (match["scheme"] or "http://") + match["host"] if match["host"] else ""
    prefix = (match["prefix"] or "").strip("/")
    return Bucket(address, endpoint, match["bucket"], f"{prefix}/" if prefix else "")


def read_bucket(bucket: Bucket) -> Repository:
    """Lists a repository, and reads its configurations. Raises Invalid when it is none, or too large.

    Raises Missing without the extra, and OSError, with what the storage said, when it cannot be asked.
    """
    client = _client(bucket)
    failures = import_module("botocore.exceptions")
    try:
        return _repository(client, bucket)
    except (failures.BotoCoreError, failures.ClientError) as error:
        words = str(error).rpartition("operation: ")[2].rstrip(".")
        raise OSError(0, words, bucket.address) from None


def _client(bucket: Bucket) -> Any:
    """Addresses have the bucket in their path, like Triton's: a server of one's own rarely has a host for each."""
    try:
        session = import_module("botocore.session").Session()
        config = import_module("botocore.config").Config
    except ImportError:
        package = f'pip install "tritonfleet[{EXTRA}]"'
        raise Missing(f"buckets are read with botocore: {package}") from None
    return session.create_client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        region_name=session.get_config_variable("region") or "us-east-1",
        config=config(
            **_SECONDS,
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            max_pool_connections=_REQUESTS,
        ),
    )


def _repository(client: Any, bucket: Bucket) -> Repository:
    """A prefix with a config.pbtxt of its own is one model; else every directory below it is one."""
    objects = list(_objects(client, bucket))
    is_model = any(each.path == CONFIG for each in objects)
    repository = Repository(is_model=is_model)
    own_name = (bucket.prefix or bucket.name).rstrip("/").rpartition("/")[2]
    texts = _texts(client, bucket, repository, objects)
    for each in objects:
        if is_model:
            model, path = own_name, each.path
        else:
            model, slash, path = each.path.partition("/")
            if not slash or model.startswith("."):
                continue
        files = repository.models.setdefault(model, {})
        files |= dict.fromkeys(_directories(path))
        if path and not path.endswith("/"):  # some tools store a directory by itself
            files[path] = texts.get(each.path)
    add_hidden(repository, {each.path.partition("/")[0] for each in objects})
    require_some_models(repository)
    return repository


def _objects(client: Any, bucket: Bucket) -> Iterator[_Object]:
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket.name, Prefix=bucket.prefix
    )
    count = 0
    for page in pages:
        for each in page.get("Contents", ()):
            count += 1
            if count > MOST_OBJECTS:
                message = f"there are more than {MOST_OBJECTS} objects"
                raise Invalid([_problem("", message)])
            yield _Object(each["Key"].removeprefix(bucket.prefix), each["Size"])


def _directories(path: str) -> Iterator[str]:
    """a/ and a/b/ of a/b/c: object storage has none, and Triton makes them."""
    for end, character in enumerate(path):
        if character == "/":
            yield path[: end + 1]


def _texts(
    client: Any, bucket: Bucket, repository: Repository, objects: list[_Object]
) -> dict[str, str]:
    """The texts of configurations by path; a very large one is a problem."""
    wanted = []
    for each in objects:
        is_of_model = each.path == CONFIG or each.path.count("/") == 1
        if not is_of_model or each.path.rpartition("/")[2] != CONFIG:
            continue
        if each.size > MOST_BYTES:
            message = f"it has more than {MOST_BYTES} bytes, so it was not read"
            repository.problems.append(_problem(each.path, message))
        else:
            wanted.append(each.path)

    def text(path: str) -> str:
        got = client.get_object(Bucket=bucket.name, Key=bucket.prefix + path)
        data: bytes = got["Body"].read(MOST_BYTES)
        return data.decode("utf-8", errors="replace")

    with ThreadPoolExecutor(_REQUESTS) as pool:
        return dict(zip(wanted, pool.map(text, wanted), strict=True))


def _problem(shown: str, message: str) -> Problem:
    return Problem(Position(shown or "."), "TF014", message)
