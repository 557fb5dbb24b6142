"""Our verdict on a model is the real server's: the same of every case, with its auto-completion and without.

UPDATE_GOLDEN=1 rewrites what both say; the difference is then reviewed like any other change.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.triton import truths
from tests.triton.harness import server
from tests.triton.harness.verdicts import Verdict, lay, verdicts
from tests.triton.truths import Case

UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
PAGE = Path(__file__).parents[2] / "docs" / "models.md"
HEAD = "| what | public files | `tritonfleet` | Triton |\n|---|---:|---|---|\n"
ALL = truths.cases()
TOGETHER = [case for case in ALL if not case.ends]
ALONE = [case for case in ALL if case.ends]
WAYS = {True: "completing", False: "as-written"}
# The errors of the table in the docs: those of the public files, the most frequent first; then what people ask about.
COMMON = (
    "an instance on a GPU that is named",
    "another name",
    "a template that nobody filled in",
    "a word that is cut off",
    "a backend of ONNX as a platform",
    "a field of the server's command line",
    "a name of a template for a number",
    "a value that was forgotten",
    "a field that was never there",
    "no plan",
    "a cache of a model that answers several times",
    "a step without outputs",
    "a warm up of a file that is not there",
    "a slip in a name",
    "a word without its beginning",
    "no dimensions",
    "a preferred batch that is too large",
    "a specific version that is not there",
    "a step without a version",
    "an ensemble of another type",
)
Answers = dict[str, dict[bool, tuple[str, str]]]
"""By the words of a case: what we and the server say, with completion and without."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {case.model: case.files for case in TOGETHER}
    return lay(tmp_path_factory.mktemp("truth") / "models", files)


@pytest.fixture(scope="module")
def servers(repository: Path) -> dict[bool, dict[str, Verdict]]:
    """What the server says of all models, in one start with its auto-completion and in one without."""
    return {
        way: verdicts(repository, repository.parent / name, way)
        for way, name in WAYS.items()
    }


@pytest.fixture(scope="module")
def answers(repository: Path, servers: dict[bool, dict[str, Verdict]]) -> Answers:
    models = truths.models(TOGETHER)
    ours = {way: truths.findings(models, way) for way in WAYS}
    return {
        case.words: {
            way: (
                truths.ours(ours[way][case.model]),
                truths.theirs(servers[way][case.model], repository),
            )
            for way in WAYS
        }
        for case in TOGETHER
    }


def test_our_verdict_is_the_servers(answers: Answers) -> None:
    """Where it is another, the case says why, and we do not refuse what the server loads."""
    differing = {
        words
        for words, both in answers.items()
        for ours, theirs in both.values()
        if truths.refuses(ours) == (theirs == truths.LOADS)
    }
    false_errors = {
        words
        for words in differing
        for ours, theirs in answers[words].values()
        if truths.refuses(ours) and theirs == truths.LOADS
    }
    assert differing == {case.words for case in TOGETHER if case.differs}
    assert false_errors == set()


@pytest.mark.parametrize("topic", sorted({case.topic for case in ALL}))
def test_both_say_what_is_written_beside_the_cases(
    topic: str, answers: Answers
) -> None:
    golden = truths.TRUTH / f"{topic}.txt"
    said = "\n".join(
        truths.told(case, answers[case.words])
        for case in TOGETHER
        if case.topic == topic
    )
    if UPDATE:
        golden.write_text(said, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == said


def test_the_page_shows_both_side_by_side(answers: Answers) -> None:
    by_words = {case.words: case for case in TOGETHER}
    rows = [truths.row(by_words[words], answers[words][True]) for words in COMMON]
    count = f"\n{len(ALL)} small configurations in "
    table = HEAD + "\n".join(rows) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    before, head, rest = page.partition(HEAD)
    assert head, "the page has no table of errors"
    after = rest[rest.index("\n\n") + 1 :]
    if UPDATE:
        page = before + table + after
        PAGE.write_text(page, encoding="utf-8")
    assert page == before + table + after
    assert count in page


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.model)
def test_what_can_end_the_server_is_an_error(case: Case, tmp_path: Path) -> None:
    """Each has a server of its own, which ends of it or refuses the model, as memory has it."""
    repository = lay(tmp_path / "models", {case.model: case.files})
    try:
        verdict = verdicts(repository, tmp_path / "server", completes=True)[case.model]
        loads = verdict.loads
    except server.NotReadyError:
        loads = False
    ours = truths.findings(truths.models([case]), completes=True)[case.model]
    assert (loads, truths.refuses(truths.ours(ours))) == (False, True)
