"""`set`: where a value lands, what it is, what is refused, and what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build
from tritonfleet.__main__ import main

Capture = pytest.CaptureFixture[str]
LIST = "values/models/team.yaml"
DEV = "values/environments/dev.yaml"
SHOWN = "   - name: one\n     repository: {image: {path: /models}}\n"
ENTRY = MODELS.removeprefix("models:\n")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    """Exit code, data and talk of a command."""
    code = main(arguments)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_value_lands_in_the_entry_and_is_set_once(
    build: Build, capsys: Capture
) -> None:
    root = build()
    assert run(capsys, "set", "one", "image.tag=24.12-py3") == (
        0,
        f"{LIST}:4:13: one image.tag: nothing → 24.12-py3\n",
        "1 file changed; next: tritonfleet generate\n",
    )
    assert (root / LIST).read_text() == MODELS + "    image: {tag: 24.12-py3}\n"
    assert run(capsys, "set", "one", "image.tag=24.12-py3") == (
        0,
        "",
        "nothing to change\n",
    )


def test_with_an_environment_it_lands_in_the_patch(
    build: Build, capsys: Capture
) -> None:
    root = build()
    command = ("set", "one", "replicas=2", "--env", "dev", "-q")
    assert run(capsys, *command) == (
        0,
        f"{DEV}:3:9: one replicas: nothing → 2\n",
        "",
    )
    assert (
        root / DEV
    ).read_text() == "namespace: models-dev\npatches:\n  one: {replicas: 2}\n"
    assert (
        run(capsys, "set", "one", "--unset", "replicas", "--env", "dev", "-q")[0] == 0
    )
    assert (root / DEV).read_text() == "namespace: models-dev\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("image.tag=24.10", 'image: {tag: "24.10"}'),
        ("modelVersion=2025-09-10", 'modelVersion: "2025-09-10"'),
        ("replicas=2", "replicas: 2"),
        ("loadModels=[a, b]", "loadModels: [a, b]"),
        ("env.DEBUG=1", 'env: {DEBUG: "1"}'),
        ('podAnnotations."a.b/c"=x y', 'podAnnotations: {a.b/c: "x y"}'),
        ("env.DEBUG=null", "env: {DEBUG: null}"),
        ("http.enabled=true", "http: {enabled: true}"),
        ("rollout=surge", "rollout: surge"),
    ],
)
def test_the_schema_says_what_a_value_is(
    words: str, line: str, build: Build, capsys: Capture
) -> None:
    root = build()
    assert run(capsys, "set", "one", words, "-q")[0::2] == (0, "")
    assert (root / LIST).read_text() == f"{MODELS}    {line}\n"


def test_a_part_of_an_image_in_one_text_is_set(build: Build, capsys: Capture) -> None:
    digest = "sha256:" + "0" * 64
    image = f"    image: acme.test:5000/triton:24.10-py3@{digest} # theirs\n"
    root = build(models=MODELS + image)
    assert run(capsys, "set", "one", "image.tag=24.12-py3", "-q")[0] == 0
    after = "    image: acme.test:5000/triton:24.12-py3 # theirs\n"
    assert (root / LIST).read_text() == MODELS + after


def test_a_dry_run_shows_a_diff_and_writes_nothing(
    build: Build, capsys: Capture
) -> None:
    root = build()
    assert run(capsys, "set", "one", "replicas=2", "--dry-run") == (
        0,
        f"--- a/{LIST}\n+++ b/{LIST}\n@@ -1,3 +1,4 @@\n models:\n{SHOWN}+    replicas: 2\n",
        "1 file would be changed\n",
    )
    assert (root / LIST).read_text() == MODELS


def test_json_says_what_changed(build: Build, capsys: Capture) -> None:
    build()
    _, out, _ = run(capsys, "set", "one", "replicas=2", "-o", "json")
    assert json.loads(out) == {
        "version": 1,
        "changed": True,
        "written": True,
        "edits": [
            {
                "file": LIST,
                "line": 4,
                "column": 5,
                "model": "one",
                "key": "replicas",
                "before": None,
                "after": 2,
            }
        ],
    }


PODS = "(Number of pods when autoscaling is off)"
HOW = "`--env dev` sets it there; `tritonfleet set one --unset rollout --env dev` removes it there"
REFUSED = {
    "a key that is none": (
        ["one", "imge.tag=x"],
        f"{LIST}:3:1: TF050 `imge` is not a key of entry `one` (did you mean `image`?)",
    ),
    "a value that does not fit": (
        ["one", "replicas=many"],
        f'{LIST}:3:1: TF051 replicas: "many" is text; expected: a whole number {PODS}',
    ),
    "a value that a patch hides": (
        ["one", "rollout=surge"],
        f"{DEV}:4:9: TF071 the patch of dev would hide `rollout` of `one` ({HOW})",
    ),
    "a model that is excluded": (
        ["two", "replicas=2", "--env", "dev"],
        f"{DEV}:2:11: TF072 `two` does not go to dev (remove its name from `exclude`)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_is_what_would_do_no_good(
    case: str, build: Build, capsys: Capture
) -> None:
    words, told = REFUSED[case]
    dev = "exclude: [two]\npatches:\n  one: {rollout: replace}\n"
    root = build(models=MODELS + ENTRY.replace("one", "two"), dev=dev)
    before = (root / LIST).read_text()
    code, out, err = run(capsys, "set", *words)
    assert (code, out, err) == (2, "", f"{told}\n1 error\n")
    assert (root / LIST).read_text() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ones", "a=1"], "there is no model `ones` (did you mean `one`?); there are one"),
        (["one", "replicas"], "`replicas` is not KEY=VALUE"),
        (["one", "=1"], "`` is not a key like image.tag or tolerations[0].key"),
        (["one"], "say what to set: KEY=VALUE, or --unset KEY"),
        (["one", "name=two"], "a name is never changed: remove the model and add it under its new name"),
        (["one", "replicas=1", "--env", "def"], "there is no environment `def` (did you mean `dev`?); there are dev"),
    ],
)  # fmt: skip
def test_words_that_ask_for_nothing_are_refused(
    words: list[str], told: str, build: Build, capsys: Capture
) -> None:
    build()
    code, out, err = run(capsys, "set", *words)
    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {told}")


def test_a_fleet_with_old_errors_can_be_mended(build: Build, capsys: Capture) -> None:
    root = build(models=MODELS + "    replcas: 2\n    replicas: -1\n")
    assert run(capsys, "set", "one", "replicas=1", "-q")[0::2] == (0, "")
    assert run(capsys, "set", "one", "--unset", "replcas", "-q")[0::2] == (0, "")
    assert run(capsys, "validate", "-q") == (0, "", "")
    assert (root / LIST).read_text() == MODELS + "    replicas: 1\n"


def test_a_byte_order_mark_stays(build: Build, capsys: Capture) -> None:
    root = build()
    (root / LIST).write_bytes(b"\xef\xbb\xbf" + MODELS.encode())
    assert run(capsys, "set", "one", "replicas=2", "-q")[0] == 0
    after = f"{MODELS}    replicas: 2\n".encode()
    assert (root / LIST).read_bytes() == b"\xef\xbb\xbf" + after
