"""Compiled code and the reference interpreter agree on every program and every context.

Programs come from the whole grammar, contexts are partial, at the boundaries and hostile. `COMPILED_PROGRAMS` in the
environment sets how many programs a run tries (each of several conditions, each on several contexts); a failure that
was ever found stays as an example.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sendable
from sendable.decide import reference as by_reference
from sendable.decide.compiled import PROFILED
from sendable.decide.decision import Decision
from sendable.decide.facts import ContextError, FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.decide.runtime import RUNTIME
from sendable.decide.shapes import shape_of
from sendable.decide.writer import write, write_for_facts
from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import Node
from sendable.language.types import Field
from sendable.pack.model import Channel, Pack
from tests.support.environment import ENVIRONMENT
from tests.support.expressions import Program, conditions, programs
from tests.support.helpers import parsed
from tests.support.packs import EXAMPLES, bundled, read
from tests.support.programs import NOW, SCOPE, context, pack_of

PARTS = 10
"""In how many tests the programs are tried, which can run in parallel."""
PROGRAMS = int(os.environ.get("COMPILED_PROGRAMS", PARTS * settings().max_examples * 3 // 4)) // PARTS
CONTEXTS = 34
CONDITIONS = 4

ROOT = Path(__file__).resolve().parent.parent.parent


def outcome(decide: Any, document: dict[str, Any]) -> object:
    try:
        decision: Decision = decide(document)
    except ContextError as error:
        return str(error)
    return [
        (one.id, one.certainty, one.missing, one.clears_at)
        for found in (decision.reasons, decision.monitored)
        for one in found
    ], decision.now


class Shaped:
    """The functions for shapes of contexts, each standing before the one made last; a few, as each takes its time."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.reader = FactReader.of(pack.fields.values())
        self.functions = {
            validate: write(pack, Channel.MARKETING, validate=validate).compiled() for validate in (True, False)
        }
        self.of_facts = write_for_facts(pack, Channel.MARKETING).compiled()
        self.made = 0

    def agrees(self, document: dict[str, Any], expected: object) -> None:
        """Decides the document by a function for its own shape, or for others' shapes, or for all."""
        shape = shape_of(document, self.reader)
        if shape is not None and self.made < 3 and not isinstance(expected, str):
            self.made += 1
            for validate, function in self.functions.items():
                written = write(self.pack, Channel.MARKETING, validate=validate, shape=shape)
                self.functions[validate] = written.compiled(otherwise=function)
        for validate, function in self.functions.items():
            try:
                decision = function(document, NOW) if validate or not isinstance(expected, str) else None
            except (TypeError, AttributeError):  # as `decide` does, which then goes the long way
                decision = None
            if decision is not None:
                assert outcome(lambda _, found=decision: found, document) == expected
        assert outcome(lambda given: self.of_facts(self.reader.read(given, NOW), None), document) == expected


def agree(trees: list[Node], seed: int, contexts: int = CONTEXTS) -> None:
    pack = pack_of(trees, limited=seed % 2 == 0)
    reference = InterpretedProgram(pack)
    reader = FactReader.of(pack.fields.values())
    policy = sendable.Policy(pack)
    random = Random(seed)
    shaped = Shaped(pack)
    for _ in range(contexts):
        document = context(random)
        expected = outcome(lambda given: by_reference.decide(pack, reference, reader.read(given, NOW)), document)
        assert outcome(lambda given: policy.decide(given, now=NOW), document) == expected
        shaped.agrees(document, expected)
        if not isinstance(expected, str):
            assert outcome(lambda given: policy.decide(given, now=NOW, validate=False), document) == expected


@pytest.mark.parametrize("part", range(PARTS))
def test_interpreter_and_compiled_code_agree(part: int) -> None:
    @settings(max_examples=PROGRAMS, suppress_health_check=list(HealthCheck), deadline=None)
    @given(programs(CONDITIONS, CONDITIONS))
    def property_holds(program: Program) -> None:
        trees, seed = program
        agree(trees, seed + part)  # so that no two parts try the same, even with --hypothesis-seed

    property_holds()


@pytest.mark.parametrize(
    ("condition", "seed"),
    [
        ("own.integer < more.integer < own.number", 1),
        ("(own.boolean == more.boolean) == (not own.boolean)", 2),
        ('own.integer + count(["", ""]) in [0]', 4),
        ("own.string in more.string_list or own.string in lists.nothing", 3),
        ('time("2027-01-31T00:00:00Z") >= add_hours(time("9999-12-31T23:00:00Z"), own.integer)', 5),
    ],
)
def test_what_once_differed_agrees(condition: str, seed: int) -> None:
    agree([parsed(condition)] * CONDITIONS, seed)


def test_they_agree_on_the_examples_of_the_bundled_pack() -> None:
    pack = bundled().pack
    reference, reader = InterpretedProgram(pack), FactReader.of(pack.fields.values())
    for path in EXAMPLES:
        document = read(path)
        expected = by_reference.decide(pack, reference, reader.read(document))
        for validate in (True, False):
            found = bundled().decide(document, validate=validate)
            assert found == expected
            for locale in ("en", "sv"):
                assert found.to_dict(locale) == expected.to_dict(locale)


def test_the_backends_have_the_functions_of_the_table() -> None:
    # Those about the lack of a value are not called, but written out.
    assert {name for name, one in FUNCTIONS.items() if one.meaning is not None} <= set(RUNTIME)


@given(st.lists(conditions, min_size=1, max_size=3), st.booleans())
def test_only_names_of_a_closed_list_occur_in_the_code(trees: list[Node], shaped: bool) -> None:
    pack = pack_of(trees)
    given_keys: dict[str, Any] = {
        "own": {"integer": 1, "evil'key": 2},
        "\nraise": 1,
        "email": {},
        "contact": {"email": "x"},
    }
    shape = shape_of(given_keys, FactReader.of(pack.fields.values())) if shaped else None
    written = write(pack, Channel.MARKETING, validate=True, shape=shape)
    assert "evil" not in written.text
    assert "raise" not in written.text
    tree = ast.parse(written.text)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert loaded <= stored | set(RUNTIME) | set(written.constants) | {"context", "now", "otherwise"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert attributes == (set() if shaped else {"get"})
    assert not any(isinstance(node, ast.Import | ast.ImportFrom | ast.Lambda | ast.Global) for node in ast.walk(tree))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    keys = {part for path in SCOPE.fields for part in path.split(".")}
    assert texts <= keys | set(SCOPE.fields) | {"details.part"}


def test_a_users_text_is_a_constant_and_never_source() -> None:
    evil = "\"); raise SystemExit #\n'''"
    written = write(pack_of([parsed("own.string == " + _quoted(evil))]), Channel.MARKETING, validate=True)
    assert "SystemExit" not in written.text
    assert evil in written.constants.values()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_the_text_is_the_same_every_time() -> None:
    for channel in Channel:
        assert write(bundled().pack, channel, validate=True).text == write(bundled().pack, channel, validate=True).text


def test_reasons_of_other_channels_cost_nothing() -> None:
    assert "microsoft_timed_out" not in write(bundled().pack, Channel.MARKETING, validate=True).text
    assert "microsoft_timed_out" in write(bundled().pack, Channel.ONE_TO_ONE, validate=True).text


def test_each_path_is_loaded_once() -> None:
    text = write(bundled().pack, Channel.ONE_TO_ONE, validate=True).text
    for path in bundled().pack.fields:
        name = path.rpartition(".")[2]
        assert text.count(f"v_{path.replace('.', '_')} = get") <= 1, name


def test_functions_for_shapes_are_made_for_those_that_come_often() -> None:
    policy = sendable.load()
    documents = [read(path) for path in EXAMPLES]
    for channel in ("marketing", "one-to-one", "transactional"):
        document = read(EXAMPLES[0].parent / f"clean-{channel}.yaml")
        for _ in range(PROFILED):
            policy.decide(document)
        function = policy._program.checked[document["email"]["channel"]]
        assert "otherwise" in cast("Any", function).__code__.co_names
    fresh = sendable.load()
    for document in documents:
        extended = {**document, "unheard_of": {"x": 1}}
        less = {key: value for key, value in document.items() if key != "account"}
        other = {**document, "email": {**document["email"], "unheard_of": 1, "cancelled": None}}
        for each in (document, extended, less, other):
            assert policy.decide(each) == fresh.decide(each)
            assert policy.decide(each, validate=False) == fresh.decide(each, validate=False)
        for wrong in ({**document, "contact": []}, {**document, "contact": {**document["contact"], "email": 1}}):
            with pytest.raises(ContextError) as found:
                policy.decide(wrong)
            with pytest.raises(ContextError) as expected:
                fresh.decide(wrong)
            assert str(found.value) == str(expected.value)


def test_threads_that_decide_at_once_do_not_count_past_the_end() -> None:
    policy = sendable.load()
    document = read(EXAMPLES[0].parent / "clean-marketing.yaml")
    policy.decide(document)
    profiled = cast("Any", policy._program.checked["marketing"])
    [seen] = [cell.cell_contents for cell in profiled.__closure__ if isinstance(cell.cell_contents, list)]
    seen.extend([seen[0]] * PROFILED)  # as if another thread had noted its own before this one looks
    policy.decide(document)
    assert policy._program.checked["marketing"] is not profiled


def test_a_field_takes_the_place_of_another_unnoticed_by_counting() -> None:
    policy = sendable.load()
    document = {**read(EXAMPLES[0].parent / "clean-marketing.yaml")}
    document["contact"] = {**document["contact"], "nickname": "x"}
    del document["contact"]["mailbox"]
    for _ in range(PROFILED + 1):
        assert policy.decide(document).sendable
    contact = {key: value for key, value in document["contact"].items() if key != "nickname"}
    full = {**document, "contact": {**contact, "mailbox": "full"}}
    assert len(full["contact"]) == len(document["contact"])
    decision = policy.decide(full)
    assert decision.reason is not None
    assert decision.reason.id == "mailbox_full"


@pytest.mark.parametrize("depth", [49])
def test_a_condition_as_deep_as_allowed_compiles(depth: int) -> None:
    tree = parsed("not " * (depth - 1) + "own.boolean")
    nested = parsed("(" * 16 + "own.boolean" + " == own.boolean)" * 16)
    agree([tree, nested, tree, nested], 1)


def test_a_field_of_the_users_own_can_have_any_allowed_name() -> None:
    names = ["def", "context.get", "a_b.c", "a.b_c", "item", "value", "class.import", "g_a.b"]
    fields = {**SCOPE.fields, **{name: Field(name, SCOPE.fields["own.boolean"].type) for name in names}}
    tree = parsed(" and ".join(names))
    pack = pack_of([tree])
    pack = Pack(**{**{name: getattr(pack, name) for name in Pack.__slots__}, "fields": fields})
    policy = sendable.Policy(pack)
    document: dict[str, Any] = {"email": {"channel": "marketing"}, "contact": {"email": "x"}}
    for name in names:
        group, _, key = name.rpartition(".")
        (document.setdefault(group, {}) if group else document)[key] = True
    assert not policy.decide(document).sendable
    document["a_b"]["c"] = False
    assert policy.decide(document).sendable


def test_the_code_is_shown_with_the_place_of_each_part() -> None:
    command = [sys.executable, "-m", "sendable", "compile", "--policy", "policies", "--channel", "one_to_one"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    pack = sendable.load(ROOT / "policies").pack
    for reason in pack.reasons:
        line = reason.when.source.span.start.line
        file = Path(reason.when.source.span.file).name
        shown = f"# {reason.id}  # policies/reasons/{file}:{line}\n" in done.stdout
        assert shown is (Channel.ONE_TO_ONE in reason.channels)
    code, _, legend = done.stdout.partition("\n\n#")
    assert ast.parse(code).body
    assert "= 'timed_out'" in legend


def test_a_clean_contact_costs_no_object_beyond_the_decision_and_leaves_none_behind() -> None:
    document = read(next(path for path in EXAMPLES if path.stem == "clean-marketing"))
    document["contact"]["email"] = "kim@example.com"
    decide = bundled().decide
    decisions = [decide(document) for _ in range(1000)]  # warm: the function is made, the time is read
    decisions.clear()
    before = sys.getallocatedblocks()
    decisions.extend(decide(document) for _ in range(10_000))
    held = sys.getallocatedblocks() - before
    assert all(decision.sendable for decision in decisions)
    assert held < 10_000 * 1.01
    decisions.clear()
    assert sys.getallocatedblocks() - before < 100
