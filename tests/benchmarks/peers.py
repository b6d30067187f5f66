"""The other engines, each in the forms that its documentation recommends and that turned out fast.

Every peer has the bundled reasons translated into its language (see `rules`), compiled before anything is timed, and
answers with the whole set of reasons. The forms of a peer differ in how the answer is encoded and in how many calls it
takes; `some` asks first whether anything applies at all, which is all that a clean contact needs. All of them are
timed, and for each context the fastest counts. There are two rows for a peer that reads a data form of its own: one
that is given the context as it comes, a dictionary, and one whose data was converted beforehand, at no cost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from sendable.pack.model import Channel, Pack
from tests.benchmarks.forms import Answer, Form, joined, module, numbered, written
from tests.benchmarks.rules import Cedar, Cel, CelWithNulls, JsonLogic, Language, NestedPython, Python, Rule, Zen, rules

_CHANNEL: Final = Channel.MARKETING


@dataclass(slots=True)
class Entry:
    """The forms of one peer for one context."""

    as_it_comes: list[Form] = field(default_factory=list)
    converted: list[Form] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Peer:
    """`prepare` compiles the pack's reasons and returns what makes the forms for a context."""

    name: str
    prepare: Callable[[Pack], Callable[[dict[str, Any]], Entry]]
    note: str


def _ids(found: list[Rule[Any]]) -> list[str]:
    return [rule.reason.id for rule in found]


def _some_json(found: list[Rule[Any]]) -> Any:
    """Whether anything applies, or may apply."""
    return {"or": [rule.true if rule.false is None else {"!": [rule.false]} for rule in found]}


def _some(found: list[Rule[str]], language: Language[str], sign: str) -> str:
    return f" {sign} ".join(rule.true if rule.false is None else language.negated(rule.false) for rule in found)


def _chosen(rule: Rule[str], no: str, matched: str, undetermined: str) -> str:
    """A conditional of the C kind."""
    if rule.false is None:
        return f"({rule.true} ? {matched} : {no})"
    return f"({rule.false} ? {no} : ({rule.true} ? {matched} : {undetermined}))"


def _text(rule: Rule[str]) -> str:
    return _chosen(rule, "''", f"'+{rule.reason.id};'", f"'?{rule.reason.id};'")


def _chosen_json(rule: Rule[Any], no: Any, matched: Any, undetermined: Any) -> Any:
    if rule.false is None:
        return {"if": [rule.true, matched, no]}
    return {"if": [rule.false, no, rule.true, matched, undetermined]}


# -- datalogic-py


def _datalogic(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("datalogic_py")
    found = rules(pack, _CHANNEL, JsonLogic())
    engine = library.Engine()
    merge = [_chosen_json(rule, [], [f"+{rule.reason.id}"], [f"?{rule.reason.id}"]) for rule in found]
    names = {
        "session": engine.session(),
        "some": engine.compile(_some_json(found)),
        "text": engine.compile(
            {"cat": [_chosen_json(rule, "", f"+{rule.reason.id};", f"?{rule.reason.id};") for rule in found]}
        ),
        "merged": engine.compile({"merge": merge}),
        "numbers": engine.compile([_chosen_json(rule, 0, 1, 2) for rule in found]),
        "Handle": library.DataHandle,
    }
    reads: dict[str, Callable[[Any], Answer]] = {
        "text": joined,
        "merged": written,
        "numbers": partial(numbered, _ids(found)),
    }

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context, "handle": library.DataHandle(context)}
        entry = Entry()
        for rule, read in reads.items():
            entry.as_it_comes.append(Form(rule, f"session.evaluate({rule}, context)", given, read))
            entry.converted.append(Form(rule, f"session.evaluate_data({rule}, handle)", given, read))
        # One conversion for both questions.
        first = "session.evaluate_truthy(some, new := Handle(context))"
        entry.as_it_comes.append(
            Form("some, merged", f"session.evaluate_data(merged, new) if {first} else ()", given, written)
        )
        entry.as_it_comes.append(
            Form("handle, merged", "session.evaluate_data(merged, Handle(context))", given, written)
        )
        known = "session.evaluate_truthy(some, handle)"
        entry.converted.append(
            Form("some, merged", f"session.evaluate_data(merged, handle) if {known} else ()", given, written)
        )
        return entry

    return forms


# -- zen-engine


def _zen(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("zen")
    language = Zen()
    found = rules(pack, _CHANNEL, language)
    names = {
        "text": library.compile_expression(" + ".join(map(_text, found))),
        "numbers": library.compile_expression(f"[{', '.join(_chosen(rule, '0', '1', '2') for rule in found)}]"),
        "some": library.compile_expression(_some(found, language, "or")),
    }
    numbers = partial(numbered, _ids(found))

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context, "data": json.dumps(context)}
        return Entry(*([
            Form("text", f"text.evaluate({data})", given, joined),
            Form("numbers", f"numbers.evaluate({data})", given, numbers),
            Form("some, text", f"text.evaluate({data}) if some.evaluate({data}) else ''", given, joined),
        ] for data in ("context", "data")))  # fmt: skip

    return forms


# -- common-expression-language


def _cel(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("cel")
    language = Cel()
    found = rules(pack, _CHANNEL, language)
    names = {
        "text": library.compile(" + ".join(map(_text, found))),
        "numbers": library.compile(f"[{', '.join(_chosen(rule, '0', '1', '2') for rule in found)}]"),
        "some": library.compile(_some(found, language, "||")),
        "Context": library.Context,
    }
    numbers = partial(numbered, _ids(found))

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context, "data": library.Context(variables=context)}
        both = "text.execute(new) if some.execute(new := Context(context)) else ''"
        return Entry(
            [
                Form("text", "text.execute(context)", given, joined),
                Form("numbers", "numbers.execute(context)", given, numbers),
                Form("some, text", both, given, joined),
            ],
            [
                Form("text", "text.execute(data)", given, joined),
                Form("numbers", "numbers.execute(data)", given, numbers),
                Form("some, text", "text.execute(data) if some.execute(data) else ''", given, joined),
            ],
        )

    return forms


# -- cel-python


def _celpy(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("celpy")
    language = CelWithNulls()
    found = rules(pack, _CHANNEL, language)
    environment = library.Environment(runner_class=library.CompiledRunner)

    def program(text: str) -> Any:
        return environment.program(environment.compile(text))

    paths = [path.split(".") for path in pack.fields if "." in path]

    def convert(context: dict[str, Any]) -> Any:
        filled: dict[str, Any] = {group: {} for group, _ in paths}
        for group, name in paths:
            value = context.get(group, {}).get(name)
            filled[group][name] = "" if value is None and f"{group}.{name}" in language.texts else value
        return library.json_to_cel(filled)

    names = {
        "text": program(" + ".join(map(_text, found))),
        "some": program(_some(found, language, "||")),
        "convert": convert,
    }

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context, "data": convert(context)}
        both = "text.evaluate(new) if some.evaluate(new := convert(context)) else ''"
        return Entry(
            [Form("text", "text.evaluate(convert(context))", given, joined), Form("some, text", both, given, joined)],
            [
                Form("text", "text.evaluate(data)", given, joined),
                Form("some, text", "text.evaluate(data) if some.evaluate(data) else ''", given, joined),
            ],
        )

    return forms


# -- cedarpy


def _cedar(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("cedarpy")
    found = rules(pack, _CHANNEL, Cedar())
    policies = ['@id("otherwise") permit(principal, action, resource);']
    head = f'forbid(principal, action == Action::"{_CHANNEL.value}", resource)'
    for rule in found:
        policies.append(f'@id("+{rule.reason.id}") {head} when {{ {rule.true} }};')
        if rule.false is not None:
            policies.append(f'@id("?{rule.reason.id}") {head} unless {{ {rule.true} || {rule.false} }};')
    names = {
        "ask": library.is_authorized,
        "policies": library.PolicySet.from_str("\n".join(policies)),
        "entities": library.Entities.from_json_str("[]"),
    }

    def read(result: Any) -> Any:
        ids = result.diagnostics.id_annotations_by_reason.values()
        return written(one for one in ids if one != "otherwise")

    def forms(context: dict[str, Any]) -> Entry:
        fixed = {"principal": 'Contact::"c"', "action": f'Action::"{_CHANNEL.value}"', "resource": 'Email::"e"'}
        given = {
            **names,
            "fixed": fixed,
            "context": context,
            "request": {**fixed, "context": json.dumps(context)},
        }
        comes = "ask({**fixed, 'context': context}, policies, entities)"
        return Entry(
            [Form("policies", comes, given, read)],
            [Form("policies", "ask(request, policies, entities)", given, read)],
        )

    return forms


# -- json-logic-qubit


def _json_logic(pack: Pack) -> Callable[[dict[str, Any]], Entry]:
    library = module("json_logic")
    found = rules(pack, _CHANNEL, JsonLogic())
    conditions = [(rule.reason.id, rule.true, rule.false) for rule in found]
    names = {
        "ask": library.jsonLogic,
        "some": _some_json(found),
        "text": {"cat": [_chosen_json(rule, "", f"+{rule.reason.id};", f"?{rule.reason.id};") for rule in found]},
        "each": partial(_each, library.jsonLogic, conditions),
    }

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context}
        return Entry([
            Form("text", "ask(text, context)", given, joined),
            Form("each", "each(context)", given, written),
            Form("some, each", "each(context) if ask(some, context) else ()", given, written),
        ])  # fmt: skip

    return forms


def _each(
    ask: Callable[[Any, Any], Any], conditions: list[tuple[str, Any, Any]], context: Mapping[str, Any]
) -> list[str]:
    """A call for each reason, as one writes it where an engine has nothing faster."""
    answer: list[str] = []
    for one, true, false in conditions:
        if false is None:
            if ask(true, context):
                answer.append(f"+{one}")
        elif not ask(false, context):
            answer.append(f"+{one}" if ask(true, context) else f"?{one}")
    return answer


# -- simpleeval


def _simpleeval(pack: Pack) -> Callable[[dict[str, Any]], Entry]:  # noqa: C901 - one peer, with all the forms it is asked in
    library = module("simpleeval")
    language = Python()
    found = rules(pack, _CHANNEL, language)
    engine = library.SimpleEval()
    parse = library.SimpleEval.parse
    paths = [(path.replace(".", "_"), *path.split(".")) for path in pack.fields if "." in path]

    def convert(context: dict[str, Any]) -> dict[str, Any]:
        return {name: context.get(group, {}).get(key) for name, group, key in paths}

    def conditional(rule: Rule[str]) -> str:
        matched, undetermined = f"'+{rule.reason.id};'", f"'?{rule.reason.id};'"
        if rule.false is None:
            return f"({matched} if {rule.true} else '')"
        return f"('' if {rule.false} else ({matched} if {rule.true} else {undetermined}))"

    def parsed(found: list[Rule[str]]) -> list[tuple[str, Any, Any]]:
        return [(rule.reason.id, parse(rule.true), None if rule.false is None else parse(rule.false)) for rule in found]

    conditions, nested = parsed(found), parsed(rules(pack, _CHANNEL, NestedPython()))
    some, text = parse(_some(found, language, "or")), parse(" + ".join(map(conditional, found)))

    # One evaluator for all decisions: making one costs more than a reason does.
    def ask(tree: Any, names: Mapping[str, Any]) -> Any:
        engine.names = names
        return engine.eval("", previously_parsed=tree)

    def each(names: Mapping[str, Any]) -> list[str]:
        engine.names = names
        return _each(lambda tree, _: engine.eval("", previously_parsed=tree), conditions, names)

    def as_written(names: Mapping[str, Any]) -> list[str]:
        engine.names = names
        return _each(lambda tree, _: engine.eval("", previously_parsed=tree), nested, names)

    def fill(context: dict[str, Any]) -> dict[str, Any]:
        filled: dict[str, dict[str, Any]] = {}
        for _, group, key in paths:
            filled.setdefault(group, {})[key] = context.get(group, {}).get(key)
        return filled

    names = {"ask": ask, "each": each, "some": some, "text": text, "convert": convert, "as_written": as_written}

    def forms(context: dict[str, Any]) -> Entry:
        given = {**names, "context": context, "data": convert(context), "filled": fill(context)}
        return Entry(
            [
                Form("each", "each(convert(context))", given, written),
                Form("text", "ask(text, convert(context))", given, joined),
                Form("some, each", "each(new) if ask(some, new := convert(context)) else ()", given, written),
            ],
            [
                Form("each, paths as written", "as_written(filled)", given, written),
                Form("each", "each(data)", given, written),
                Form("text", "ask(text, data)", given, joined),
                Form("some, each", "each(data) if ask(some, data) else ()", given, written),
            ],
        )

    return forms


PEERS: Final = (
    Peer("datalogic-py", _datalogic, "one rule in a session; its own form of data: DataHandle"),
    Peer("zen-engine", _zen, "one compiled expression; its own form of data: JSON text"),
    Peer("common-expression-language", _cel, "one compiled program; its own form of data: Context"),
    Peer("simpleeval", _simpleeval, "parsed expressions, one evaluator; its own form of data: a flat dictionary"),
    Peer("cedarpy", _cedar, "a PolicySet with a policy or two for each reason; its own form of data: JSON text"),
    Peer("json-logic-qubit", _json_logic, "rules as parsed JSON; it reads the dictionary as it is"),
    Peer("cel-python", _celpy, "CompiledRunner, one program; its own form of data: json_to_cel, absent fields null"),
)
