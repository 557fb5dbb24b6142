"""The command line: a group whose commands are modules of `commands`, each loaded when it is called.

`--version` and completion wait for none of them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from tritonfleet import __version__
from tritonfleet.commands.directory import above, outside
from tritonfleet.problem import similar

# The commands in the order in which people need them, each with its module.
COMMANDS = {
    "init": "init",
    "set": "set",
    "add": "add",
    "remove": "remove",
    "promote": "promote",
    "validate": "validate",
    "check-repository": "check_repository",
    "generate": "generate",
    "diff": "diff",
    "render": "render",
    "explain": "explain",
    "rule": "rule",
    "list": "list",
    "status": "status",
    "smoke": "smoke",
    "page": "page",
    "dashboard": "dashboard",
    "images": "images",
    "schema": "schema",
}


class Lazy(click.Group):
    """A group that knows its commands' names, and imports a command's module when it needs the command."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(
            f"tritonfleet.commands.{COMMANDS[name]}"
        ).command
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown word is answered with the command that was probably meant."""
        name = args[0]
        guess = similar(name, COMMANDS)
        if guess and name not in COMMANDS:
            raise click.UsageError(f"there is no command `{name}` ({guess})", context)
        return super().resolve_command(context, args)


@click.group(
    cls=Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(
    __version__, prog_name="tritonfleet", message="%(prog)s %(version)s"
)
@click.pass_context
def tritonfleet(context: click.Context) -> None:
    """Model lists in, reviewed Helm releases for Argo CD or Flux out."""
    if context.invoked_subcommand is not None:
        return
    click.echo(context.get_help())
    if above(Path.cwd()) is None:
        click.echo(f"\n{outside()}")
