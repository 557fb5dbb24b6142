"""values.schema.json, values.yaml, the templates and flags.json say the same; and the chart keeps its shape."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.checkov import SKIPPED
from tests.chart.helm import (
    CHART,
    CI_FILES,
    HELM,
    ROOT,
    SMALLEST,
    Refused,
    ci,
    defaults,
    merged,
    refused_keys,
    schema,
    template,
)
from tritonfleet.validate.engine import errors
from tritonfleet.values import lookup

TEMPLATES = sorted((CHART / "templates").rglob("*.*"))
# What each mode's server takes.
TABLES = {"triton": CHART / "files" / "flags.json"} | {
    path.stem.removeprefix("flags-"): path
    for path in sorted((CHART / "files").glob("flags-*.json"))
}
GOOD = {
    case["case"]: case["values"]
    for case in yaml.safe_load(
        (Path(__file__).parent / "cases" / "good.yaml").read_text()
    )
}
# A release has weights from one place only: no file could hold all their keys.
WEIGHTS = [name for name, values in GOOD.items() if "weights" in values]
USE = re.compile(r"\$?\.?Values((?:\.[A-Za-z0-9]+)+)")


def test_every_default_is_declared_and_every_declared_value_has_a_default() -> None:
    assert sorted(set(with_defaults(schema())) ^ set(default_paths(defaults()))) == []


def test_every_value_is_read_by_a_template() -> None:
    used = uses()
    unread = [
        path
        for path in leaves(schema())
        if not any(path == use or path.startswith(use + ".") for use in used)
    ]
    assert unread == []


def test_every_use_of_a_value_is_declared() -> None:
    assert sorted(uses() - set(declared(schema()))) == []


def test_the_defaults_fit_their_schema() -> None:
    assert [
        error.message for error in errors(schema(), merged(defaults(), SMALLEST))
    ] == []


def test_every_property_is_described() -> None:
    kubernetes = ("probe.", "readinessProbe.", "lifecycle.", "strategy.")
    undescribed = [
        path
        for path, node in nodes(schema())
        if "description" not in node and not path.startswith(kubernetes)
    ]
    assert undescribed == []


def test_helm_show_values_describes_every_value() -> None:
    """Fields of Kubernetes and labels of people's own names have no description in the schema."""
    command = [str(HELM["4"]), "show", "values", str(CHART)]
    shown = subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    bare = [
        line.strip()
        for above, line in pairwise(shown)
        if re.match(r" *\w+:", line) and "# " not in above
    ]
    assert bare == [
        'grafana_dashboard: "1"',
        *("runAsNonRoot: true", "runAsUser: 1000", "runAsGroup: 1000", "fsGroup: 1000"),
        *(
            "fsGroupChangePolicy: OnRootMismatch",
            "seccompProfile:",
            "type: RuntimeDefault",
        ),
        *(
            "allowPrivilegeEscalation: false",
            "readOnlyRootFilesystem: true",
            "capabilities:",
            "drop: [ALL]",
        ),
    ]


def test_the_schema_keeps_to_what_every_validator_understands_alike() -> None:
    keywords = {
        key
        for path, node in subschemas(schema())
        for key in node
        if not path.endswith("roperties")
    }
    assert (
        keywords
        & {
            "oneOf",
            "anyOf",
            "format",
            "$id",
            "propertyNames",
            "dependencies",
            "uniqueProperties",
        }
        == set()
    )
    patterns = [
        node["pattern"] for _, node in subschemas(schema()) if "pattern" in node
    ]
    assert [
        pattern for pattern in patterns if re.search(r"\\[dwsDWSbB]|\(\?", pattern)
    ] == []
    references = {node["$ref"] for _, node in subschemas(schema()) if "$ref" in node}
    assert [each for each in references if not each.startswith("#/definitions/")] == []
    assert [
        path
        for path, node in subschemas(schema())
        if "pattern" in node and "maxLength" not in node
    ] == []
    assert [
        path
        for path, node in subschemas(schema())
        if abs(node.get("maximum", 0)) > 2**53 - 1
    ] == []


def test_objects_of_ours_are_closed() -> None:
    """Open are those that Kubernetes or vLLM types, the parent's `global`, and lists of Kubernetes' objects."""
    opened = [
        path
        for path, node in subschemas(schema())
        if node.get("type") == "object"
        and "properties" in node
        and node.get("additionalProperties") is not False
    ]
    of_vllm = "/properties/repository/properties/vllm/patternProperties/"
    assert [each for each in opened if not each.startswith(of_vllm)] == [
        "/properties/global"
    ]


def test_all_root_keys_are_required() -> None:
    assert set(schema()["required"]) == set(schema()["properties"]) - {"global"}


@pytest.mark.parametrize("name", CI_FILES + WEIGHTS)
def test_a_trailing_line_break_fits_no_pattern(name: str) -> None:
    """Every text that a pattern holds, with a line break after it, is refused by Python and by Helm 3 and 4."""
    twins, keys = twin(_values(name), schema(), "")
    found = {
        ".".join(map(str, error.absolute_path))
        for error in errors(schema(), merged(defaults(), twins))
    }
    said = {helm: keys - refused_keys(refusal(twins, helm)) for helm in ("3", "4")}
    assert (keys - found, said) == (set(), {"3": set(), "4": set()})


def _values(name: str) -> Any:
    """Of a file in ci/, or of a good case."""
    return ci(name) if name in CI_FILES else merged(SMALLEST, GOOD[name])


def test_the_files_above_hold_every_pattern() -> None:
    held = {
        re.sub(r"\.\d+(?=\.|$)", "[]", key)
        for name in CI_FILES + WEIGHTS
        for key in twin(_values(name), schema(), "")[1]
    }
    assert sorted(set(patterned(schema())) - held) == []


@pytest.mark.parametrize("mode", TABLES)
def test_flags_belong_to_values_that_exist(mode: str) -> None:
    table = tables(mode)["flags"]
    owners = {
        row[column]
        for row in table.values()
        for column in ("owner", "deprecated")
        if column in row
    }
    assert sorted(owners - set(declared(schema()))) == []
    assert list(table) == sorted(table)
    assert [
        name
        for name, row in table.items()
        if not re.fullmatch(r"|2[0-9]\.(0[1-9]|1[0-2])", row.get("since", ""))
    ] == []
    assert {column for row in table.values() for column in row} <= {
        "since",
        "until",
        "owner",
        "deprecated",
        "dynamo",
    }


@pytest.mark.parametrize("mode", TABLES)
def test_every_flag_that_the_chart_writes_is_in_the_table(mode: str) -> None:
    written = {
        flag
        for path in TEMPLATES
        if mode_of(path) == mode
        for flag in re.findall(r"^-.*?--([a-z0-9-]+)", path.read_text(), re.MULTILINE)
    }
    assert len(written) > (40 if mode == "triton" else 8)
    assert sorted(written - set(tables(mode)["flags"])) == []


@pytest.mark.parametrize("mode", TABLES)
def test_a_value_without_use_is_refused_when_it_is_not_its_default(mode: str) -> None:
    """The tables of modes repeat defaults of values.yaml: if one changes, the mode refuses every release."""
    rows = tables(mode).get("values", {})
    wrong = {
        key: row["default"]
        for key, row in rows.items()
        if lookup(defaults(), tuple(key.split("."))) != row["default"]
    }
    switches = {
        row[column]
        for row in rows.values()
        for column in ("unless", "when")
        if column in row
    }
    unknown = (set(rows) | switches) - set(declared(schema()))
    assert (wrong, unknown, list(rows)) == ({}, set(), sorted(rows))


def test_the_chart_stays_small_and_flat() -> None:
    """Helpers of 80 lines and lines of 140 characters at most; objects that fit on a screen."""
    lines = {path.name: path.read_text().splitlines() for path in TEMPLATES}
    wide = [
        (name, number)
        for name, text in lines.items()
        for number, line in enumerate(text, 1)
        if len(line) > 140
    ]
    length = {
        name: count for path in TEMPLATES for name, count in helpers(path.read_text())
    }
    assert len(length) > 40
    assert ([name for name, count in length.items() if count > 80], wide) == ([], [])
    assert (
        statistics.median(
            len(text) for name, text in lines.items() if name.endswith(".yaml")
        )
        <= 40
    )


def test_templates_use_only_what_every_engine_has() -> None:
    """No tpl on data, nothing that depends on the cluster, the time or chance, none of Helm 4.3's new functions."""
    names = r"tpl|lookup|\.Capabilities|now|date|rand\w+|uuidv4|genCA|genSelfSignedCert|mustToDuration|duration\w+"
    banned = rf"\b({names})\b"
    found = [
        (path.name, match[0])
        for path in TEMPLATES
        for match in re.finditer(banned, actions(path.read_text()))
    ]
    assert found == []


def tables(mode: str) -> Any:
    return json.loads(TABLES[mode].read_text())


def mode_of(path: Path) -> str:
    """Whose arguments a template writes: a room of a mode with a table is its own, others are tritonserver's."""
    mode = path.stem.removeprefix("_mode-")
    return mode if mode in TABLES else "triton"


def refusal(values: Any, helm: str) -> str:
    try:
        return template(values, helm)
    except Refused as refused:
        return str(refused)


def patterned(node: Any, prefix: str = "") -> Iterator[str]:
    """Paths of values that have a pattern; [] stands for an item of a list. Mappings with free names are left out."""
    if "pattern" in node:
        yield prefix
    for key, child in node.get("properties", {}).items():
        yield from patterned(resolved(child), f"{prefix}.{key}".strip("."))
    if isinstance(node.get("items"), dict):
        yield from patterned(resolved(node["items"]), prefix + "[]")


def helpers(text: str) -> Iterator[tuple[str, int]]:
    """Each helper and its number of lines: the last `end` before the next helper is its own."""
    for each in text.split('{{- define "')[1:]:
        name, body = each.split('"', 1)
        end = [match.start() for match in re.finditer(r"\{\{-? end -?\}\}", body)][-1]
        yield name, body[:end].count("\n") + 1


def actions(text: str) -> str:
    """What stands in {{ }}, without comments and quoted text."""
    found = " ".join(re.findall(r"\{\{-?(?! ?/\*)(.*?)-?\}\}", text, re.DOTALL))
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', found)


def uses() -> set[str]:
    text = "".join(
        re.sub(r"\{\{-? ?/\*.*?\*/ ?-?\}\}", "", path.read_text(), flags=re.DOTALL)
        for path in TEMPLATES
    )
    return {match[1][1:] for match in USE.finditer(text)}


def resolved(node: Any) -> Any:
    if "$ref" in node:
        return schema()["definitions"][node["$ref"].rsplit("/", 1)[1]] | {
            "description": node.get("description", "")
        }
    return node


def declared(node: Any, prefix: str = "") -> Iterator[str]:
    """Paths of all values."""
    for key, child in node.get("properties", {}).items():
        yield prefix + key
        yield from declared(resolved(child), f"{prefix}{key}.")


def with_defaults(node: Any, prefix: str = "") -> Iterator[str]:
    """Paths that values.yaml must hold: all but those inside objects that may be empty (unions, Kubernetes' own)."""
    for key, child in node.get("properties", {}).items():
        yield prefix + key
        if resolved(child).get("required"):
            yield from with_defaults(resolved(child), f"{prefix}{key}.")


def leaves(node: Any, prefix: str = "") -> Iterator[str]:
    for key, child in node.get("properties", {}).items():
        child = resolved(child)
        if (
            child.get("type") == "object"
            and child.get("properties")
            and not key.endswith("Probe")
        ):
            yield from leaves(child, f"{prefix}{key}.")
        else:
            yield prefix + key


def default_paths(values: Any, node: Any = None, prefix: str = "") -> Iterator[str]:
    """Paths of values.yaml, down to where names are free."""
    node = node or schema()
    for key, value in values.items():
        yield prefix + key
        child = resolved(node["properties"].get(key, {}))
        if isinstance(value, dict) and child.get("required"):
            yield from default_paths(value, child, f"{prefix}{key}.")


def nodes(root: Any) -> Iterator[tuple[str, Any]]:
    """Every declared property with its schema."""

    def walk(node: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for key, child in node.get("properties", {}).items():
            yield prefix + key, child
            yield from walk(child, f"{prefix}{key}.")
        if isinstance(node.get("items"), dict):
            yield from walk(node["items"], f"{prefix}[].")

    yield from walk(root, "")
    for name, definition in root["definitions"].items():
        yield name, definition
        yield from walk(definition, f"{name}.")


def subschemas(root: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every mapping of the schema, conditions left out."""
    if isinstance(root, dict):
        yield path, root
        for key, child in root.items():
            if key not in ("if", "then", "else", "allOf"):
                yield from subschemas(child, f"{path}/{key}")
    elif isinstance(root, list):
        for child in root:
            yield from subschemas(child, path)


def twin(value: Any, node: Any, path: str) -> tuple[Any, set[str]]:
    """The value with a line break after each text that a pattern holds, and the keys of those."""
    node = resolved(node)
    if isinstance(value, str) and "pattern" in node:
        return value + "\n", {path}
    if isinstance(value, list):
        pairs = [
            twin(each, node.get("items", {}), f"{path}.{index}")
            for index, each in enumerate(value)
        ]
        return [each for each, _ in pairs], set().union(*(keys for _, keys in pairs))
    if isinstance(value, dict):
        result, keys = {}, set()
        for key, child in value.items():
            below = node.get("properties", {}).get(key) or next(
                iter(node.get("patternProperties", {"": {}}).values())
            )
            result[key], more = twin(child, below, f"{path}.{key}".strip("."))
            keys |= more
        return result, keys
    return value, set()


def test_the_readme_gives_a_reason_for_each_skipped_check() -> None:
    readme = (CHART / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (CKV\w+) \(", readme, re.MULTILINE) == sorted(
        SKIPPED, key=readme.index
    )


def test_generated_files_are_current() -> None:
    command = [sys.executable, str(ROOT / "tools" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
