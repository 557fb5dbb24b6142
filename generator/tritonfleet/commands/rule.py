"""tritonfleet rule: what a code means, why it matters, and an example before and after."""

from __future__ import annotations

import click

from tritonfleet.codes import CODES, explanation
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import require_known
from tritonfleet.commands.talk import print_data


@click.command(name="rule")
@click.argument("code")
def command(code: str) -> int:
    """Explain a code: what is wrong, why it matters, before and after."""
    code = code.upper()
    require_known([code], list(CODES), "code")
    print_data(explanation(code))
    return FINE
