"""The command: everything is measured in one run and told in one report."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from email_validator import validate_email

import sendable
from sendable.decide.compiled import PROFILED
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.language.addresses import valid_address
from sendable.pack.resources import bundled_path
from sendable.policy import Policy
from tests.benchmarks import contexts, figures, measure, packs
from tests.benchmarks.figures import Figures, Row, Size
from tests.benchmarks.forms import (
    PACKAGES,
    Answer,
    Form,
    MissingPeerError,
    by_hand,
    compiled,
    interpreted,
    module,
    unvalidated,
)
from tests.benchmarks.peers import PEERS

_DRY_RUNS: Final = ("clean-marketing.yaml", "frequency_capped.yaml")
_ADDRESSES: Final = tuple(
    f"{name}{number}@{host}"
    for number in range(10)
    for name in ("kim.andersson", "anna-lena.berg", "info", "robin+news", "j.o_smith")
    for host in ("example.com", "mail.example.se", "some-company.co.uk")
)


class WrongAnswerError(Exception):
    """Two forms say different things of the same context; nothing is worth timing."""


def main() -> int:
    """Measures, and prints the report; 2 where a package is missing, 1 where two answers differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller packs: to see that it runs")
    arguments = parser.parse_args()
    try:
        found = measured(quick=arguments.quick)
    except MissingPeerError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except WrongAnswerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(figures.report(found, markdown=arguments.markdown))
    return 0


def measured(*, quick: bool) -> Figures:
    """All the figures of one run."""
    machine = measure.machine()
    for name in PACKAGES:
        module(name)
    versions = measure.versions([*PACKAGES.values(), "email-validator"])
    rounds = 10 if quick else 150
    bundled = sendable.load()
    documents = {name: make() for name, make in contexts.CONTEXTS.items()}
    with tempfile.TemporaryDirectory() as directory:
        plain = sendable.load(packs.without_addresses(Path(directory, "plain")))
        functions = _with_functions(bundled, documents)
        ready = _ready_made(plain, {name: _ready(context, bundled) for name, context in documents.items()})
        example = contexts.example()
        extra: dict[tuple[str, ...], Form] = {
            ("example", form.name): form for form in (by_hand(example)[1], compiled(bundled, example))
        }
        keyed: dict[tuple[str, ...], Form] = dict(extra)
        for section, rows in (("functions", functions), ("ready", ready)):
            for row, forms in rows.items():
                keyed.update({(section, row, *key): form for key, form in forms.items()})
        _say(f"{len(keyed)} forms, {rounds} rounds")
        times = measure.best_times(keyed, rounds)
        _say("packs of several sizes")
        sizes = tuple(
            _size(Path(directory, f"size{copies}"), copies, bundled, rounds)
            for copies in ((1, 10) if quick else (1, 10, 100))
        )
    _say("memory")
    decisions = 20_000 if quick else 1_000_000
    given = list(documents.values())
    left = measure.memory_left(lambda index: bundled.decide(given[index % 3]), decisions)
    _say("addresses and commands")
    examples = bundled_path("policies") / "examples"
    imports = [sys.executable, "-c", "import click, yaml, jsonschema"]
    commands = {name: [measure.script("sendable"), "dry-run", str(examples / name)] for name in _DRY_RUNS}
    walls = measure.wall_times({"": imports, **commands}, 3 if quick else 25)
    return Figures(
        machine=machine,
        versions=versions,
        rounds=rounds,
        contexts=tuple(documents),
        with_functions=_rows("functions", functions, times),
        ready_made=_rows("ready", ready, times),
        sizes=sizes,
        internationalized=(times["example", "every"], times["example", "decide"]),
        addresses=_addresses(rounds),
        dry_runs={name: walls[name] for name in commands},
        imports=walls[""],
        memory=(decisions, *left),
        notes={peer.name: peer.note for peer in PEERS},
    )


_Forms = dict[tuple[str, str], Form]


def _with_functions(bundled: Policy, documents: Mapping[str, dict[str, Any]]) -> dict[str, _Forms]:
    rows: dict[str, _Forms] = {}
    _warm(bundled, documents)
    for context, document in documents.items():
        first, every = by_hand(document)
        for row, form in (
            (figures.HAND_FIRST, first),
            (figures.HAND_EVERY, every),
            (figures.COMPILED, compiled(bundled, document)),
            (figures.UNVALIDATED, unvalidated(bundled, document)),
            (figures.INTERPRETED, interpreted(bundled, document)),
        ):
            rows.setdefault(row, {})[context, form.name] = form
        _compare(bundled, context, document, [row[key] for row in rows.values() for key in row if key[0] == context])
    return rows


def _ready_made(plain: Policy, documents: Mapping[str, dict[str, Any]]) -> dict[str, _Forms]:
    rows: dict[str, _Forms] = {}
    _warm(plain, documents)
    for context, document in documents.items():
        for row, form in (
            (figures.COMPILED, compiled(plain, document)),
            (figures.UNVALIDATED, unvalidated(plain, document)),
            (figures.INTERPRETED, interpreted(plain, document)),
        ):
            rows.setdefault(row, {})[context, form.name] = form
    for peer in PEERS:
        make = peer.prepare(plain.pack)
        for context, document in documents.items():
            entry = make(document)
            for name, forms in ((peer.name, entry.as_it_comes), (peer.name + figures.CONVERTED, entry.converted)):
                for form in forms:
                    rows.setdefault(name, {})[context, form.name] = form
    for context, document in documents.items():
        _compare(plain, context, document, [row[key] for row in rows.values() for key in row if key[0] == context])
    return rows


def _warm(policy: Policy, documents: Mapping[str, dict[str, Any]]) -> None:
    """Decides all the contexts in turn, as a service that has run for a moment has."""
    for _ in range(PROFILED):
        for document in documents.values():
            policy.decide(document)
            policy.decide(document, validate=False)


def _compare(policy: Policy, name: str, document: dict[str, Any], forms: list[Form]) -> None:
    """Every form has to give the reference's answer."""
    outcomes = InterpretedProgram(policy.pack).outcomes(FactReader.of(policy.pack.fields.values()).read(document))
    pairs = [(one.reason.id, "matched" if one.missing is None else "undetermined") for one in outcomes]
    expected: Answer = frozenset(pairs)
    primary = next((one for one in sorted(pairs, key=lambda pair: pair[1] != "matched")), ("", ""))[0]
    for form in forms:
        answer = form.answer()
        right = {one for one, _ in answer} == ({primary} - {""}) if form.only_primary else answer == expected
        if not right:
            wrong = f"{form.name} ({form.code}) says {sorted(answer)} of the context “{name}”"
            raise WrongAnswerError(f"{wrong}, and the reference says {sorted(expected)}")


def _rows(section: str, rows: dict[str, _Forms], times: Mapping[tuple[str, ...], float]) -> tuple[Row, ...]:
    peers = {peer.name for peer in PEERS}
    made: list[Row] = []
    for row, forms in rows.items():
        found: dict[str, dict[str, float]] = {}
        for context, form in forms:
            found.setdefault(context, {})[form] = times[section, row, context, form]
        peer = row.removesuffix(figures.CONVERTED)
        made.append(Row(row, found, peer if peer in peers else None))
    return tuple(made)


def _ready(context: dict[str, Any], bundled: Policy) -> dict[str, Any]:
    """`context` with the address facts, and with every group of fields there, as some peers need it."""
    return {"account": {}, "sender": {}, "delivery": {}, **packs.ready_made(context, bundled.pack)}


def _size(root: Path, copies: int, bundled: Policy, rounds: int) -> Size:
    packs.of_size(root, copies)
    document = packs.grown(packs.ready_made(contexts.clean(), bundled.pack), copies)
    loading = min(measure.seconds(lambda: sendable.load(root)) for _ in range(3 if copies < 100 else 2))
    policy = sendable.load(root)
    first = measure.seconds(_once(lambda: policy.decide(document)))
    policy.decide(document, validate=False)
    forms = {"checked": compiled(policy, document), "unchecked": unvalidated(policy, document)}
    times = measure.best_times(forms, rounds)
    return Size(len(policy.reasons), len(policy.pack.fields), loading, first, times["checked"], times["unchecked"])


def _once(decide: Callable[[], sendable.Decision]) -> Callable[[], None]:
    def run() -> None:
        if not decide().sendable:
            raise WrongAnswerError("a clean contact of a generated pack is not sendable")

    return run


def _addresses(rounds: int) -> tuple[float, float]:
    for address in _ADDRESSES:
        if not valid_address(address) or validate_email(address, check_deliverability=False).original != address:
            raise WrongAnswerError(f"{address} is valid")

    def form(code: str, function: Callable[..., object]) -> Form:
        names = {"check": function, "addresses": _ADDRESSES}
        return Form(code, f"[{code} for address in addresses]", names, lambda _: frozenset())

    forms = {
        "own": form("check(address)", valid_address),
        "library": form("check(address, check_deliverability=False)", validate_email),
    }
    times = measure.best_times(forms, rounds)
    return times["own"] / len(_ADDRESSES), times["library"] / len(_ADDRESSES)


def _say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")


if __name__ == "__main__":
    sys.exit(main())
