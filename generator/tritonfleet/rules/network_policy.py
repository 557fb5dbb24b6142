"""What the network policy lets through: downloads on the way out, ports of sidecars on the way in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tritonfleet.facts import inline_models, path_of_inline_models
from tritonfleet.modes import OPENAI, listeners, mode
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.ports import extra_ports
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup

# Programs that ask other hosts for files, as commands name them, and addresses.
DOWNLOADS = re.compile(
    r"https?://|s3://|gs://|hf://"
    r"|\b(git|pip3?|apk|apt|apt-get|curl|wget|huggingface-cli|hf|aws|s5cmd|rclone|gsutil|gcloud|mc|azcopy|ngc|mlflow|clearml)\b"
)
# Variables that only programs read which go to the hub of Hugging Face, or to MLflow.
DOWNLOADERS_VARIABLES = (
    "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_ENABLE_HF_TRANSFER", "HUGGING_FACE_HUB_TOKEN", "MLFLOW_TRACKING_URI",
)  # fmt: skip
HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*\Z")
OBJECT_STORAGE = frozenset({"s3", "gcs", "azure"})
INTERNET = "set networkPolicy: {egress: {to: [internet]}}, or CIDRs instead of internet"


class Download(NamedTuple):
    """Something that gets files from other hosts: where it is written, and what it is."""

    path: KeyPath
    what: str


@release_rule(
    "TF158",
    "repository env server initContainers sidecars volumes podAnnotations networkPolicy",
    WARNING,
)
def downloads_have_a_way_out(release: Release, values: Values) -> Iterator[Problem]:
    """What downloads models or programs is let out of the pod by the network policy."""
    if _has_a_way_out(values):
        return
    for download in _downloads(values):
        message = f"{download.what}, and the network policy lets the pods ask DNS only"
        yield at(release, download.path, message, INTERNET)
        return  # one way out is enough for all


def _has_a_way_out(values: Values) -> bool:
    """Whether the policy lets downloads through, or there is no policy."""
    policy = values["networkPolicy"]
    egress = policy["egress"]
    is_asked_for = egress["allowAll"] or egress.get("to") or egress["extra"]
    if is_asked_for or not policy["enabled"]:
        return True
    # A repository in object storage, or `fetch`, opens the port that downloads take.
    if values["fetch"]["enabled"]:
        return True
    return not OBJECT_STORAGE.isdisjoint(values["repository"])


def _downloads(values: Values) -> Iterator[Download]:
    """What is known to download, the surest first."""
    if lookup(values, ("env", "HF_HUB_OFFLINE")) != "1":
        yield from _by_vllm(values)
        yield from _by_tokenizer(values)
        yield from _by_variables(values["env"])
    for key in ("initContainers", "sidecars"):
        yield from _by_containers(key, values[key])
    for key in ("command", "args"):
        words = values["server"].get(key, [])
        yield from _by_words(("server", key), words, "the server's command")
    yield from _by_volumes(values)


def _by_variables(env: Values) -> Iterator[Download]:
    for name in DOWNLOADERS_VARIABLES:
        if name in env:
            yield Download(("env", name), f"{name} is for what downloads")


def _by_vllm(values: Values) -> Iterator[Download]:
    """Inline vLLM models that are named as the hub names them: org/model."""
    for model, files in inline_models(values).items():
        settings = [file for file in files if file.endswith("/model.json")]
        for file in settings:
            name = _name_of_weights(files[file])
            if HUB_NAME.match(name):
                repository = path_of_inline_models(values)
                what = f"vLLM downloads {name} from the hub"
                yield Download((*repository, model, file), what)


def _by_tokenizer(values: Values) -> Iterator[Download]:
    """The tokenizer of the OpenAI-compatible server, where it is a name and no directory."""
    if mode(values) == OPENAI:
        name = values["openai"]["tokenizer"]
        if name and not name.startswith("/"):
            path = ("openai", "tokenizer")
            yield Download(path, f"the server downloads the tokenizer {name}")


def _name_of_weights(text: str) -> str:
    """What a model.json calls its weights; "" when it says nothing."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return str(lookup(settings, ("model",)) or "")


def _by_containers(key: str, containers: Iterable[Any]) -> Iterator[Download]:
    """Containers of the user whose commands download something."""
    for index, container in enumerate(containers):
        who = f"container {container.get('name', '')}"
        for part in ("command", "args"):
            path = (key, index, part)
            words = container.get(part) or []
            yield from _by_words(path, words, who)


def _by_words(path: KeyPath, words: Any, who: str) -> Iterator[Download]:
    """A download by one of the words of a command, which a shell's script may hold."""
    if not isinstance(words, list):
        return
    for word in words:
        match = DOWNLOADS.search(str(word))
        if match:
            yield Download(path, f"{who} downloads ({match[0]})")


def _by_volumes(values: Values) -> Iterator[Download]:
    """Volumes whose driver reads a bucket from inside the pod."""
    path = ("podAnnotations", "gke-gcsfuse/volumes")
    if lookup(values, path) == "true":
        yield Download(path, "gcsfuse reads a bucket")


@release_rule("TF179", "sidecars initContainers networkPolicy", WARNING)
def ports_of_sidecars_are_open(release: Release, values: Values) -> Iterator[Problem]:
    """A port that a sidecar says it listens on is open in the network policy."""
    if not values["networkPolicy"]["enabled"]:
        return
    open_ports = set(_open_ports(values))
    for path, container in _lasting_containers(values):
        for index, port in enumerate(list_at(container, "ports")):
            number = lookup(port, ("containerPort",))
            if isinstance(number, int) and number not in open_ports:
                place = (*path, "ports", index)
                yield _closed_port(release, place, container, port)


def _closed_port(
    release: Release, path: KeyPath, container: Values, port: Values
) -> Problem:
    number = port.get("containerPort")
    who = container.get("name")
    name = port.get("name") or who
    message = f"port {number} of container {who} is closed by the network policy"
    extra_port = f"{{name: {name}, port: {number}}}"
    hint = f"open it with service: {{extraPorts: [{extra_port}]}}"
    return at(release, path, message, hint)


def _open_ports(values: Values) -> Iterator[Any]:
    """Ports of the pod that the network policy opens."""
    for listener in listeners(values):
        yield listener.port
    for port, _ in extra_ports(values["service"]):
        yield port.get("containerPort", port["port"])


def _lasting_containers(values: Values) -> Iterator[tuple[KeyPath, Values]]:
    """Containers of the user that run beside the server: sidecars, and init containers that are restarted."""
    for index, container in enumerate(values["sidecars"]):
        yield ("sidecars", index), container
    for index, container in enumerate(values["initContainers"]):
        if container.get("restartPolicy") == "Always":
            yield ("initContainers", index), container
