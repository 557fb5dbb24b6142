"""All checks of the models that a server will load together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from tritonfleet.models import (
    directory,
    effects,
    ensembles,
    language_models,
    members,
    metrics,
    parameters,
    python_code,
    resources,
    scheduling,
    sequence_states,
    sequences,
    tensors,
    warmups,
)
from tritonfleet.models.configuration import unreadable
from tritonfleet.models.fields import Misread
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.problem import WARNING

MOST_FINDINGS = 100  # of one model
# Every code of its own that a finding can have, beside TF200.
CODES = (
    "TF201",
    "TF202",
    "TF203",
    "TF204",
    "TF205",
    "TF206",
    "TF207",
    "TF208",
    "TF209",
    "TF210",
    "TF211",
    "TF212",
    "TF213",
    "TF214",
    "TF215",
    "TF216",
    "TF217",
    "TF218",
    "TF219",
    "TF220",
    "TF221",
    "TF222",
    "TF223",
    "TF224",
    "TF225",
    "TF226",
    "TF227",
)
OfModel: TypeAlias = Callable[[Model, Server], Iterator[Finding]]
OfModels: TypeAlias = Callable[[Model, Server, Mapping[str, Model]], Iterator[Finding]]

CHECKS: tuple[OfModel, ...] = (
    directory.name_is_the_directory,
    directory.backend_is_told,
    directory.a_version_is_loaded,
    directory.files_are_there,
    directory.labels_are_there,
    tensors.tensors_are_whole,
    tensors.batched_tensors_are_there,
    scheduling.batches_fit,
    scheduling.instances_can_run,
    sequences.sequences_are_controlled,
    scheduling.responses_can_be_cached,
    metrics.metrics_are_whole,
    metrics.tags_are_labels,
    sequence_states.states_can_begin,
    warmups.warmups_can_run,
    parameters.parameters_are_known,
    resources.resources_are_enough,
    effects.settings_have_effects,
    python_code.python_code_is_a_model,
    language_models.language_model_can_start,
    ensembles.ensemble_is_whole,
)
# What is asked of a model when all others can be read.
TOGETHER: tuple[OfModels, ...] = (
    members.members_are_there,
    members.wires_fit,
    members.answers_are_of_one_model,
)


def check(
    models: Mapping[str, Model], server: Server
) -> Iterator[tuple[Model, Finding]]:
    """What is wrong with each of the models that a server will load; it will load no others."""
    # 1. Each model by itself.
    found = {
        name: _first(model, _of_model(model, server)) for name, model in models.items()
    }
    # 2. Ensembles with the models that they call, if nothing is wrong with any of them.
    for name, model in models.items():
        findings = found[name]
        called = [step.text("model_name") for step in ensembles.steps_of(model)]
        around = [each for other in {name, *called} for each in found.get(other, ())]
        are_fine = all(each.severity == WARNING for each in around)
        if called and are_fine:
            findings += _first(model, _together(model, server, models))
        for finding in findings:
            yield model, finding


def _first(model: Model, findings: Iterator[Finding]) -> list[Finding]:
    """As many as a person reads: each takes time, and a file that is wrong throughout has very many."""
    found = list(islice(findings, MOST_FINDINGS))
    if len(found) == MOST_FINDINGS:
        message = f"model {model.name} has more problems than these {MOST_FINDINGS}"
        found.append(Finding("TF059", message, "correct these first"))
    return found


def _together(
    model: Model, server: Server, models: Mapping[str, Model]
) -> Iterator[Finding]:
    for rule in TOGETHER:
        yield from rule(model, server, models)


def _of_model(model: Model, server: Server) -> Iterator[Finding]:
    """What is wrong with a model, whatever other models there are."""
    if not model.has_config and not server.completes:
        message = f"the model has no {CONFIG}, and the server completes none"
        yield Finding("TF200", message, f"add {CONFIG}")
        return
    if model.has_config and model.files[CONFIG] is None:
        return  # why it was not read is told by who did not read it
    is_fine = not isinstance(model.reading, Misread)
    for finding in unreadable(model, server):
        is_fine = False
        yield finding
    if is_fine:
        for rule in CHECKS:
            yield from rule(model, server)
