"""A pack to the text of one Python function per channel.

The function reads the context straight from its dictionaries, each path once, checks the values as it goes, walks the
reasons in the order of their priorities and makes findings only where there is something to find. It handles exactly
the plain types that JSON gives (dict, list, str, bool, int, float), and leaves anything else, right or wrong, to the
long way through `facts.FactReader`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sendable.decide.clearing import Clearing
from sendable.decide.facts import FactReader
from sendable.decide.findings import certainty_of, is_enforced, lifting
from sendable.decide.python_expressions import ALWAYS, NEVER, Expressions
from sendable.decide.runtime import RUNTIME
from sendable.decide.shapes import Shape
from sendable.diagnostics.places import Span
from sendable.language.choices import walk_read
from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import Arithmetic, Call, Negative, Node, Parameter, Path, walk
from sendable.language.types import LARGEST_NUMBER, NOW, Field, Kind, Spelling, Type
from sendable.pack.messages import CLEARS_AT, Origin, origin_of
from sendable.pack.model import Channel, Expression, Pack, Reason

_UNUSED: Final = "value"
"""The variable for what is checked, and then not looked at again."""

_LEAVE: Final = "return otherwise(context, now)"


@dataclass(slots=True)
class Written:
    """The text of one generated function, with the place of each line in the pack, and the constants it names."""

    name: str
    lines: list[tuple[str, Span | None]] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The source text."""
        return "".join(f"{line}\n" for line, _ in self.lines)

    def compiled(self, **names: object) -> Callable[..., Any]:
        """The function. `names` are what it needs besides the runtime and its constants."""
        scope: dict[str, object] = {"__builtins__": {}, **RUNTIME, **self.constants, **names}
        exec(compile(self.text, f"<{self.name}>", "exec"), scope)  # noqa: S102 - text of our own making, see the docstring
        function = scope[self.name]
        if not callable(function):
            raise TypeError(self.name)
        return function


def write(pack: Pack, channel: Channel, *, validate: bool, shape: Shape | None = None) -> Written:
    """The function that decides emails of `channel`. Its parameters are the context, a dict, and the time `now`.

    With `validate` it checks every declared path and returns None where a value has to go the long way; without, it
    takes the values as they are, except that timestamps may be text and identifiers written in any way. With `shape` it
    is for contexts of that shape, and calls `otherwise`, a name to be given to `Written.compiled`, for all others.
    """
    return _Writer(pack, channel, validate=validate, shape=shape).write()


def write_for_facts(pack: Pack, channel: Channel) -> Written:
    """The function that decides what `FactReader` has read of emails of `channel`: `context` is `Facts`, by paths."""
    return _Writer(pack, channel, validate=False, flat=True).write()


class _Writer:
    def __init__(
        self, pack: Pack, channel: Channel, *, validate: bool, shape: Shape | None = None, flat: bool = False
    ) -> None:
        self._pack = pack
        self._validate = validate
        self._shape = None if shape is None else dict(shape)
        self._flat = flat
        self._reasons = [one for reason in pack.reasons if channel in reason.channels for one in reason.apart]
        self._exceptions = lifting(pack, channel)
        self._expressions = Expressions(pack.parameters, pack.lists)
        self._written = Written(f"{channel.value}{'_facts' if flat else '' if validate else '_unvalidated'}")
        self._pending: dict[Node, str] = {}
        self._clearing = Clearing(pack, channel)

    def _line(self, depth: int, text: str, place: Span | None = None) -> None:
        self._written.lines.append(("    " * depth + text, place))

    def write(self) -> Written:
        self._line(0, f"def {self._written.name}(context, now):")
        self._load()
        self._line(1, "matched = undetermined = monitored = doubtful = ()")
        self._pending = self._expressions.share(_nodes(self._reasons))
        for reason in self._reasons:
            self._reason(reason)
        pack = self._expressions.constant(self._pack, "pack")
        others = f"monitored + doubtful, {self._expressions.variable('now')}, {pack}"
        found = "matched + undetermined"
        if self._clearing.paths:
            clearing = self._expressions.constant(self._clearing, "clearing")
            facts = ", ".join(f"{path!r}: {self._copied(path)}" for path in sorted(self._clearing.paths))
            self._line(1, "if matched or undetermined:")
            timed = f"{others}, {clearing}, {{{facts}}}"
            if self._exceptions:
                self._lifted()
                self._line(2, f"return {self._told(f'TimedDecision(reasons, {timed}, excepted)')}")
            else:
                self._line(2, f"return {self._told(f'TimedDecision({found}, {timed})')}")
        self._line(1, f"return {self._told(f'Decision({found}, {others})')}")
        self._written.constants = self._expressions.constants
        return self._written

    def _lifted(self) -> None:
        """Parts what is found into what suppresses and what the exceptions lift that hold."""
        write = self._expressions
        self._line(2, "holding = ()")
        for one in self._exceptions:
            true = write.true(one.condition)
            if true == NEVER:
                continue
            self._line(2, f"if {true}:", one.when.source.span)
            self._line(3, f"holding += ({write.constant(one, 'exception')},)")
        self._line(2, "reasons, excepted = lifted(matched + undetermined, holding)")

    def _told(self, decision: str) -> str:
        """The decision, which findings know where a text of theirs says when it clears."""
        return f"telling({decision})" if any(CLEARS_AT in reason.shown for reason in self._reasons) else decision

    # -- reading the context

    def _load(self) -> None:
        needed = {NOW} | {name for reason in self._reasons for name in self._paths(reason)} | self._clearing.paths
        if self._flat:
            self._line(1, "get = context.get")
            for path in sorted(needed):
                self._line(1, f"{self._expressions.variable(path)} = get({path!r})")
            return
        fields = [one for one in self._pack.fields.values() if self._validate or one.path in needed]
        if self._shape is None:
            self._group(FactReader.of(fields), "context", needed, ())
            return
        self._line(1, "try:")
        self._shaped_group(FactReader.of(fields), "context", needed, "")
        self._line(1, f"except KeyError: {_LEAVE}")

    def _group(
        self, reader: FactReader, variable: str, needed: set[str], keys: tuple[str, ...], depth: int = 1
    ) -> None:
        get = f"get_{'_'.join(keys)}" if keys else "get"
        self._line(depth, f"{get} = {variable}.get")
        for key, declared in reader.leaves:
            name = self._expressions.variable(declared.path) if declared.path in needed else _UNUSED
            self._line(depth, f"{name} = {get}({key!r})")
            self._check(declared, name, depth)
        for key, path, inner in reader.groups:
            group = f"g_{path.replace('.', '_')}"
            self._line(depth, f"{group} = {get}({key!r})")
            leaves = list(_leaves(inner))
            if any(leaf.required for leaf in leaves):
                if self._validate:
                    self._line(depth, f"if type({group}) is not dict: return None")
                self._group(inner, group, needed, (*keys, key), depth)
                continue
            # A group that is absent costs one test, whatever is in it.
            self._line(depth, f"if {group} is None: {self._unknown(leaves, needed)}")
            if self._validate:
                self._line(depth, f"elif type({group}) is not dict: return None")
            self._line(depth, "else:")
            self._group(inner, group, needed, (*keys, key), depth + 1)

    def _shaped_group(self, reader: FactReader, variable: str, needed: set[str], path: str) -> None:
        """The same for a group whose keys are known, once it is seen that it has these and no others."""
        keys = (self._shape or {})[path]
        self._line(2, f"if len({variable}) != {len(keys)}: {_LEAVE}")
        read = {key for key, _ in reader.leaves} | {key for key, _, _ in reader.groups}
        for key in sorted(keys - read):
            self._line(2, f"if {self._expressions.constant(key, 'key')} not in {variable}: {_LEAVE}")
        absent = [declared for key, declared in reader.leaves if key not in keys]
        absent += [leaf for key, _, inner in reader.groups if key not in keys for leaf in _leaves(inner)]
        self._line(2, self._unknown(absent, needed))
        for key, declared in reader.leaves:
            name = self._expressions.variable(declared.path) if declared.path in needed else _UNUSED
            if key in keys:
                self._line(2, f"{name} = {variable}[{key!r}]")
            if key in keys or declared.path == NOW:
                self._check(declared, name, 2)
        for key, inner_path, inner in reader.groups:
            if key in keys:
                group = f"g_{inner_path.replace('.', '_')}"
                self._line(2, f"{group} = {variable}[{key!r}]")
                self._line(2, f"if type({group}) is not dict: {_LEAVE}")
                self._shaped_group(inner, group, needed, inner_path)

    def _unknown(self, leaves: Iterable[Field], needed: set[str]) -> str:
        """The statement that leaves the variables of `leaves` without a value."""
        names = [self._expressions.variable(leaf.path) for leaf in leaves if leaf.path in needed]
        return f"{' = '.join([*names, _UNUSED])} = None"

    def _check(self, declared: Field, name: str, depth: int) -> None:
        kind = declared.type.kind
        if declared.path == NOW:
            self._line(depth, f"{name} = (now or current_time()) if {name} is None else timestamp({name})")
            self._line(depth, f"if {name} is None: return None")
        elif kind is Kind.TIMESTAMP:
            self._line(depth, f"if {name} is not None:")
            self._line(depth + 1, f"{name} = timestamp({name})")
            self._line(depth + 1, f"if {name} is None: return None")
        elif self._validate and declared.type.enum is not None:
            # What can't be hashed is no text either: decide() takes the TypeError for a reason to go the long way.
            allowed = frozenset(declared.type.enum) | (frozenset() if declared.required else {None})
            choices = self._expressions.constant(allowed, "choices")
            self._line(depth, f"if {name} not in {choices}: return None")
        elif self._validate:
            bad = self._bad(declared, name)
            guard = "" if declared.required else f"{name} is not None and "
            if kind is Kind.BOOLEAN:
                self._line(depth, f"if {name} is not False and {guard}{name} is not True: return None")
            elif kind is Kind.STRING_LIST:
                self._line(depth, f"if {name} is not None:")
                self._line(depth + 1, f"if type({name}) is not list: return None")
                self._line(depth + 1, f"for item in {name}:")
                self._line(depth + 2, f"if {self._bad_item(declared.type)}: return None")
            elif declared.required:
                self._line(depth, f"if {bad}: return None")
            else:
                self._line(depth, f"if {guard}({bad}): return None")
        spelled = declared.type.longest is not None and declared.type.spelling is not Spelling.AS_GIVEN
        if name != _UNUSED or (self._validate and spelled):
            self._spell(declared, name, depth)
        if self._validate and spelled:
            self._measure(declared, name, depth)

    def _bad_item(self, of: Type) -> str:
        """What is true of an item that a list of the type can't have."""
        if of.items is not None:
            # What can't be hashed is no text either, as above.
            return f"item not in {self._expressions.constant(frozenset(of.items), 'choices')}"
        long = f" or len(item) > {of.longest}" if of.longest is not None and of.spelling is Spelling.AS_GIVEN else ""
        return f"type(item) is not str{long}"

    def _measure(self, declared: Field, name: str, depth: int) -> None:
        """Texts that have a spelling are measured as they are spelled."""
        longest = declared.type.longest
        if declared.type.kind is Kind.STRING:
            self._line(depth, f"if {name} is not None and len({name}) > {longest}: return None")
        else:
            self._line(depth, f"for item in {name} or ():")
            self._line(depth + 1, f"if len(item) > {longest}: return None")

    def _spell(self, declared: Field, name: str, depth: int) -> None:
        """Spells texts as facts have them, validated or not: conditions know no other form."""
        match declared.type.kind, declared.type.spelling:
            case Kind.STRING, Spelling.IDENTIFIER:
                self._line(depth, f"if {name} is not None: {name} = spelled_identifier[{name}]")
            case Kind.STRING, Spelling.TRIMMED:
                self._line(depth, f"if {name} is not None: {name} = spelled_id({name})")
            case Kind.STRING_LIST, Spelling.IDENTIFIER:
                self._line(depth, f"if {name}: {name} = spelled_identifiers({name})")
            case _:
                return
        if declared.required:
            self._line(depth, f"if {name} is None: return None")

    def _bad(self, declared: Field, name: str) -> str:
        of = declared.type
        if of.kind is Kind.STRING:
            long = (
                f" or len({name}) > {of.longest}" if of.longest is not None and of.spelling is Spelling.AS_GIVEN else ""
            )
            return f"type({name}) is not str{long}"
        least = -LARGEST_NUMBER if of.minimum is None else max(of.minimum, -LARGEST_NUMBER)
        most = LARGEST_NUMBER if of.maximum is None else min(of.maximum, LARGEST_NUMBER)
        types = f"type({name}) is not int" + (f" and type({name}) is not float" if of.kind is Kind.NUMBER else "")
        # A whole float in an integer field is right but rare: it goes the long way.
        return f"{types} or not {least!r} <= {name} <= {most!r}"

    # -- reasons

    def _reason(self, reason: Reason) -> None:
        write, place = self._expressions, reason.when.source.span
        self._line(1, f"# {reason.id}", place)
        for node in walk(reason.when.node):
            if node in self._pending:
                name = self._pending.pop(node)
                self._line(1, f"{name} = {write.value(node)}", place)
                write.shared_as(node, name)
        true = write.true(reason.when.node)
        if certainty_of(reason, None) is None:
            if true != NEVER:
                self._line(1, f"if {true}:", place)
                self._found(2, reason)
            return
        false = write.false(reason.when.node)
        if false == ALWAYS:
            return
        self._line(1, f"if not ({false}):", place)
        self._line(2, f"if {true}:", place)
        self._found(3, reason)
        self._line(2, "else:")
        target = "undetermined" if is_enforced(reason) else "doubtful"
        alone = _only_unknown(reason.when.node)
        missing = f"in_order({write.missing(reason.when.node)})" if alone is None else write.constant((alone,), "paths")
        values = self._values(reason, details=False)
        arguments = f"{write.constant(reason, 'reason')}, UNDETERMINED, {missing}, None"
        self._line(3, f"{target} += (Finding({arguments}, {write.constant(self._pack, 'pack')}, {values}),)", place)

    def _found(self, depth: int, reason: Reason) -> None:
        write = self._expressions
        target = "matched" if is_enforced(reason) else "monitored"
        clears_at = "None"
        if reason.clears_at is not None:
            clears_at = f"to_come({write.value(reason.clears_at.node)}, {write.variable(NOW)})"
        values = self._values(reason, details=True)
        arguments = f"{write.constant(reason, 'reason')}, MATCHED, (), {clears_at}"
        self._line(depth, f"{target} += (Finding({arguments}, {write.constant(self._pack, 'pack')}, {values}),)")

    def _values(self, reason: Reason, *, details: bool) -> str:
        """A dictionary of what the reason's texts can name."""
        write = self._expressions
        entries: list[str] = []
        for name in sorted(reason.shown):
            origin, rest = origin_of(name)
            if origin is Origin.PARAMETER:
                declared = self._pack.parameters[rest]
                held = write.value(Parameter(rest)) if declared.cases else write.constant(declared.value, "parameter")
                entries.append(f"{name!r}: {held}")
            elif origin is Origin.DETAIL:
                if details:
                    entries.append(f"{name!r}: {write.value(reason.details[rest].node)}")
            elif origin is Origin.FIELD:
                entries.append(f"{name!r}: {self._copied(name)}")
        return f"{{{', '.join(entries)}}}"

    def _copied(self, path: str) -> str:
        """The value of a path, of which a later change of the context changes nothing."""
        variable = self._expressions.variable(path)
        is_list = self._pack.fields[path].type.kind is Kind.STRING_LIST
        return f"{variable} if {variable} is None else tuple({variable})" if is_list else variable

    def _paths(self, reason: Reason) -> Iterator[str]:
        """The paths whose values the code for `reason` needs."""
        for expression in (reason.when, reason.clears_at, *reason.details.values()):
            if isinstance(expression, Expression):
                yield from self._read(expression.node)
        for name in reason.shown:
            origin, rest = origin_of(name)
            if origin is Origin.PARAMETER:
                yield from self._read(Parameter(rest))
            elif name in self._pack.fields:
                yield name

    def _read(self, node: Node) -> Iterator[str]:
        return (one.name for one in walk_read(node, self._pack.parameters) if isinstance(one, Path))


def _nodes(reasons: Iterable[Reason]) -> Iterator[Node]:
    return (reason.when.node for reason in reasons)


def _leaves(reader: FactReader) -> Iterator[Field]:
    yield from (leaf for _, leaf in reader.leaves)
    for _, _, inner in reader.groups:
        yield from _leaves(inner)


def _only_unknown(condition: Node) -> str | None:
    """The one path whose lack of data can leave the condition unknown, where there is but one, and nothing else can."""
    nodes = list(walk(condition))
    if any(
        isinstance(node, Arithmetic | Negative) or (isinstance(node, Call) and FUNCTIONS[node.function].may_fail)
        for node in nodes
    ):
        return None
    paths = {node.name for node in nodes if isinstance(node, Path)}
    return paths.pop() if len(paths) == 1 else None
