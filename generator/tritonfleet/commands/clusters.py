"""The clusters of environments, for commands that look into them: which contexts, and each opened once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

import click

from tritonfleet.commands.fleet import require_known
from tritonfleet.live import Choice, Cluster, choose, connected, kubeconfig
from tritonfleet.nouns import Environment
from tritonfleet.problem import Missing
from tritonfleet.status import UNKNOWN, Cause, Reach, Site

context_option = click.option(
    "--context",
    "contexts",
    multiple=True,
    metavar="ENV=CONTEXT",
    help="The kubeconfig's context of an environment's cluster; may be given several times.",
)


class Way(NamedTuple):
    """How an environment is reached: the cluster of its pods, and that of its engine."""

    pods: Cluster | None
    engine: Cluster | None
    missing: str = ""
    """What to write where no context is known, or why one leads nowhere; "" where both are open."""


@contextmanager
def ways(
    environments: Sequence[Environment], contexts: Sequence[str]
) -> Iterator[dict[str, Way]]:
    """The way to each environment, by its name, for as long as the context lasts.

    Raises click.UsageError for a `--context` that names no environment, and Missing without a kubeconfig.
    """
    names = [each.name for each in environments]
    given = _given(contexts, names)
    choices = choose(environments, given, kubeconfig())
    with ExitStack() as stack:
        clusters = _Clusters(stack)
        yield {name: clusters.way(choice) for name, choice in choices.items()}


class _Clusters:
    """Opens each context once, however many environments it is the one of."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._opened: dict[str, Cluster | str] = {}

    def way(self, choice: Choice) -> Way:
        """The way of an environment that has made this choice."""
        missing = choice.pods_missing or choice.engine_missing
        if missing:
            return Way(None, None, missing)
        pods = self._cluster(choice.pods)
        engine = self._cluster(choice.engine)
        return _way(pods, engine)

    def _cluster(self, context: str) -> Cluster | str:
        """The cluster, or why it cannot be opened: other environments are looked at all the same."""
        if context not in self._opened:
            self._opened[context] = self._open(context)
        return self._opened[context]

    def _open(self, context: str) -> Cluster | str:
        try:
            return self._stack.enter_context(connected(context))
        except Missing as missing:
            return str(missing)


def reach(site: Site, way: Way) -> Reach:
    """A site with its clusters, and how commands for them begin; without a way, with the line that is missing."""
    if way.missing and not site.hidden:
        site = _hidden(site, way.missing)
    if way.pods and way.engine:
        to_pods = _kubectl(way.pods.context, site.namespace)
        to_engine = _kubectl(way.engine.context, site.engine_namespace)
        site = replace(site, kubectl=to_pods, engine_kubectl=to_engine)
    return Reach(site, way.pods, way.engine)


def _hidden(site: Site, missing: str) -> Site:
    """A site that nobody can look at before a line is written."""
    told = f"nobody knows which cluster it is: {missing}"
    cause = Cause(UNKNOWN, told)
    return replace(site, hidden=cause)


def _kubectl(context: str, namespace: str) -> str:
    """How a command to paste begins: it means this cluster, whatever context is the current one."""
    return f"kubectl --context {context} -n {namespace}"


def _given(contexts: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The contexts that `--context` names, by environment."""
    found: dict[str, str] = {}
    for text in contexts:
        environment, _, context = text.partition("=")
        if not context:
            raise click.UsageError(f"--context {text}: write ENV=CONTEXT")
        require_known([environment], known, "environment")
        found[environment] = context
    return found


def _way(pods: Cluster | str, engine: Cluster | str) -> Way:
    """Both clusters, or why one of them cannot be opened."""
    for each in (pods, engine):
        if isinstance(each, str):
            return Way(None, None, each)
    assert isinstance(pods, Cluster)
    assert isinstance(engine, Cluster)
    return Way(pods, engine)
