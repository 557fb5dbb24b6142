"""Configurations that nobody wrote: made of the fields of NVIDIA's message, and given to us and to the real server.

    make truth MODELS=3000

gives that many, of another kind in every run, and prints where the two differ.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.triton import truths
from tests.triton.harness.verdicts import lay, verdicts
from tritonfleet.models import Model
from tritonfleet.models.message import MODEL, Kind, fields_of, file_descriptor, words_of
from tritonfleet.models.nouns import CONFIG

FEW = 60
# What depends on files and on other models has cases of its own; a platform decides the backend, which is given.
LEFT_OUT = frozenset(
    {"name", "platform", "backend", "runtime", "default_model_filename", "cc_model_filenames"}
    | {"ensemble_scheduling", "model_repository_agents", "label_filename", "model_warmup"}
    | {"initial_state", "model_metrics", "metric_tags", "host_policy", "secondary_devices"}
)  # fmt: skip
NAMES = ("X", "Y", "Z")
NUMBERS = (-1, 0, 1, 2, 4, 8)


def test_our_verdict_on_generated_models_is_the_servers(tmp_path: Path) -> None:
    """The same ones in every run."""
    loaded, found = differences(random.Random(24.10), FEW, tmp_path)
    assert found == []
    assert FEW / 4 < loaded < FEW * 3 / 4


def differences(
    chance: random.Random, count: int, directory: Path
) -> tuple[int, list[str]]:
    """How many the server loads, and those where we refuse what it loads or the other way round, with what both say."""
    texts = {f"model_{number}": configuration(chance) for number in range(count)}
    files = {name: {CONFIG: text, "1/weights": ""} for name, text in texts.items()}
    repository = lay(directory / "models", files)
    models = {name: Model(name, each) for name, each in files.items()}
    found, loaded = [], 0
    for completes in (True, False):
        said = truths.findings(models, completes)
        theirs = verdicts(repository, directory / str(completes), completes)
        loaded = sum(each.loads for each in theirs.values())
        for name, text in texts.items():
            ours = truths.ours(said[name])
            if truths.refuses(ours) == theirs[name].loads:
                found.append(f"{text}\n  {ours}\n  {theirs[name]}")
    return loaded, found


def configuration(chance: random.Random) -> str:
    """A model of some tensors, and some fields of the message with what may be in them."""
    fields = _fields(chance, MODEL, {"input", "output"}, 2)
    tensors = "".join(_tensor(chance, kind) for kind in ("input", "output"))
    return f'backend: "identity"\n{tensors}{fields}'


def _tensor(chance: random.Random, kind: str) -> str:
    """Mostly whole: of what is wrong twice, only the first is told."""
    if chance.random() < 0.2:
        return f"{kind} {{ {_fields(chance, '.inference.ModelInput', set(), 2)} }}\n"
    name = chance.choice(NAMES)
    return f'{kind} {{ name: "{name}" data_type: TYPE_FP32 dims: [4] }}\n'


def _fields(chance: random.Random, kind: Kind, without: set[str], most: int) -> str:
    names = [each for each in fields_of(kind) if each not in LEFT_OUT | without]
    chosen = chance.sample(names, min(len(names), chance.randint(0, most)))
    return " ".join(_field(chance, kind, name) for name in chosen)


def _field(chance: random.Random, kind: Kind, name: str) -> str:
    descriptor = _descriptor(kind, name)
    is_list = descriptor["label"] == "LABEL_REPEATED"
    values = [
        _value(chance, descriptor)
        for _ in range(chance.randint(1, 2) if is_list else 1)
    ]
    return " ".join(f"{name}{value}" for value in values)


def _value(chance: random.Random, descriptor: dict[str, Any]) -> str:
    """As it is written behind a field's name."""
    type_, of = descriptor["type"], descriptor.get("typeName", "")
    if type_ == "TYPE_MESSAGE":
        return f" {{ {_fields(chance, of, set(), 3)} }}"
    if type_ == "TYPE_ENUM":
        return f": {chance.choice(words_of(of))}"
    if type_ == "TYPE_STRING":
        return f': "{chance.choice(NAMES)}"'
    if type_ == "TYPE_BOOL":
        return f": {chance.choice(('true', 'false'))}"
    numbers = [
        each for each in NUMBERS if each >= 0 or not type_.startswith("TYPE_UINT")
    ]
    return f": {chance.choice(numbers)}"


def _descriptor(kind: Kind, name: str) -> dict[str, Any]:
    message: dict[str, Any] = {"nestedType": file_descriptor()["messageType"]}
    for part in kind.removeprefix(".inference.").split("."):
        [message] = [each for each in message["nestedType"] if each["name"] == part]
    [field] = [each for each in message["field"] if each["name"] == name]
    return dict(field)


def main(count: int) -> int:
    seed = random.randrange(10**9)
    with tempfile.TemporaryDirectory() as directory:
        loaded, found = differences(random.Random(seed), count, Path(directory))
    print(*found, sep="\n")
    print(
        f"{count} configurations, seed {seed}, of which {loaded} load: {len(found)} differ"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 500))
