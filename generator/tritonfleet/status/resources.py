"""What `status` lists: the table by which it reads, and from which the Role follows that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.status.nouns import Site
from tritonfleet.yaml import to_yaml_stream

ROLE = "tritonfleet-status"


class Resource(NamedTuple):
    """Where the API server has the objects of a kind, and which of them are looked at."""

    name: str
    group: str
    version: str
    labels: str = ""
    """A label selector; {environment} stands for the environment's name in labels."""
    fields: str = ""

    def path(self, namespace: str) -> str:
        """The address of its list; without a namespace, that of the whole cluster."""
        api = f"/apis/{self.group}" if self.group else "/api"
        path = f"{api}/{self.version}"
        if namespace:
            path += f"/namespaces/{namespace}"
        return f"{path}/{self.name}"

    def query(self, site: Site) -> dict[str, str]:
        found = {
            "labelSelector": self.labels.format(environment=site.object_name),
            "fieldSelector": self.fields,
        }
        return {key: value for key, value in found.items() if value}


_SERVERS = "app.kubernetes.io/component=server"
_SERVERS_AND_BENCHMARKS = "app.kubernetes.io/component in (server,benchmark)"
_OWN = "app.kubernetes.io/part-of={environment}"
_FLUX = "toolkit.fluxcd.io"
RUNNING = (
    Resource("deployments", "apps", "v1"),
    Resource("replicasets", "apps", "v1", _SERVERS),
    Resource("pods", "", "v1", _SERVERS_AND_BENCHMARKS),
)
# Asked only when a pod waits for what they tell.
ON_DEMAND = (
    Resource("events", "", "v1", fields="type=Warning"),
    Resource("persistentvolumeclaims", "", "v1"),
)
NODES = Resource("nodes", "", "v1")
OF_ENGINE = {
    "argocd": (Resource("applications", "argoproj.io", "v1alpha1", _OWN),),
    "flux": (
        Resource("helmreleases", f"helm.{_FLUX}", "v2", _OWN),
        Resource("kustomizations", f"kustomize.{_FLUX}", "v1", _OWN),
        Resource("gitrepositories", f"source.{_FLUX}", "v1", _OWN),
        Resource("helmcharts", f"source.{_FLUX}", "v1", _OWN),
        Resource("ocirepositories", f"source.{_FLUX}", "v1", _OWN),
    ),
}


def roles(sites: list[Site]) -> str:
    """YAML of the least rights that `status` and `smoke` need: a Role for each namespace, and one of the cluster.

    The latter is for what devices the nodes have; without it the scheduler's own words are shown.
    """
    # 1. Where the pods are. Environments of one cluster may share a namespace, and one Role then.
    of_pods = {}
    for site in sites:
        rules = [*_rules(RUNNING + ON_DEMAND), _FORWARD]
        place = site.kubectl, site.namespace
        of_pods[place] = _role(site.namespace, rules)

    # 2. Where the engine's objects are, which may be another cluster.
    of_engines = {}
    for site in sites:
        rules = [*_rules(OF_ENGINE[site.engine])]
        place = site.engine_kubectl, site.engine_namespace
        name = f"{ROLE}-{site.engine}"
        of_engines[place] = _role(site.engine_namespace, rules, name)

    # 3. The nodes, which are in no namespace.
    of_nodes = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"{ROLE}-nodes"},
        "rules": [*_rules((NODES,))],
    }
    documents = [*of_pods.values(), *of_engines.values(), of_nodes]
    return to_yaml_stream(documents, "")


# The API server asks for both verbs, by which a websocket is opened and what it does.
_FORWARD = {
    "apiGroups": [""],
    "resources": ["pods/portforward"],
    "verbs": ["get", "create"],
}


def _role(namespace: str, rules: list[object], name: str = ROLE) -> object:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": rules,
    }


def _rules(resources: tuple[Resource, ...]) -> Iterator[object]:
    """One rule for each group."""
    names: dict[str, list[str]] = {}
    for each in resources:
        names.setdefault(each.group, []).append(each.name)
    for group, of_group in names.items():
        yield {"apiGroups": [group], "resources": of_group, "verbs": ["list"]}
