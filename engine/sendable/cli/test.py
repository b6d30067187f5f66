"""`sendable test`: the tests of a pack, what they cover, and which changes they would not notice."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

import click

from sendable.cli.console import Failure, answering, complain, paint_for, show
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import format_option, is_named, load_policy, locale_option, nearest_pack, policy_option
from sendable.cli.watch import watching
from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Diagnostic, Severity
from sendable.diagnostics.wording import shown
from sendable.pack.folder import bases_of
from sendable.pack.resources import bundled_path, is_pack
from sendable.policy import Policy
from sendable.render.pages import coverage_page
from sendable.render.reports.format import RunOfTests
from sendable.render.terminal import diagnostics as problems
from sendable.render.words.languages import words_for
from sendable.testing.cases import Suite
from sendable.testing.coverage import measure
from sendable.testing.homes import homes_of
from sendable.testing.mutation import Mutation, mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import Run, run_suites

FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    tests: Path
    policy: Path | None
    only: str
    output_format: str
    coverage: bool
    mutate: bool
    fail_under: float | None
    page: Path | None
    overwrite: bool
    locale: str | None


@click.command("test", short_help="Run the tests of a policy pack.")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@policy_option
@click.option(
    "--filter",
    "only",
    metavar="TEXT",
    default="",
    help="Only cases with TEXT in their name, their file's or the id of a reason that they expect.",
)
@click.option("--watch", is_flag=True, help="Run again whenever a file of the pack or of its tests changes.")
@format_option(RunOfTests)
@click.option("--coverage", is_flag=True, help="Say which outcomes no case has seen.")
@click.option(
    "--fail-under",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Exit with 1 when the coverage, or with --mutate the mutation score, is below PERCENT.",
)
@click.option(
    "--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write the coverage to FILE as a page."
)
@overwrite_option
@click.option(
    "--mutate", "mutating", is_flag=True, help="Change the pack, one thing at a time, and say what no test notices."
)
@locale_option
@click.pass_context
def command(
    ctx: click.Context,
    directory: Path | None,
    policy_directory: Path | None,
    only: str,
    watch: bool,
    output_format: str,
    coverage: bool,
    fail_under: float | None,
    page: Path | None,
    overwrite: bool,
    mutating: bool,
    locale: str | None,
) -> None:
    """Run the tests of a policy pack, and say what they leave untried.

    DIR holds the tests, files of cases that end in .yaml; without it, it is the folder tests of the pack. Where DIR is
    a pack, or a folder in one, and --policy is not given, that pack is tested.

    The exit code is 1 when a case fails or a share is below --fail-under, and 2 when the tests can't be read, are
    invalid, or are none.

    \b
    Examples:
      sendable test
      sendable test policies --coverage --fail-under 100
      sendable test --policy policies --filter unsubscribed --watch
      sendable test --mutate --format json
    """  # noqa: D301 - \b keeps click from filling the lines
    if mutating and (coverage or page is not None) and output_format == "json":
        ctx.fail("With --format json, ask for --coverage or for --mutate, not for both.")
    tests, policy = _places(directory, policy_directory, named=is_named(ctx))
    wish = _Wish(
        tests,
        policy,
        only,
        output_format,
        coverage or page is not None or (fail_under is not None and not mutating),
        mutating,
        fail_under,
        page,
        overwrite,
        locale,
    )
    require_outputs([page], inputs=[tests], packs=[policy, tests], overwrite=overwrite)
    if not watch:
        with answering("test", output_format):
            ctx.exit(_Session(wish).run())
    _watch(wish)


def _watch(wish: _Wish) -> NoReturn:
    """Runs the tests whenever a file that they depend on changes."""
    wishes = [wish]

    def run() -> None:
        _Session(wishes[-1]).run()
        wishes.append(replace(wish, overwrite=True))  # the page is one's own from now on

    root = bundled_path("policies") if wish.policy is None else wish.policy
    watching(run, lambda: (wish.tests, root, *bases_of(root)))


def _places(directory: Path | None, policy: Path | None, *, named: bool) -> tuple[Path, Path | None]:
    """Where the tests are, and the pack; None for the bundled one."""
    if directory is None:
        return (bundled_path("policies") if policy is None else policy) / "tests", policy
    if named:
        return directory, policy
    if is_pack(directory):
        return directory / "tests", directory
    return directory, nearest_pack(directory) or policy


class _Unmet(Failure):
    """What was checked does not hold, and there is no case to show that by."""

    exit_code = FAILED


class _Session:
    """One run, from the files to the exit code."""

    def __init__(self, wish: _Wish) -> None:
        self._wish = wish

    def run(self) -> int:
        wish = self._wish
        policy = load_policy(wish.policy)
        root = bundled_path("policies") if wish.policy is None else wish.policy
        homes = homes_of(wish.tests, root)
        if not any(one.directory.exists() for one in homes[:-1]) and not wish.tests.exists():
            raise Failure(
                f"there are no tests: `{shown(wish.tests)}` does not exist",
                "Tests stand in the folder `tests` of a pack; name another one as DIR.",
            )
        suites, found = load_suites(wish.tests, policy.pack, root)
        if any(one.severity is Severity.ERROR for one in found):
            self._refuse(found)
        run = run_suites(policy, suites, only=wish.only)
        if not run.results:
            collector = Collector()
            collector.report(
                codes.NOTHING_TO_RUN, Span.whole_file(str(wish.tests)), filter=wish.only, count=run.left_out
            )
            self._refuse(collector.sorted())
        locale = policy.pack.locale_for(wish.locale)
        covered = measure(policy.pack, run) if wish.coverage else None
        mutation = self._mutation(policy, suites, run)
        if wish.page is not None and covered is not None:
            with written_whole(wish.page, overwrite=wish.overwrite) as stream:
                stream.write(coverage_page.as_html(policy.pack, run, covered, mutation, locale))
        report = RunOfTests(run, covered, mutation, words_for(locale), wish.fail_under)
        show(report, wish.output_format)
        if wish.mutate and mutation is None:
            complain("the pack was not changed to see what the tests notice: first every case has to pass")
        if not run.passed:
            return FAILED
        for text in report.shortfalls.values():
            complain(text)
        return FAILED if report.shortfalls else 0

    def _refuse(self, found: tuple[Diagnostic, ...]) -> NoReturn:
        for text in problems.as_text(found, paint_for(sys.stderr)):
            complain(text)
        tests = shown(self._wish.tests)
        if any(one.rule is not codes.LIST_LENGTH for one in found if one.severity is Severity.ERROR):
            raise Failure(f"the tests in `{tests}` can't be run", "Correct what is named above.", found)
        raise _Unmet(f"lists of the pack are not as long as the tests in `{tests}` expect", "", found)

    def _mutation(self, policy: Policy, suites: tuple[Suite, ...], run: Run) -> Mutation | None:
        """What came of the mutants; None where nobody asked, or where a case fails without one."""
        if not self._wish.mutate or not run.passed:
            return None
        cases = {id(result.case) for result in run.results}
        chosen = [replace(suite, cases=tuple(one for one in suite.cases if id(one) in cases)) for suite in suites]
        return mutate(policy.pack, chosen)
