"""Objects that an entry adds to its release: what they may be, and what they must not reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.kinds import ADDABLE, CLUSTER_SCOPED
from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Problem
from tritonfleet.rules.faults import Fault
from tritonfleet.rules.manifests import ExtraObject, extra_objects, extra_objects_of
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, dotted, lookup, mapping_at, text_at

INSTANCE = "app.kubernetes.io/instance"
_VERSION = re.compile(r"(?:[a-z0-9][a-z0-9.-]*/)?v[a-z0-9]+\Z")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\Z")
# Objects that Kubernetes makes in every namespace, for all of its pods.
_SHARED = frozenset({("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")})
_EMPTY = '""'
_Check = Callable[[ExtraObject, Release], Iterator[Fault]]


@release_rule("TF121", "extraObjects")
def extra_objects_stay_inside(release: Release, values: Values) -> Iterator[Problem]:
    """Extra objects are of permitted kinds, and reach nothing beyond the release."""
    for extra in extra_objects(values):
        # A check may rely on what those before it found.
        for check in _CHECKS:
            fault = next(check(extra, release), None)
            if fault:
                path = extra.path + fault.path
                yield at(release, path, fault.message, fault.hint)
                break


def _is_an_object(extra: ExtraObject, _: Release) -> Iterator[Fault]:
    if not isinstance(extra.manifest, dict):
        hint = "give it apiVersion, kind and metadata"
        yield Fault((), "the object is no mapping", hint)
        return
    for key, pattern in (("apiVersion", _VERSION), ("kind", _KIND)):
        if not pattern.match(text_at(extra.manifest, key)):
            message = f"the object has no `{key}` that Kubernetes could know"
            hint = "write apiVersion: v1 and kind: ConfigMap, for example"
            yield Fault((key,), message, hint)
    if isinstance(extra.manifest.get("items"), list):
        message = "an object with `items` is taken for a list of objects"
        hint = "write `apiVersion: v1` and `kind: List`, or each object by itself"
        yield Fault(("items",), message, hint)


def _is_in_the_namespace(extra: ExtraObject, release: Release) -> Iterator[Fault]:
    own = release.environment.namespace
    namespace = lookup(extra.manifest, ("metadata", "namespace"))
    if namespace not in (None, own):
        message = f"{extra.kind} is for namespace {namespace}, not {own}"
        yield Fault((), message, "remove `metadata.namespace`")


def _is_of_a_permitted_kind(extra: ExtraObject, release: Release) -> Iterator[Fault]:
    """A kind without a namespace is never permitted; an environment may permit further ones with one."""
    environment = release.environment
    permitted = ADDABLE | _further_kinds(environment)
    group, kind = extra.group_and_kind
    if kind in CLUSTER_SCOPED:
        message = f"{kind} belongs to the whole cluster"
        yield Fault((), message, "an admin applies it, outside of the fleet")
    elif (group, kind) not in permitted:
        item = f"{{group: {group or _EMPTY}, kind: {kind}}}"
        file = environment.source.file
        message = f"{environment.name} does not permit {kind} as an extra object"
        hint = f"where its admin does: `extraKinds: [{item}]` in {file}"
        yield Fault((), message, hint)


def _further_kinds(environment: Environment) -> set[tuple[str | None, str | None]]:
    """The kinds that an environment's admin permits; what is left out there is None."""
    permitted = set()
    for each in environment.extra_kinds:
        permitted.add((each.get("group"), each.get("kind")))
    return permitted


def _has_a_name(extra: ExtraObject, _: Release) -> Iterator[Fault]:
    if not _NAME.match(extra.name):
        message = f"{extra.kind} has no name that Kubernetes takes"
        hint = "give it a `metadata.name` of lower-case letters, digits, - and ."
        yield Fault(("metadata", "name"), message, hint)
    elif (extra.kind, extra.name) in _SHARED:
        message = f"{extra.kind} {extra.name} belongs to every pod of the namespace"
        yield Fault(("metadata", "name"), message, "give it a name of its own")


def _holds_no_secret(extra: ExtraObject, _: Release) -> Iterator[Fault]:
    if extra.group_and_kind != ("", "Secret"):
        return
    if text_at(extra.manifest, "type") == "kubernetes.io/service-account-token":
        message = "the Secret is a token, with the rights of a ServiceAccount"
        yield Fault(("type",), message, "remove it")
    for key in ("data", "stringData"):
        if extra.manifest.get(key):
            hint = "make it in the cluster, for example by an ExternalSecret; once committed it is in Git's history"
            yield Fault((key,), "the Secret is in plain text in Git", hint)


# Where the labels are by which an object chooses pods or Services.
_SELECTORS: Mapping[str, KeyPath] = {
    "Service": ("spec", "selector"),
    "NetworkPolicy": ("spec", "podSelector", "matchLabels"),
    "PodDisruptionBudget": ("spec", "selector", "matchLabels"),
    "PodMonitor": ("spec", "selector", "matchLabels"),
    "ServiceMonitor": ("spec", "selector", "matchLabels"),
}
# Where an object says what it is itself, or what its pods are: others choose it by these.
_LABELS: tuple[KeyPath, ...] = (
    ("metadata", "labels"),
    ("spec", "template", "metadata", "labels"),
    ("spec", "jobTemplate", "spec", "template", "metadata", "labels"),
)


def _has_its_own_labels(extra: ExtraObject, release: Release) -> Iterator[Fault]:
    for path in _LABELS:
        labels = mapping_at(extra.manifest, *map(str, path))
        owner = labels.get(INSTANCE, release.name)
        if owner != release.name:
            message = f"{extra.kind} passes for a part of another release"
            hint = f"write {INSTANCE}: {release.name}"
            yield Fault((*path, INSTANCE), message, hint)


def _selects_its_own(extra: ExtraObject, release: Release) -> Iterator[Fault]:
    """Whatever chooses pods or Services chooses those of this release alone."""
    selector = _SELECTORS.get(extra.kind)
    if selector is None:
        return
    chosen = lookup(extra.manifest, (*selector, INSTANCE))
    if chosen != release.name:
        message = f"{extra.kind} chooses more than this release"
        hint = f"add {INSTANCE}: {release.name} to `{dotted(selector)}`"
        yield Fault(selector, message, hint)


def _reaches_no_others(extra: ExtraObject, _: Release) -> Iterator[Fault]:
    """Fields by which an object takes traffic or data from beyond its release."""
    addresses = ("spec", "externalIPs")
    if lookup(extra.manifest, addresses):
        message = "a Service with `externalIPs` takes the traffic of others"
        yield Fault(addresses, message, "remove it")
    namespaces = ("spec", "namespaceSelector")
    if lookup(extra.manifest, namespaces):
        message = f"{extra.kind} looks into other namespaces"
        yield Fault(namespaces, message, "remove it")


def _leads_to_its_own(extra: ExtraObject, release: Release) -> Iterator[Fault]:
    """Routes and autoscalers: what they name belongs to the release."""
    if extra.group_and_kind not in ADDABLE:
        return
    own = _own_names(release)
    for target in _targets(extra.manifest, ()):
        if target.name not in own:
            leads = f"{extra.kind} leads to {target.name}"
            message = f"{leads}, which is not this release's"
            hint = f"name `{release.full_name}`, or an object of this entry"
            yield Fault(target.path, message, hint)


def _own_names(release: Release) -> set[str]:
    """Names of the release's Deployment and Services, and of the objects that the entry adds."""
    name = release.full_name
    added = (extra.name for extra in extra_objects_of(release))
    return {name, f"{name}-metrics", *added}


class _Target(NamedTuple):
    """What an object leads to: where it says so, and the name, which may be anything yet."""

    path: KeyPath
    name: Any


def _targets(data: Any, path: KeyPath) -> Iterator[_Target]:
    """Every name of a backend or of a scaled object, wherever it is."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _targets(item, (*path, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            place = (*path, key)
            yield from _named(key, value, place)
            yield from _targets(value, place)


def _named(key: str, value: Any, path: KeyPath) -> Iterator[_Target]:
    """What one key of a manifest leads to."""
    if key in {"scaleTargetRef", "backendRef"}:
        yield _target(value, path, "name")
    elif key == "backendRefs" and isinstance(value, list):
        for index, backend in enumerate(value):
            yield _target(backend, (*path, index), "name")
    elif key in {"backend", "defaultBackend"}:
        yield _target(value, path, "service", "name")


def _target(value: Any, path: KeyPath, *steps: str) -> _Target:
    """What a reference names, so many steps below itself."""
    name = lookup(value, steps)
    return _Target((*path, *steps), name)


_CHECKS: tuple[_Check, ...] = (
    _is_an_object,
    _is_in_the_namespace,
    _holds_no_secret,
    _is_of_a_permitted_kind,
    _has_a_name,
    _has_its_own_labels,
    _selects_its_own,
    _reaches_no_others,
    _leads_to_its_own,
)
