"""tritonfleet schema: the JSON Schema of a file that people write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from tritonfleet.chart_files import packaged_chart
from tritonfleet.commands.exits import FINE
from tritonfleet.validate import editor_schemas


@click.command(name="schema")
@click.argument("name", type=click.Choice(["fleet", "environment", "models"]))
def command(name: str) -> int:
    """Print the JSON Schema of a file that people write."""
    schema = editor_schemas(_chart_schema())[name]
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))
    return FINE


def _chart_schema() -> Mapping[str, Any]:
    """The schema of this program's own chart: the command needs no fleet, which may name another."""
    file = packaged_chart() / "values.schema.json"
    schema: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
