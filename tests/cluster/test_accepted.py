"""A real API server takes every example: strict fields, the custom resources' schemas, Pod Security at restricted."""

from __future__ import annotations

import pytest
import yaml

from chart.helm import CHART, CI_FILES
from cluster.kubectl import Refused, create_namespace, helm, kubectl

DRY_RUN = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-"]
# Volumes of the node, and a person's own containers that ask for too much.
PRIVILEGED = {"everything-values.yaml", "nfs-values.yaml", "onnx-hostpath-values.yaml"}


pytestmark = pytest.mark.usefixtures("definitions", "levels")


@pytest.fixture(scope="module")
def levels() -> None:
    for level in ("restricted", "privileged"):
        create_namespace(level, level)


def _accept(name: str, level: str) -> None:
    values = str(CHART / "ci" / name)
    where = [f"--namespace={level}", "--kube-version=1.37"]
    text = helm("4", "template", "release", str(CHART), *where, "--values", values)
    kubectl(*DRY_RUN, given=[document for document in yaml.safe_load_all(text) if document])


@pytest.mark.parametrize("name", CI_FILES)
def test_every_situation_is_accepted(name: str) -> None:
    _accept(name, "privileged" if name in PRIVILEGED else "restricted")


@pytest.mark.parametrize("name", sorted(PRIVILEGED))
def test_the_exceptions_are_refused_at_restricted(name: str) -> None:
    with pytest.raises(Refused, match="would violate PodSecurity"):
        _accept(name, "restricted")
