"""What was read, to rows: for each release the cause that says most, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from tritonfleet.live import Absent, Denied, Unreachable
from tritonfleet.status import argocd, flux
from tritonfleet.status.admission import admission_cause
from tritonfleet.status.benchmark import last_benchmark
from tritonfleet.status.counters import summed
from tritonfleet.status.nouns import (
    FAILING,
    SERVING,
    STATES,
    SUSPENDED,
    UNKNOWN,
    WAITING,
    Answer,
    Cause,
    Read,
    Row,
    Site,
)
from tritonfleet.status.objects import condition, is_observed, message, name_of, time_of
from tritonfleet.status.pods import last_end, pods_cause
from tritonfleet.status.release import Release, releases
from tritonfleet.values import list_at, text_at

ENGINES: Mapping[str, ModuleType] = {"argocd": argocd, "flux": flux}
NAMES = {"argocd": "Argo CD", "flux": "Flux"}


def rows(site: Site, read: Read | None, now: float) -> Iterator[Row]:
    """The rows of one environment, in no order. What hides all its releases is one row, and not one for each."""
    read = read or Read()
    hidden = site.hidden or _hidden(site, read)
    if hidden:
        yield Row(site.name, "", hidden)
        return
    for cause in ENGINES[site.engine].environment_causes(site, read):
        yield Row(site.name, "", cause)
    for release in releases(site, read, now):
        yield _row(release)


def worst_first(found: list[Row]) -> list[Row]:
    """Rows by state; those of one state by environment and name."""

    return sorted(found, key=_order)


def _order(row: Row) -> tuple[int, str, str]:
    rank = STATES.index(row.cause.state)
    return rank, row.environment, row.name


def _hidden(site: Site, read: Read) -> Cause | None:
    """Why nothing can be said of an environment; None where its objects were read."""
    # 1. Nothing answers: what else is missing is missing because of that.
    unreachable = _failed(read, Unreachable)
    if unreachable:
        words = f"the cluster does not answer: {_reason(unreachable)}"
        return Cause(UNKNOWN, words, f"{site.kubectl} version")

    # 2. It answers, and this person may not read.
    denied = _failed(read, Denied)
    if denied:
        names = ", ".join(denied)
        words = f"no right to list {names}: {_reason(denied)}"
        return Cause(UNKNOWN, words, f"tritonfleet status --rbac --env {site.name}")

    # 3. It has never heard of the engine's kinds.
    absent = _failed(read, Absent)
    if absent:
        engine = NAMES[site.engine]
        names = ", ".join(absent)
        words = f"there is no {engine} in this cluster: it knows no {names}"
        return Cause(FAILING, words, f"install it, then {_bootstrap(site)}")

    for name, failure in read.failures.items():
        return Cause(UNKNOWN, f"{name} cannot be read: {failure}")
    return None


def _failed(read: Read, kind: type[Exception]) -> dict[str, Exception]:
    """What could not be read for this reason, with what was said."""
    return {
        name: failure
        for name, failure in read.failures.items()
        if isinstance(failure, kind)
    }


def _reason(failures: dict[str, Exception]) -> Exception:
    """What was said first."""
    return next(iter(failures.values()))


def _bootstrap(site: Site) -> str:
    return f"kubectl apply --server-side -f deploy/bootstrap/{site.name}.yaml"


def _row(release: Release) -> Row:
    wanted = release.wanted
    answers = _answers(release)
    models = [is_ready for each in answers for is_ready in each.ready.values()]
    engine = ENGINES[release.site.engine]
    return Row(
        environment=release.site.name,
        name=wanted.name,
        cause=_cause(release),
        image=release.image,
        wanted_image=wanted.image,
        model_version=release.model_version,
        wanted_model_version=wanted.model_version,
        ready=len(release.ready_pods),
        pods=release.replicas if release.deployment else wanted.least,
        models_ready=sum(models) if answers else None,
        models=len(models),
        engine=engine.words(release),
        commit=next(iter(wanted.commits), ""),
        committed=wanted.committed,
        owner=wanted.owner,
        last_end=_last_end(release),
        counters=summed(each.counters for each in answers),
        benchmark=last_benchmark(wanted.name, release.read.of("pods")),
    )


def _answers(release: Release) -> list[Answer]:
    """What the servers of the release said, as far as they answered."""
    by_pod = release.read.answers
    answers = [by_pod.get(name_of(pod)) for pod in release.pods]
    return [answer for answer in answers if answer and not answer.failure]


def _cause(release: Release) -> Cause:
    """The first cause that fails; else the first for which somebody waits; else it serves.

    Pods say more than engines, which only see that something is not ready: they are asked first.
    """
    found = [cause for ask in QUESTIONS if (cause := ask(release))]
    blocked: Cause | None = ENGINES[release.site.engine].blocked(release)
    if blocked:  # what fails is what an older commit brought
        is_broken = any(cause.state == FAILING for cause in found)
        state = FAILING if is_broken else WAITING
        return blocked._replace(state=state)
    for state in (FAILING, UNKNOWN, SUSPENDED, WAITING):
        for cause in found:
            if cause.state == state:
                return cause
    return Cause(SERVING, "")


def _engine(release: Release) -> Cause | None:
    found: Cause | None = ENGINES[release.site.engine].cause(release)
    return found


def _deployment(release: Release) -> Cause | None:
    """The Deployment itself: there, and done with what it says."""
    kubectl = release.site.kubectl
    name = release.wanted.full_name
    deployment = release.deployment
    if not deployment:
        words = f"there is no Deployment {name} yet"
        return Cause(WAITING, words, f"{kubectl} get deployments")
    progress = condition(deployment, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        told = f"the rollout took longer than it may: {message(progress)}"
        return Cause(FAILING, told, f"{kubectl} describe deployment {name}")
    ready = len(release.ready_pods)
    pods = release.replicas
    is_complete = ready >= pods and len(release.pods) == pods
    if is_complete and is_observed(deployment):
        return None
    return Cause(WAITING, f"{ready} of {pods} pods are ready")


def _drift(release: Release) -> Cause | None:
    """Pods that run something else than Git says. While the engine is at work, that is what it is about to change."""
    wanted = release.wanted
    if not release.replica_set or wanted.suspended:
        return None
    differing = []
    if wanted.image and release.image != wanted.image:
        image = _other("image", release.image, wanted.image)
        differing.append(image)
    if release.model_version != wanted.model_version:
        version = _other("model version", release.model_version, wanted.model_version)
        differing.append(version)
    if not differing:
        return None
    state = WAITING if _engine(release) else FAILING
    step = f"{release.site.kubectl} get deployment {wanted.full_name} -o yaml"
    return Cause(state, "; ".join(differing), step)


def _other(what: str, has: str, wants: str) -> str:
    has = has or "none"
    wants = wants or "none"
    return f"{what} {has} runs, and {wants} is wanted"


def _models(release: Release) -> Cause | None:
    """Triton's own word of every pod that is ready."""
    for pod in release.ready_pods:
        name = name_of(pod)
        answer = release.read.answers.get(name)
        if answer is None:
            continue
        logs = f"{release.site.kubectl} logs {name}"
        if answer.failure:
            words = f"the pod {name} is Ready, and its server could not be asked: {answer.failure}"
            return Cause(UNKNOWN, words, logs)
        for model, is_ready in answer.ready.items():
            if not is_ready:
                what = f"the model {model}" if model else "its server"
                words = f"the pod {name} is Ready, and {what} is not"
                return Cause(FAILING, words, logs)
    return None


QUESTIONS: tuple[Callable[[Release], Cause | None], ...] = (
    admission_cause,
    pods_cause,
    _engine,
    _deployment,
    _drift,
    _models,
)


def _last_end(release: Release) -> str:
    """`OOMKilled, exit code 137, 2026-11-21T23:22:41Z` of the container that ended last; "" where none did."""
    ends = [
        last_end(status)
        for pod in release.pods
        for status in list_at(pod, "status", "containerStatuses")
    ]
    ends = [end for end in ends if end]
    if not ends:
        return ""
    newest = max(ends, key=lambda end: time_of(text_at(end, "finishedAt")))
    reason = text_at(newest, "reason")
    finished = text_at(newest, "finishedAt")
    return f"{reason}, exit code {newest.get('exitCode')}, {finished}"
