"""`make schemas`: writes what comes from the chart's schema: schemas, the chart's README, the page of rules."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import yaml

from tritonfleet.report import rules_page
from tritonfleet.rules import RULES
from tritonfleet.validate.schemas import editor_schemas

SCHEMAS = Path(__file__).parent
RULES_TITLE = """# Rules

What `tritonfleet validate` checks beside the schemas. `ignore: [{rule, models, reason}]` in values/fleet.yaml or in an
environment silences one for the models that it names.

"""
CHART = SCHEMAS.parent / "charts" / "triton"


class Row(NamedTuple):
    """One value of the chart."""

    key: str
    default: str
    description: str


def chart_readme() -> str:
    """The chart's README, with the values in the groups of values.yaml."""
    template = (SCHEMAS / "chart-readme.md.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    return environment.from_string(template).render(groups=_groups())


def _groups() -> dict[str, list[Row]]:
    """Rows by the headings of values.yaml: a comment between two empty lines."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load(text)
    heading = ""
    found: dict[str, list[Row]] = {}
    for line in text.splitlines():
        if match := re.match(r"# (What is|The server|Numbers|Hardware|How|Pod)(.*)", line):
            heading = match[1] + match[2]
            found[heading] = []
        elif match := re.match(r"(\w+):", line):
            node = schema["properties"][match[1]]
            found[heading] += _rows(match[1], node, values[match[1]], schema["definitions"])
    return found


def _rows(key: str, node: Any, default: Any, definitions: Any) -> Iterator[Row]:
    definition = definitions[node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
    inner = definition.get("properties", {})
    nested = "$ref" not in node and all("description" in child for child in inner.values())
    if not (inner and nested) or definition.get("maxProperties") == 1 or not isinstance(default, dict) or not default:
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
    return text if all(choice.strip('"') in text for choice in choices) else f"{text} One of {', '.join(choices)}."


def generated() -> dict[Path, str]:
    """Every generated file and its text."""
    chart = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    schemas = {
        SCHEMAS / f"{name}.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in editor_schemas(chart).items()
    }
    rules = SCHEMAS.parent / "generator" / "RULES.md"
    return {CHART / "README.md": chart_readme(), rules: RULES_TITLE + rules_page(RULES.values())} | schemas


def main(arguments: list[str]) -> int:
    """Writes what differs; with --check only prints its names and returns 1."""
    files = generated()
    differing = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        print(*(f"{path.name} is not current: run `make schemas`" for path in differing), sep="\n", end="")
        return bool(differing)
    for path in differing:
        path.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
