"""`sendable lint`: every problem of a pack, with its place."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import sendable
from sendable.cli.console import paint_for, say
from sendable.cli.options import policy_option, require_pack
from sendable.diagnostics import Severity, shown
from sendable.render import diagnostics as rendered
from sendable.render.paint import Role


@click.command("lint")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@policy_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="text for people; json; github, annotations in a pull request.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.pass_context
def command(
    ctx: click.Context, directory: Path | None, policy_directory: Path | None, output_format: str, strict: bool
) -> None:
    """Find every problem of a policy pack, with its place and what to do about it.

    DIR is the pack, a directory with a policy.yaml; without it, --policy or the bundled pack is checked. The exit code
    is 1 when there are errors, and 2 when there is no pack.

    \b
    Examples:
      sendable lint policies
      sendable lint policies --strict --format github
    """  # noqa: D301 - \b keeps click from filling the lines
    if directory is not None and policy_directory is not None:
        ctx.fail("Name the pack once: as DIR or with --policy.")
    root = policy_directory if directory is None else directory
    if root is not None:
        require_pack(root)
    found = sendable.lint(root)
    paint = paint_for(sys.stdout)
    match output_format:
        case "json":
            say(rendered.as_json(found))
        case "github":
            for line in rendered.as_github(found):
                say(line)
        case _:
            for text in rendered.as_text(found, paint):
                say(text)
            if not found:
                name = "the bundled pack" if root is None else shown(root)
                say(f"{name}: {paint('no problems', Role.GOOD)}")
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    if any(diagnostic.severity in failing for diagnostic in found):
        ctx.exit(1)
