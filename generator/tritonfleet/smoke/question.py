"""The question that a release's values hold."""

from __future__ import annotations

from typing import Any

from tritonfleet.facts import named_models
from tritonfleet.modes import listeners
from tritonfleet.nouns import Release
from tritonfleet.smoke.nouns import GRPC, HTTP, Question
from tritonfleet.timing import seconds_to_answer
from tritonfleet.values import Values


def question_of(release: Release) -> Question:
    """What to ask a release: its test, or else whether its models are ready."""
    values = release.complete()
    inference: Values = values["test"]["inference"]
    tls = values["grpc"]["tls"]
    ports = {each.name: each.port for each in listeners(values)}
    return Question(
        models=tuple(named_models(values)),
        model=inference.get("model", ""),
        path=inference.get("path", "infer"),
        body=inference.get("body", ""),
        expect=inference.get("expect", {}),
        header=_header(values["server"]["restrictedApis"]),
        seconds=seconds_to_answer(values),
        ports={name: ports[name] for name in (HTTP, GRPC) if name in ports},
        tls=tls["enabled"],
        mutual=tls["mutual"],
        host=f"{release.full_name}.{release.environment.namespace}.svc",
    )


def _header(groups: list[Any]) -> str:
    for group in groups:
        if "inference" in group["apis"]:
            return str(group["header"])
    return ""
