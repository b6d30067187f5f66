"""`sendable compile`: the code that decides."""

from __future__ import annotations

from pathlib import Path

import click

from sendable.cli.console import say
from sendable.cli.options import load_policy, policy_option
from sendable.decide.writer import write
from sendable.pack.model import Channel
from sendable.render.terminal.code import code_as_text


@click.command("compile")
@policy_option
@click.option(
    "--channel",
    type=click.Choice([channel.value for channel in Channel]),
    default=Channel.MARKETING.value,
    show_default=True,
    help="The kind of email whose function is shown.",
)
@click.option("--no-validate", is_flag=True, help="Show the function that takes values as they are.")
def command(policy_directory: Path | None, channel: str, no_validate: bool) -> None:
    """Show the Python function that decides the emails of one channel, with the place in the pack of each part.

    Texts, lists and reasons are constants with names; what each stands for is told below the function.

    \b
    Examples:
      sendable compile
      sendable compile --policy policies --channel one_to_one
    """  # noqa: D301 - \b keeps click from filling the lines
    policy = load_policy(policy_directory)
    say(code_as_text(write(policy.pack, Channel(channel), validate=not no_validate)))
