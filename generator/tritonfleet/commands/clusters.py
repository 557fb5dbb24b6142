"""The clusters of environments, for commands that look into them: which contexts, and each opened once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

import click

from tritonfleet.commands.fleet import require_known
from tritonfleet.live import Cluster, choose, connected, kubeconfig
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
    given = _given(contexts, [each.name for each in environments])
    choices = choose(environments, given, kubeconfig())
    opened: dict[str, Cluster | str] = {}
    with ExitStack() as stack:
        found: dict[str, Way] = {}
        for name, choice in choices.items():
            missing = choice.pods_missing or choice.engine_missing
            if missing:
                found[name] = Way(None, None, missing)
                continue
            for context in {choice.pods, choice.engine} - set(opened):
                opened[context] = _opened(stack, context)
            found[name] = _way(opened[choice.pods], opened[choice.engine])
        yield found


def reach(site: Site, way: Way) -> Reach:
    """A site with its clusters, and how commands for them begin; without a way, with the line that is missing."""
    if way.missing and not site.hidden:
        told = f"nobody knows which cluster it is: {way.missing}"
        site = replace(site, hidden=Cause(UNKNOWN, told))
    if way.pods and way.engine:
        site = replace(
            site,
            kubectl=_kubectl(way.pods.context, site.namespace),
            engine_kubectl=_kubectl(way.engine.context, site.engine_namespace),
        )
    return Reach(site, way.pods, way.engine)


def _kubectl(context: str, namespace: str) -> str:
    """How a command to paste begins: it means this cluster, whatever context is the current one."""
    return f"kubectl --context {context} -n {namespace}"


def _given(contexts: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in contexts:
        environment, separator, context = text.partition("=")
        if not separator or not context:
            raise click.UsageError(f"--context {text}: write ENV=CONTEXT")
        require_known([environment], known, "environment")
        found[environment] = context
    return found


def _opened(stack: ExitStack, context: str) -> Cluster | str:
    """The cluster, or why it cannot be opened: other environments are looked at all the same."""
    try:
        return stack.enter_context(connected(context))
    except Missing as missing:
        return str(missing)


def _way(pods: Cluster | str, engine: Cluster | str) -> Way:
    for each in (pods, engine):
        if isinstance(each, str):
            return Way(None, None, each)
    assert isinstance(pods, Cluster)
    assert isinstance(engine, Cluster)
    return Way(pods, engine)
