"""A pack as data: its reasons with their conditions and texts, and what each can be set to.

Everything here is frozen. What a pack's files say is checked by the loader before any of these objects exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sendable.diagnostics.places import Embedded
from sendable.language.nodes import And, Node, Not, Parameter, walk
from sendable.language.scope import ParameterDeclaration, PolicyList, Scope
from sendable.language.types import Field
from sendable.pack import locales
from sendable.pack.columns import ColumnNames
from sendable.pack.locales import Words
from sendable.pack.messages import Origin, Text, origin_of, placeholders
from sendable.pack.periods import ALWAYS, Period
from sendable.pack.rollouts import Rollout


class Channel(StrEnum):
    """The kinds of email that reasons are for."""

    MARKETING = "marketing"
    ONE_TO_ONE = "one_to_one"
    TRANSACTIONAL = "transactional"


class Basis(StrEnum):
    """What a reason rests on."""

    LEGAL = "legal"
    CHOICE = "choice"
    DELIVERABILITY = "deliverability"
    REPUTATION = "reputation"
    ACCOUNT = "account"
    SENDER = "sender"
    OPERATION = "operation"


class OnUnknown(StrEnum):
    """What becomes of a condition that can't be answered for lack of data."""

    SUPPRESS = "suppress"
    IGNORE = "ignore"


class Mode(StrEnum):
    """Whether findings of a reason suppress or are only reported."""

    ENFORCE = "enforce"
    MONITOR = "monitor"


class Retry(StrEnum):
    """Whether trying again makes sense."""

    NEVER = "never"
    AFTER_FIX = "after_fix"
    LATER = "later"


class FixableBy(StrEnum):
    """Who can clear a reason."""

    CONTACT = "contact"
    USER = "user"
    ADMIN = "admin"
    PROVIDER = "provider"
    NOBODY = "nobody"


class Actor(StrEnum):
    """Who or what can bring a change about, the one that is asked first coming first."""

    USER = "user"
    CONTACT = "contact"
    ADMIN = "admin"
    PROVIDER = "provider"
    TIME = "time"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression and where it stands."""

    node: Node
    source: Embedded = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Localized:
    """A text in every locale of the pack."""

    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason not to send an email, as the pack defines it."""

    id: str
    title: Mapping[str, str]
    priority: int
    channels: frozenset[Channel]
    basis: Basis
    floor: bool
    mode: Mode
    when: Expression
    on_unknown: OnUnknown
    retry: Retry
    fixable_by: FixableBy
    clears_at: Expression | None
    codes: Mapping[str, str]
    details: Mapping[str, Expression]
    message: Localized
    fix: Localized
    undetermined: Localized | None
    period: Period = ALWAYS
    """When it is enforced, if it is at all; before and after, it is only monitored."""
    rollout: Rollout | None = None
    """To what it is enforced; for everything else it is only monitored."""

    @property
    def in_force(self) -> Node | None:
        """What is true where the reason is enforced and false where it is only monitored, and never unknown.

        None where it is always enforced, or always monitored, as its mode says.
        """
        if self.mode is Mode.MONITOR:
            return None
        rolled_out = None if self.rollout is None else self.rollout.condition(self.id)
        limits = tuple(one for one in (self.period.condition, rolled_out) if one is not None)
        return And(limits) if len(limits) > 1 else next(iter(limits), None)

    @property
    def apart(self) -> tuple[Reason, ...]:
        """The reason where it is enforced, and the reason where it is only monitored; itself where it is always one.

        Each has what limits it in its condition, so that whoever decides needs to know of nothing else.
        """
        limit = self.in_force
        if limit is None:
            return (self,)
        where = ((Mode.ENFORCE, limit), (Mode.MONITOR, Not(limit)))
        return tuple(
            replace(
                self,
                mode=mode,
                when=replace(self.when, node=And((limited, self.when.node))),
                period=ALWAYS,
                rollout=None,
            )
            for mode, limited in where
        )

    @property
    def shown(self) -> frozenset[str]:
        """The placeholders of its texts, whatever the language."""
        texts = [self.message, self.fix, *([] if self.undetermined is None else [self.undetermined])]
        alternatives = (one for localized in texts for text in localized.texts.values() for one in text)
        return frozenset(name for one in alternatives for name in placeholders(one))

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters that it reads or shows."""
        expressions = [one for one in (self.when, self.clears_at, *self.details.values()) if one is not None]
        nodes = (node for one in expressions for node in walk(one.node))
        return self.parameters_shown.union(node.name for node in nodes if isinstance(node, Parameter))

    @property
    def parameters_shown(self) -> frozenset[str]:
        """The names of the parameters among them."""
        return frozenset(rest for origin, rest in map(origin_of, self.shown) if origin is Origin.PARAMETER)


@dataclass(frozen=True, slots=True)
class PolicyException:
    """What lifts findings of some reasons, for some emails and until a time. None of these reasons is a floor."""

    id: str
    reasons: tuple[str, ...]
    """The ids of the reasons whose findings it lifts, as they are written."""
    when: Expression
    period: Period
    until: datetime
    """The end of the period: every exception has one."""
    owner: str
    why: str

    @property
    def condition(self) -> Node:
        """It lifts where this is definitely true: `when`, within the period. Where it is unknown, nothing is lifted."""
        within = self.period.condition
        return self.when.node if within is None else And((within, self.when.node))


@dataclass(frozen=True, slots=True)
class Pack:
    """A loaded pack. `reasons` are in the order of their priorities; `version` is the digest of what its files say.

    `exceptions` are in the order of the manifest: the first that holds is the one that lifts.
    """

    name: str
    version: str
    description: str
    locales: tuple[str, ...]
    default_locale: str
    parameters: Mapping[str, ParameterDeclaration]
    lists: Mapping[str, PolicyList]
    fields: Mapping[str, Field]
    words: Mapping[str, Words]
    reasons: tuple[Reason, ...]
    exceptions: tuple[PolicyException, ...] = ()
    columns: ColumnNames | None = None
    """What columns of files are called; None where the pack does not say, and the bundled pack's hold."""

    def locale_for(self, requested: str | None) -> str:
        """The locale of the pack that serves `requested` best: by truncation, then the default (RFC 4647, lookup)."""
        return locales.negotiate(requested, self.locales, self.default_locale)


def scope_of(pack: Pack) -> Scope:
    """The names that expressions of the pack can use."""
    return Scope(pack.fields, pack.parameters, pack.lists)
