"""tritonfleet schema: the JSON Schema of a file that people write."""

from __future__ import annotations

import json

import click

from tritonfleet.charts import packaged_chart
from tritonfleet.commands.exits import FINE
from tritonfleet.validate import editor_schemas


@click.command(name="schema")
@click.argument("name", type=click.Choice(["fleet", "environment", "models"]))
def command(name: str) -> int:
    """Print the JSON Schema of a file that people write."""
    chart = json.loads(
        (packaged_chart() / "values.schema.json").read_text(encoding="utf-8")
    )
    schema = editor_schemas(chart)[name]
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))
    return FINE
