"""tritonfleet smoke: what running releases answer to the inference of their test."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import click

from tritonfleet.commands import options
from tritonfleet.commands.clusters import Way, context_option, ways
from tritonfleet.commands.exits import FINDINGS, FINE
from tritonfleet.commands.fleet import require_known, wanted_fleet
from tritonfleet.commands.talk import print_data
from tritonfleet.deployment import selector
from tritonfleet.live import Cluster, Failed, Object
from tritonfleet.nouns import Release
from tritonfleet.report.smoke import Answered, smoke_json, smoke_text
from tritonfleet.smoke import Asked, Credentials, Question, ask, question_of

KEY = "TRITON_API_KEY"
FILE = click.Path(exists=True, dir_okay=False)


@click.command(name="smoke")
@click.argument("names", metavar="[MODEL]…", nargs=-1)
@options.root_option
@options.environments
@context_option
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=1, help="Requests of each kind."
)
@click.option("--all-pods", is_flag=True, help="Ask each ready pod, and not only one.")
@click.option("--cacert", type=FILE, help="Who signed gRPC's certificate.")
@click.option("--cert", type=FILE, help="Your certificate, for mutual TLS.")
@click.option("--key", type=FILE, help="The key of your certificate.")
@click.option(
    "--server-name",
    metavar="NAME",
    help="The name in gRPC's certificate (default: the Service's, NAME.NAMESPACE.svc).",
)
@options.output("text", "json")
def command(
    names: tuple[str, ...],
    root: Path | None,
    only: tuple[str, ...],
    contexts: tuple[str, ...],
    count: int,
    all_pods: bool,
    cacert: str | None,
    cert: str | None,
    key: str | None,
    server_name: str | None,
    form: str,
) -> int:
    """Ask running pods for the inference of their test, over HTTP and gRPC.

    Requests go through a port-forward to a pod that is ready. Where inferences are locked, the key is taken from the
    variable TRITON_API_KEY: no Secret is read. Exits 1 when an answer is wrong or does not come.
    """
    fleet = wanted_fleet(root, only)
    known = {each.name for each in fleet.releases}
    require_known(names, sorted(known), "release")
    own = _credentials(cacert, cert, key, server_name)
    with ways(fleet.environments, contexts) as found:
        smoke = _Smoke(found, own, count, all_pods)
        answered = list(smoke.of_all(fleet.releases, names))
    report = smoke_json if form == "json" else smoke_text
    print_data(report(answered))
    if all(each.is_right for each in answered):
        return FINE
    return FINDINGS


def _credentials(
    cacert: str | None, cert: str | None, key: str | None, server_name: str | None
) -> Credentials:
    """What a person says and has in the environment; "" for what is not there."""
    api_key = os.environ.get(KEY, "")
    return Credentials(api_key, cacert or "", cert or "", key or "", server_name or "")


@dataclass(frozen=True, slots=True)
class _Smoke:
    """Asks releases."""

    ways: Mapping[str, Way]
    credentials: Credentials
    count: int
    all_pods: bool

    def of_all(
        self, releases: Iterable[Release], names: Collection[str]
    ) -> Iterator[Answered]:
        """What the pods of the named releases answer; without names, of all."""
        for release in releases:
            if not names or release.name in names:
                yield from self.of(release)

    def of(self, release: Release) -> Iterator[Answered]:
        """What its pods answer, or a sentence why none was asked."""
        environment = release.environment.name
        way = self.ways[environment]
        question = question_of(release)
        missing = way.missing or self._missing(question)
        pods: list[str] = []
        if way.pods and not missing:
            try:
                pods = _ready_pods(way.pods, release)
            except Failed as failure:
                missing = str(failure)
        if not pods:
            words = missing or "no pod is ready: `tritonfleet status` says why"
            yield Answered(environment, release.name, "", (), words)
        if not self.all_pods:
            pods = pods[:1]
        for pod in pods:
            assert way.pods
            asked = self._asked(way.pods, release, pod, question)
            yield Answered(environment, release.name, pod, asked)

    def _missing(self, question: Question) -> str:
        """What a person lacks to ask this."""
        if not question.ports:
            return "neither HTTP nor gRPC of Triton is open"
        needs_key = question.model and question.header
        if needs_key and not self.credentials.key:
            return f"its inferences want a key: set {KEY} (no Secret is read)"
        return ""

    def _asked(
        self, cluster: Cluster, release: Release, pod: str, question: Question
    ) -> tuple[Asked, ...]:
        """What one pod answers, over each protocol that it has."""
        namespace = release.environment.namespace

        def connect(port: int) -> socket:
            return cluster.forward(namespace, pod, port)

        answers = ask(question, connect, self.credentials, self.count)
        return tuple(answers)


def _ready_pods(cluster: Cluster, release: Release) -> list[str]:
    """Names of the pods that take requests. Raises Failed."""
    labels = selector(release.name, release.complete())
    query = ",".join(f"{key}={value}" for key, value in labels.items())
    namespace = release.environment.namespace
    path = f"/api/v1/namespaces/{namespace}/pods"
    names = []
    for pod in cluster.listed(path, labelSelector=query):
        if _is_ready(pod):
            names.append(pod["metadata"]["name"])
    return sorted(names)


def _is_ready(pod: Object) -> bool:
    """Whether it says that it is ready, and does not end."""
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions: Sequence[Object] = pod["status"].get("conditions", ())
    ready = {each["status"] for each in conditions if each["type"] == "Ready"}
    return ready == {"True"}
