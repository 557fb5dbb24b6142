"""Which context of the kubeconfig leads to an environment's cluster. Where there may be several, none is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tritonfleet.engines import argocd_projects
from tritonfleet.live.package import package
from tritonfleet.nouns import Environment
from tritonfleet.problem import Missing

SHOWN = 8  # contexts in a message


class Kubeconfig(NamedTuple):
    """The contexts that a person has."""

    names: Sequence[str]
    current: str
    """"" where none is."""


class Choice(NamedTuple):
    """The contexts of an environment's two clusters, or the line that is missing to know one of them."""

    pods: str
    """"" where a line is missing; so is the engine's."""
    engine: str
    """The same as the pods', but for an Argo CD that deploys to another cluster than its own."""
    pods_missing: str = ""
    engine_missing: str = ""


def kubeconfig() -> Kubeconfig:
    """The contexts of $KUBECONFIG, or else of ~/.kube/config. Raises Missing where there is none to read."""
    config = package("config")
    try:
        found, current = config.list_kube_config_contexts()
    except (
        Exception
    ) as error:  # what the client raises depends on what is wrong with the file
        raise Missing(f"there is no kubeconfig to read: {error}") from None
    names = tuple(str(each["name"]) for each in found)
    return Kubeconfig(names, str((current or {}).get("name", "")))


def choose(
    environments: Iterable[Environment], given: Mapping[str, str], known: Kubeconfig
) -> dict[str, Choice]:
    """The contexts of each environment, by its name; `given` are those of `--context`, by the environment's name.

    The current context is taken only for a fleet of one cluster, where it can be no other cluster of the fleet.
    """
    environments = tuple(environments)
    clusters = set(map(_cluster, environments))
    current = ""
    if len(clusters) == 1:
        current = known.current
    choices = {}
    for environment in environments:
        choices[environment.name] = _choice(environment, given, known, current)
    return choices


def _cluster(environment: Environment) -> tuple[str, str, str]:
    return environment.cluster, environment.server, environment.destination_name


def _choice(
    environment: Environment, given: Mapping[str, str], known: Kubeconfig, current: str
) -> Choice:
    """The contexts of one environment; `current` is "" where it may not be taken."""
    is_remote = environment.engine == "argocd" and argocd_projects.is_remote(
        environment
    )
    # 1. The cluster of the pods.
    asked = given.get(environment.name) or environment.context
    pods = asked or ("" if is_remote else current)
    missing = _missing(environment, "cluster: {context: NAME}", pods, known)
    option = f", or use --context {environment.name}=NAME"
    pods_missing = missing and missing + option
    # 2. The engine's, which is most often the same.
    if not is_remote:
        return Choice(pods, pods, pods_missing, pods_missing)
    engine = environment.engine_context
    line = "gitops: {argocd: {context: NAME}}"
    return Choice(
        pods, engine, pods_missing, _missing(environment, line, engine, known)
    )


def _missing(
    environment: Environment, line: str, chosen: str, known: Kubeconfig
) -> str:
    """What to write where no context is known, or one that the kubeconfig does not have; "" else."""
    if chosen in known.names:
        return ""
    there_are = ", ".join(known.names[:SHOWN]) or "none"
    why = f"the kubeconfig has no context `{chosen}`; " if chosen else ""
    file = environment.source.file
    return f"{why}write `{line}` in {file}, with one of the contexts {there_are}"
