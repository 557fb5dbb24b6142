"""Work and words grow with the input, and never with its square: counted, or seen on inputs that took minutes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tests.generator.fleets import FLEET, MODELS, Build, problems, words
from tritonfleet import load, resolve
from tritonfleet.problem import Guesses, Invalid, Position, Problem, some
from tritonfleet.source import LONGEST_WRITTEN
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.yaml import read


@contextmanager
def soon(seconds: float = 20) -> Iterator[None]:
    """Generous: each of these took minutes, or had no end."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def many(form: str, count: int) -> str:
    return "".join(form.format(number) for number in range(count))


@pytest.mark.parametrize(
    ("models", "dev"),
    [
        (MODELS + f"    environments: [{many('{{a: {}}}, ', 20_000)}]\n", ""),
        (
            MODELS + f"    service: {{ipFamilies: [{many('{{a: {}}}, ', 20_000)}]}}\n",
            "",
        ),
        (many("%TAG !{}! a\n", 200_000) + "---\n" + MODELS, ""),
        ("models: {}\n" + many("%TAG !{}! a\n", 200_000) + "---\n", ""),
        ("models:\n" + many("  - {{name: a{}, replicas: x}}\n", 50_000), ""),
        (f"models: [{many('1,', 500_000)}]\n", ""),
        (MODELS + many("    unknown{}: 1\n", 50_000), ""),
        (
            "models:\n"
            + many("  - {{name: e{}, repository: {{image: {{path: /m}}}}}}\n", 5000),
            "patches:\n" + many("  p{}: {{replicas: 1}}\n", 5000),
        ),
    ],
    ids=[
        "mappings-as-names",
        "mappings-as-words",
        "directives",
        "directives-behind-a-document",
        "wrong-values",
        "wrong-items",
        "unknown-keys",
        "unknown-patches",
    ],
)
def test_what_is_wrong_many_times_is_told_soon(
    models: str, dev: str, build: Build
) -> None:
    root = build(models=models, dev=dev)
    with soon():
        assert problems(root)


def test_as_many_ignores_as_models_are_read_once(build: Build) -> None:
    """10,000 × 1,000 comparisons would take seconds, each pair of names meeting."""
    entries = many("  - {{name: e{}, repository: {{image: {{path: /m}}}}}}\n", 1000)
    ignores = "  - {rule: TF115, models: [e1], reason: It is known to us all}\n" * 10000
    root = build(models="models:\n" + entries, dev="ignore:\n" + ignores)
    with soon():
        assert any("nothing to ignore: TF115" in line for line in words(root))


def test_more_problems_than_anybody_reads_end_with_a_word() -> None:
    endless = (Problem(Position("a", line), "TF050", "no") for line in range(10**9))
    assert [problem.text for problem in some(endless, 2)] == [
        "no",
        "no",
        "there are more than 2 problems like those before (solve those above first)",
    ]


def test_a_message_quotes_no_whole_file(build: Build) -> None:
    models = MODELS + f"    profile: {'x' * 10**6}\n"
    assert {len(line) < 1500 for line in words(build(models=models))} == {True}


def test_a_value_is_quoted_from_a_long_line_without_the_line() -> None:
    source = read("a.yaml", f"[{'1,' * 10**6}]".encode())
    assert len(source.written((0,))) == LONGEST_WRITTEN


@pytest.mark.parametrize(
    "text", ["a: one\nb: two\n", "a: one\nb: two", "a: one\r\nb: two"]
)
def test_the_rest_of_a_line_is_what_is_written(text: str) -> None:
    source = read("a.yaml", text.encode())
    written = [source.written((key,)).rstrip("\r") for key in ("a", "b")]
    assert written == ["one", "two"]


def test_guesses_end_after_some_work() -> None:
    guesses = Guesses()
    known = [f"entry-{number}" for number in range(1000)]
    hints = [guesses.similar(f"entri-{number}", known) for number in range(300)]
    assert hints[0] == "did you mean `entry-0`?"
    assert [bool(hint) for hint in hints] == [True] * 200 + [False] * 100


ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.lists(ITEMS, max_size=4))
def test_items_are_unique_to_all_engines_alike(items: list[Any]) -> None:
    schema = {"type": "array", "uniqueItems": True}
    in_general = Draft7Validator(schema).is_valid(items)
    assert (not list(errors(schema, items)), verdict(schema)(items)) == (
        in_general,
        in_general,
    ), json.dumps(items)


def test_the_known_names_of_a_message_are_some(build: Build) -> None:
    profiles = ", ".join(f"p{number}: {{}}" for number in range(100))
    fleet = FLEET.replace("cpu: {}", profiles)
    (line,) = words(build(fleet=fleet, models=MODELS + "    profile: q\n"))
    assert line.count(",") == 20
    assert line.endswith(", …")


@pytest.mark.parametrize(
    "values",
    [
        "resources: {limits: {cpu: 0.00009}, requests: {cpu: 0.00001}}",
        "repository: {configMap: {models: {a: {config.pbtxt: \"backend: 'python' count: %s\", 1/model.py: x}}}}"
        % ("1" * 5000),
    ],
    ids=["small", "large"],
)
def test_numbers_at_the_edge_are_numbers(values: str, build: Build) -> None:
    models = "models:\n  - name: one\n"
    if "repository" not in values:
        models += "    repository: {image: {path: /m}}\n"
    assert all(
        len(line) < 400 for line in words(build(models=f"{models}    {values}\n"))
    )


LISTS = {f"values/models/{name}.yaml": MODELS.replace("one", name) for name in "abcd"}


@pytest.mark.parametrize("cores", [1, 4])
def test_all_files_together_have_an_end(
    cores: int, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MOST_READ", 60)
    monkeypatch.setattr(load, "processes", lambda: cores)
    with pytest.raises(Invalid) as caught:
        load.load(build(files=LISTS))
    (problem,) = caught.value.problems
    assert (str(problem.position), problem.code, problem.text) == (
        "values/models/c.yaml:1:1",
        "TF018",
        "all files have more than 60 values together; expected: fewer, or several fleets",
    )


def test_files_within_the_limit_are_read_whatever_share_a_process_has(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "processes", lambda: 10**9)
    assert len(load.load(build(files=LISTS)).lists) == 5


@pytest.mark.parametrize("most", [10, 30])
def test_all_releases_together_have_an_end(
    most: int, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each release counts all of its layers; this one's are five values of `defaults` and six of its own."""
    monkeypatch.setattr(resolve, "MOST_MADE", most)
    said = [line for line in words(build()) if "TF019" in line]
    assert len(said) == (most == 10)
