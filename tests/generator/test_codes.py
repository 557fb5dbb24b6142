"""Every code that the program can say has a meaning and an explanation, whose before and after are true."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

import tritonfleet
from tests.generator.fleets import FLEET, MODELS, REPOSITORY, Build, problems
from tritonfleet.__main__ import main
from tritonfleet.codes import CODES, WARNINGS, State, explanation, read_explanation
from tritonfleet.output import MARK
from tritonfleet.rules import RULES
from tritonfleet.rules.registry import fleet_rule, release_rule

PACKAGE = Path(tritonfleet.__file__).parent
LIST = "values/models/team.yaml"
DEV = "values/environments/dev.yaml"
SMALL_FLEET = {"values/fleet.yaml": FLEET, DEV: "namespace: models-dev\n"}


def test_every_code_of_the_package_has_a_meaning_and_every_meaning_is_used() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "codes"]
    used = {
        code
        for path in modules
        for code in re.findall(r'"(TF\d{3})"', path.read_text())
    }
    assert used == set(CODES)


def test_meanings_are_sentences_in_the_order_of_their_codes() -> None:
    assert list(CODES) == sorted(CODES)
    assert [
        code
        for code, meaning in CODES.items()
        if not re.match(r"[A-Z`].+\.\Z", meaning)
    ] == []


def test_a_rule_without_a_meaning_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="TF999 has no meaning"):
        release_rule("TF999", "image")(lambda *_: ())
    with pytest.raises(KeyError, match="TF999 has no meaning"):
        fleet_rule("TF999")(lambda _: ())


def test_a_rule_says_its_severity_itself() -> None:
    assert WARNINGS - set(CODES) == set()
    assert WARNINGS & set(RULES) == set()


def test_every_code_has_an_explanation_of_three_parts() -> None:
    files = sorted((PACKAGE / "codes" / "explanations").iterdir())
    assert [file.name for file in files] == [f"{code}.yaml" for code in CODES]
    parts = {file.stem: list(yaml.safe_load(file.read_text())) for file in files}
    assert parts == {code: ["why", "before", "after"] for code in CODES}


def test_words_stand_only_where_a_file_cannot_say_it() -> None:
    explained = [read_explanation(code) for code in CODES]
    assert {each.code for each in explained if isinstance(each.before, str)} == set(
        STATES
    )


def test_an_explanation_is_text_for_a_terminal() -> None:
    assert explanation("TF122") == (Path(__file__).parent / "TF122.txt").read_text()
    with pytest.raises(KeyError, match="TF999"):
        explanation("TF999")


def test_the_page_of_rules_has_an_anchor_for_every_code() -> None:
    page = (REPOSITORY / "docs" / "rules.md").read_text()
    rules = [code for code in CODES if code in RULES]
    others = [code for code in CODES if code not in RULES]
    assert re.findall(r"(?m)^### (TF\d{3})$", page) == rules + others
    linked = set(re.findall(r"\(#(tf\d{3})\)", page))
    assert linked == {code.lower() for code in CODES}


def edit(path: str, text: str) -> Callable[[Path], None]:
    """A file of the fleet with this text."""

    def write(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    return write


def leave(_: Path) -> None:
    """The small fleet as it is."""


def without_lists(root: Path) -> None:
    (root / LIST).unlink()


def in_latin_1(root: Path) -> None:
    (root / LIST).write_bytes(f"# für alle\n{MODELS}".encode("latin-1"))


def entries(count: int, rest: str = "") -> str:
    return "models:\n" + "".join(
        f"  - {{name: m{i}, repository: {{image: {{path: /m}}}}{rest}}}\n"
        for i in range(count)
    )


def with_a_broken_profile(root: Path) -> None:
    edit(LIST, entries(51, ", profile: cpu"))(root)
    edit("values/fleet.yaml", FLEET.replace("cpu: {}", "cpu: {http: {enabled: null}}"))(
        root
    )


def generated(root: Path) -> None:
    assert main(["generate", str(root), "--quiet"]) == 0


def in_two_environments(root: Path) -> None:
    edit(LIST, entries(501, ", environments: [dev]"))(root)
    text = entries(500, ", environments: [eu]").replace("name: m", "name: n")
    edit("values/models/eu.yaml", text)(root)
    edit("values/environments/eu.yaml", "namespace: models-eu\n")(root)


def version_of_chart(root: Path, version: str) -> None:
    chart = root / "charts/triton/Chart.yaml"
    chart.write_text(
        re.sub(r"(?m)^version: .*", f"version: {version}", chart.read_text())
    )


def with_edited_chart(root: Path) -> None:
    version_of_chart(root, "0.1.0")
    generated(root)
    with (root / "charts/triton/templates/_helpers.tpl").open("a") as file:
        file.write("{{- /* edited */}}\n")


def with_edited_chart_of_a_new_version(root: Path) -> None:
    with_edited_chart(root)
    version_of_chart(root, "0.1.1")


def with_a_link(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "deploy").mkdir()
    (root / "deploy/dev").symlink_to(root / "elsewhere")


def with_large_lists(root: Path) -> None:
    for number in range(7):
        path = root / f"values/models/large-{number}.yaml"
        path.touch()
        os.truncate(path, 10 * 2**20)


def with_many_environments(root: Path) -> None:
    edit(LIST, entries(1000))(root)
    for number in range(101):
        edit(f"values/environments/e{number}.yaml", "namespace: models\n")(root)


def with_fewer_entries(root: Path) -> None:
    edit(LIST, entries(10))(root)
    generated(root)
    edit(LIST, entries(7))(root)


def with_another_namespace(root: Path) -> None:
    edit(LIST, entries(10))(root)
    generated(root)
    edit(DEV, "namespace: models\n")(root)


def versioned(root: Path, address: str, version: str) -> None:
    values = f'{{name: one, modelVersion: "{version}", repository: {{s3: {{uri: "s3://acme/one{address}"}}}}}}'
    edit(LIST, f"models:\n  - {values}\n")(root)


def with_a_version_over_another(root: Path) -> None:
    versioned(root, "", "3")
    generated(root)
    versioned(root, "", "4")


def with_a_version_beside_another(root: Path) -> None:
    versioned(root, "/{modelVersion}", "3")
    generated(root)
    versioned(root, "/{modelVersion}", "4")


def with_new_autoscaling(root: Path) -> None:
    edit(LIST, entries(1, ", replicas: 3"))(root)
    generated(root)
    edit(LIST, entries(1, ", autoscaling: {enabled: true, target: {cpu: 80}}"))(root)


TEXT = "x" * 140_000
FILES = f"config.pbtxt: 'backend: \"acme\"', 1/a: {TEXT}, 1/b: {TEXT}"
INLINE = f"models: [{{name: m, repository: {{configMap: {{models: {{m: {{{FILES}}}}}}}}}}}]\n"
# What a command says that edits lists; the list of the explanation begins with it.
EDITS = {"TF070", "TF071", "TF072", "TF073", "TF074"}
ALONGSIDE = {"TF059": {"TF053"}}  # it counts what is told with another code
# What no text of a file can say: the state before and after, made in the small fleet.
STATES: Mapping[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
    "TF008": (edit(LIST, MODELS + "#" * 10 * 2**20), leave),
    "TF013": (in_latin_1, edit(LIST, f"# für alle\n{MODELS}")),
    "TF017": (edit("charts/triton/values.schema.json", '{"type": '), leave),
    "TF018": (with_large_lists, leave),
    "TF019": (with_many_environments, leave),
    "TF020": (without_lists, leave),
    "TF027": (edit("deploy/charts.yaml", "<<<<<<< ours\n"), leave),
    "TF059": (with_a_broken_profile, edit(LIST, entries(51, ", profile: cpu"))),
    "TF060": (edit("deploy/dev/one/values.yaml", "replicas: 2\n"), leave),
    "TF061": (with_a_link, lambda root: (root / "deploy/dev").mkdir(parents=True)),
    "TF062": (with_fewer_entries, leave),
    "TF063": (with_new_autoscaling, leave),
    "TF064": (edit("deploy/dev/other/application.yaml", "kind: Application\n"), leave),
    "TF065": (with_another_namespace, leave),
    "TF066": (edit("deploy/dev/one/values.yaml/x", ""), leave),
    "TF067": (edit("deploy/dev/values.yaml", f"{MARK} for dev\n"), leave),
    "TF104": (edit(LIST, entries(1001)), in_two_environments),
    "TF141": (with_edited_chart, with_edited_chart_of_a_new_version),
    "TF144": (edit(LIST, entries(1, f", env: {{A: {'x' * 1_200_000}}}")), leave),
    "TF146": (
        edit(LIST, entries(1, f", podAnnotations: {{a: {TEXT}, b: {TEXT}}}")),
        leave,
    ),
    "TF196": (with_a_version_over_another, with_a_version_beside_another),
    "TF152": (
        edit(LIST, INLINE),
        edit(LIST, 'models: [{name: m, repository: {s3: {uri: "s3://acme/m"}}}]\n'),
    ),
}


def lay(root: Path, files: Mapping[str, str]) -> None:
    """Puts snippets into the small fleet: a list is whole, fleet.yaml and an environment get what they lack."""
    if any(path.startswith("values/models/") for path in files):
        without_lists(root)
    for path, text in files.items():
        keys = re.findall(r"(?m)^(\w+):", text)
        lacking = [
            line
            for line in SMALL_FLEET.get(path, "").splitlines(keepends=True)
            if line.partition(":")[0] not in keys
        ]
        edit(path, text + "".join(lacking))(root)


def told(root: Path, code: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Codes that are said about a fleet: by `generate` about its output, by the command that a comment of the
    explanation names, and else by `validate`."""
    if code in EDITS:
        command = ["--root", str(root), "--dry-run", "--quiet"]
        lists = (root / "values" / "models").iterdir()
        _, *words = next(lists).read_text().splitlines()[0].removeprefix("# ").split()
        command = [*words, *command]
    elif code.startswith("TF06") or code == "TF196":
        command = ["generate", str(root), "--quiet"]
    else:
        return {problem.code for problem in problems(root)}
    capsys.readouterr()
    main(command)
    return set(re.findall(r"\bTF\d{3}\b", "".join(capsys.readouterr())))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_before_is_told_and_after_is_not(
    code: str, moment: str, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    state: State = getattr(read_explanation(code), moment)
    if isinstance(state, str):
        before, after = STATES[code]
        (before if moment == "before" else after)(root)
    else:
        lay(root, state)
    expected = {code} | ALONGSIDE.get(code, set()) if moment == "before" else set()
    assert told(root, code, capsys) == expected
