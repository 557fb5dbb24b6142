"""`make schemas`: writes what follows from schemas and rules: comments, READMEs, schemas for editors."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import yaml
from kubernetes_types import kubernetes_types

from tritonfleet.codes import CODES, WARNINGS, Explanation, read_explanation
from tritonfleet.problem import ERROR, WARNING
from tritonfleet.rules import RULES
from tritonfleet.validate.schemas import editor_schemas

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "schemas"
CHART = ROOT / "charts" / "triton"


class Row(NamedTuple):
    """One value of the chart."""

    key: str
    default: str
    description: str


def chart_readme() -> str:
    """The chart's README, with the values in the groups of values.yaml."""
    return _template("chart-readme.md.j2").render(groups=_groups())


def _template(name: str) -> jinja2.Template:
    text = (ROOT / "tools" / name).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    return environment.from_string(text)


def _groups() -> dict[str, list[Row]]:
    """Rows by the headings of values.yaml: a comment of one line between two empty ones."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load(text)
    heading = ""
    found: dict[str, list[Row]] = {}
    for paragraph in text.split("\n\n"):
        if re.fullmatch(r"# .*", paragraph):
            heading = paragraph.removeprefix("# ")
            found[heading] = []
        for key in re.findall(r"^(\w+):", paragraph, re.MULTILINE):
            node = schema["properties"][key]
            found[heading] += _rows(key, node, values[key], schema["definitions"])
    return found


def chart_values() -> str:
    """values.yaml with each key's description from the schema above it.

    Data, order, headings and examples (`#  like: this`, with two spaces) stay as people wrote them.
    """
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    comments = dict(_comments(yaml.compose(text), schema, schema["definitions"]))
    lines: list[str] = []
    for number, line in enumerate(text.splitlines()):
        if number in comments:
            while lines and re.match(r" *# \S", lines[-1]):
                lines.pop()
            lines += comments[number]
        lines.append(line)
    return "\n".join(lines) + "\n"


def _comments(
    mapping: Any, node: Any, definitions: Any
) -> Iterator[tuple[int, list[str]]]:
    """The number of each line with a key that the schema describes, and the comment to stand above it."""
    for key, value in mapping.value:
        child = node.get("properties", {}).get(key.value)
        if child is None:
            continue
        begin = " " * key.start_mark.column + "# "
        words = textwrap.wrap(
            _described(child), 100, break_on_hyphens=False, break_long_words=False
        )
        yield key.start_mark.line, [begin + line for line in words]
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _comments(value, _definition(child, definitions), definitions)


def _definition(node: Any, definitions: Any) -> Any:
    return definitions[node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def _rows(key: str, node: Any, default: Any, definitions: Any) -> Iterator[Row]:
    definition = _definition(node, definitions)
    inner = definition.get("properties", {})
    nested = "$ref" not in node and all(
        "description" in child for child in inner.values()
    )
    if (
        not (inner and nested)
        or definition.get("maxProperties") == 1
        or not isinstance(default, dict)
        or not default
    ):
        yield Row(
            key,
            "" if default is None else json.dumps(default, ensure_ascii=False),
            _described(node).replace("|", "\\|"),
        )
    for name, child in inner.items() if nested else ():
        below = default.get(name) if isinstance(default, dict) else None
        yield from _rows(f"{key}.{name}", child, below, definitions)


def _described(node: Any) -> str:
    """The description, and the choices that it does not name."""
    text = str(node["description"])
    choices = [json.dumps(choice) for choice in node.get("enum", []) if choice != ""]
    return (
        text
        if all(choice.strip('"') in text for choice in choices)
        else f"{text} One of {', '.join(choices)}."
    )


class Coded(NamedTuple):
    """One code on the page of rules."""

    explained: Explanation
    severity: str


class Group(NamedTuple):
    """Codes below one heading of the page."""

    title: str
    introduction: str
    entries: list[Coded]


def rules_page() -> str:
    """The page of rules: every code with its explanation, the rules first."""
    explained = [Coded(read_explanation(code), _severity(code)) for code in CODES]
    rules = Group(
        "Rules",
        "What `validate` checks beside the schemas.",
        [each for each in explained if each.explained.code in RULES],
    )
    others = Group(
        "The other codes",
        "What comes before the rules (the files, their keys and values), and what `generate` writes.",
        [each for each in explained if each.explained.code not in RULES],
    )
    return _template("rules.md.j2").render(groups=[rules, others])


def _severity(code: str) -> str:
    if code in RULES:
        return RULES[code].severity
    return WARNING if code in WARNINGS else ERROR


def generated() -> dict[Path, str]:
    """Every generated file and its text."""
    chart = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    schemas = {
        SCHEMAS / f"{name}.schema.json": json.dumps(
            schema, indent=1, ensure_ascii=False
        )
        + "\n"
        for name, schema in editor_schemas(chart).items()
    }
    chart_files = {
        CHART / "README.md": chart_readme(),
        CHART / "values.yaml": chart_values(),
    }
    types = ROOT / "generator" / "tritonfleet" / "rules" / "kubernetes-types.json"
    chart_files[types] = kubernetes_types()
    return chart_files | {ROOT / "docs" / "rules.md": rules_page()} | schemas


def main(arguments: list[str]) -> int:
    """Writes what differs; with --check only prints its names and returns 1."""
    files = generated()
    differing = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        print(
            *(f"{path.name} is not current: run `make schemas`" for path in differing),
            sep="\n",
            end="",
        )
        return bool(differing)
    for path in differing:
        path.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
