"""Reading refuses what readers disagree about; writing makes text that all of them read the same."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tritonfleet.problem import Invalid
from tritonfleet.yaml import read, to_yaml

HELM = [Path(__file__).parents[2] / ".tools" / name for name in ("helm4", "helm3")]


def problems(text: str | bytes) -> list[str]:
    try:
        read("f.yaml", text.encode() if isinstance(text, str) else text)
    except Invalid as invalid:
        return [
            f"{p.position.line}:{p.position.column} {p.code} {p.text}"
            for p in invalid.problems
        ]
    return []


SCALARS = {
    "NO": "NO", "yes": "yes", "on": "on", "y": "y", "012": "012",
    "007.50": "007.50", "12:30": "12:30", "1_000": "1_000",
    "2025-08-27": "2025-08-27", "0o14": 12, "0x1F": 31, "1.0": 1, "24.10": 24.1, "1e3": 1000, "-0": 0, "+5": 5,
    ".5": 0.5, "5.": 5, "0.5": 0.5, "~": None, "Null": None, "nULL": "nULL", "True": True, "FALSE": False,
    "tRUE": "tRUE",
    "=": "=", "1.2.3": "1.2.3", "0b1": "0b1", "'1'": "1", '"null"': "null", "0": 0, "-12": -12, "1e": "1e", "-": [None],
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), SCALARS.items(), ids=str)
def test_scalars_mean_what_yaml_1_2_says(written: str, meant: Any) -> None:
    value = read("f.yaml", f"a:\n  {written}\n".encode()).data["a"]
    assert (value, type(value)) == (meant, type(meant))


RANGE = "; expected: a number between ±9007199254740992 (quote it if it is text)"
REFUSED = {
    "a: &x 1": "1:4 TF003 `&x` is an anchor; expected: plain YAML (to share values, use a profile or `defaults`)",
    "a: *x": "1:4 TF003 `*x` is an alias; expected: the value itself (to share values, use a profile or `defaults`)",
    "a: !!int 1": "1:4 TF004 `tag:yaml.org,2002:int` is a tag; expected: plain YAML (quote a value to make it text)",
    "a: ! b": "1:4 TF004 `!` is a tag; expected: plain YAML (quote a value to make it text)",
    "%YAML 1.1\n---\na: 1": "1:1 TF004 a YAML directive; expected: plain YAML (remove the line that begins with %)",
    "<<: {b: 1}": "1:1 TF005 `<<` is a merge key; expected: plain YAML (to share values, use a profile or `defaults`)",
    "a: 1\nb: 2\na: 3": "3:1 TF002 key `a` is given twice; expected: each key once (first on line 1)",
    "8000: x": '1:1 TF006 key 8000 is a number; expected: text (write "8000")',
    "true: x": '1:1 TF006 key true is a boolean; expected: text (write "true")',
    "? [a]\n: b": "1:3 TF006 a mapping or list is used as a key; expected: text",
    "a: b\x07c": "1:5 TF007 U+0007 control character is not allowed; expected: printable text",
    "a: b\x85c": "1:5 TF007 U+0085 control character is not allowed; expected: printable text",
    "a: b\ufeffc": "1:5 TF007 U+FEFF ZERO WIDTH NO-BREAK SPACE is not allowed; expected: printable text",
    "a: b\u202ec": "1:5 TF007 U+202E RIGHT-TO-LEFT OVERRIDE is not allowed; expected: printable text",
    "a: b\rc": "1:5 TF007 U+000D control character is not allowed; expected: printable text",
    'a: "\\u2028"': "1:4 TF007 U+2028 LINE SEPARATOR is not allowed, not even escaped; expected: printable text",
    'a: "\\e[31m"': "1:4 TF007 U+001B control character is not allowed, not even escaped; expected: printable text",
    "a: .nan": "1:4 TF009 .nan is not a finite number" + RANGE,
    "a: -.INF": "1:4 TF009 -.INF is not a finite number" + RANGE,
    "a: 1e400": "1:4 TF009 1e400 is too large a number" + RANGE,
    "a: " + "9" * 5000: "1:4 TF009 " + "9" * 20 + "… is too large a number" + RANGE,
    "a: 1\n---\nb: 2": "2:1 TF010 a second document begins; expected: one document in each file (remove `---`)",
    "a: 1\n<<<<<<< HEAD\nb: 2": "2:1 TF012 a merge conflict is left in the file: <<<<<<<",
    "a:\n\tb: 1": "2:1 TF001 a tab in the indentation; expected: spaces",
    "a: [1, 2": "2:1 TF001 not YAML: did not find expected ',' or ']' (a bracket is not closed, or a comma is missing)",
    "a: b: c": "1:5 TF001 not YAML: mapping values are not allowed in this context (quote text that has `: ` in it, or check the indentation)",  # noqa: E501
    "[" * 70: "1:65 TF008 values are nested more than 64 levels deep",
    "k" * 500 + ": 1": "1:1 TF008 a key has 500 characters; expected: at most 400",
}


@pytest.mark.parametrize(
    ("text", "words"), REFUSED.items(), ids=lambda value: repr(value)[:30]
)
def test_refusals_have_a_place_and_words(text: str, words: str) -> None:
    assert problems(text) == [words]


def test_bytes_that_are_no_text_are_refused() -> None:
    assert problems(b"a: 1\nb: \xff") == [
        "2:4 TF013 byte 0xff is not UTF-8; expected: a file saved as UTF-8"
    ]
    assert problems(b"#" * (10 * 1024 * 1024 + 1))[0].startswith(
        "1:1 TF008 the file has 10485761 bytes"
    )


def test_one_byte_order_mark_and_dos_lines_are_read() -> None:
    assert read("f.yaml", "\ufeffa: 1\r\nb: |\r\n  x\r\n".encode()).data == {
        "a": 1,
        "b": "x\n",
    }


def test_all_problems_of_a_file_are_told() -> None:
    assert len(problems("a: &x 1\na: *x\nb: !!str c\n")) == 4


def test_nothing_is_a_document_of_null() -> None:
    assert read("f.yaml", b"# only a comment\n").data is None


def test_positions_are_those_of_the_text() -> None:
    source = read("f.yaml", b"models:\n  - name: a\n    image: {tag: 24.10}\n")
    assert str(source.position(("models", 0, "image", "tag"))) == "f.yaml:3:18"
    assert (
        str(source.position(("models", 0, "image", "tag"), key=True)) == "f.yaml:3:13"
    )
    assert str(source.position(("models", 0, "nothing", "here"))) == "f.yaml:2:5"
    assert source.written(("models", 0, "image", "tag")) == "24.10}"


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 2000,
        "{a: " * 2000,
        "- " * 2000,
        "&a [" * 60 + "*a",
        "? " * 5000,
        "a" * 100_000,
    ],
)
def test_bombs_are_refused_or_read_at_once(bomb: str) -> None:
    problems(bomb)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
AWKWARD = st.sampled_from(
    [
        "123e4", "1E5", "0o12", "0.1e2", "12e03", "y", "n", "Y", "on", "off", "NO", "~", "null", ".5", "0x1f", "1_000",
        "12:30", "2025-08-27", "-", "?", ":", "#", "!", "%", "@", "`", "'", '"', "{", "[", "*", "&", "|", ">", "=",
        "<<", "a:b", "a: b", "a #b", "{{x}}", "${x}", "$(x)", "-1", "+1", "1.", ".inf", ".NaN", "---", "...",
    ]
)  # fmt: skip
LINE = st.sampled_from(
    [
        "",
        "a",
        " a",
        "a ",
        "\ta",
        "a\tb",
        "a\t",
        "#x",
        "- a",
        "a: b",
        "---",
        "%T",
        "é",
        "  ",
    ]
)
LINES = st.lists(LINE, max_size=6).map("\n".join)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-(2.0**53), 2.0**53, width=32)
LEAVES = (
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXT
    | AWKWARD
    | LINES
    | LINES.map(lambda text: text + "\n")
)
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT | AWKWARD, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(DATA)
def test_python_readers_read_back_what_was_written(data: Any) -> None:
    text = to_yaml({"data": data})
    assert text.endswith("\n")
    assert yaml.load(text, Loader=yaml.CSafeLoader)["data"] == data
    assert YAML(typ="safe", pure=True).load(io.StringIO(text))["data"] == data


@pytest.mark.parametrize("helm", HELM, ids=lambda path: path.name)
def test_helm_reads_back_what_was_written(helm: Path, tmp_path: Path) -> None:
    documents: list[Any] = []

    @settings(max_examples=400, deadline=None, database=None)
    @given(DATA)
    def collect(data: Any) -> None:
        documents.append(data)

    collect()
    assert read_by_helm(helm, tmp_path, documents) == json.loads(json.dumps(documents))


def read_by_helm(helm: Path, directory: Path, documents: list[Any]) -> Any:
    """What Helm's reader makes of the documents, in one call: their JSON comes back as text."""
    (directory / "templates").mkdir()
    (directory / "Chart.yaml").write_text(
        "{apiVersion: v2, name: echo, version: 0.1.0}"
    )
    (directory / "templates" / "echo.yaml").write_text(
        "kind: Echo\ndata: {{ .Values.documents | toJson | quote }}\n"
    )
    (directory / "values.yaml").write_text("{}")
    values = directory / "given.yaml"
    values.write_text(to_yaml({"documents": documents}), encoding="utf-8")
    run = subprocess.run(
        [helm, "template", "r", directory, "-f", values],
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(yaml.load(run.stdout, Loader=yaml.CSafeLoader)["data"])
