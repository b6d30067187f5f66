"""A whole audience: what became of it, counted so that the figures add up, and samples to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sendable.decide.decision import plain_exception
from sendable.diagnostics.wording import shown
from sendable.pack.model import PolicyException

BAD_ROW: Final = ("(row)",)
"""What stands for the fields of contacts whose rows can't be read."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many contacts a reason keeps from getting the email, each told apart."""

    reason: str
    primary: int
    """Contacts whose primary reason it is, and it is known to apply. These add up to the suppressed."""
    alone: int
    """Of these, those with no other reason: what lifting it would gain."""
    any: int
    """Contacts that have it among their reasons, whatever the primary one is."""


@dataclass(frozen=True, slots=True)
class MonitoredCount:
    """How many contacts a reason that is only monitored has a finding for: it holds none of them back."""

    reason: str
    contacts: int
    sendable: int
    """Of these, those who get the email: whom it would hold back if it were enforced."""


@dataclass(frozen=True, slots=True)
class ExceptedCount:
    """For how many contacts an exception lifts something."""

    exception: PolicyException
    contacts: int
    sendable: int
    """Of these, those who get the email: whom the exception lets have it."""
    reasons: Mapping[str, int]
    """The reasons that it lifts for some, in the order of the priorities, with for how many."""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        told = plain_exception(self.exception)
        return {
            "exception": told.pop("id"),
            **told,
            "contacts": self.contacts,
            "sendable": self.sendable,
            "reasons": [{"reason": reason, "contacts": count} for reason, count in self.reasons.items()],
        }


@dataclass(frozen=True, slots=True)
class InvalidValues:
    """What is not allowed in a field."""

    field: str
    contacts: int
    """Contacts with such a value, or without one where every contact needs it."""
    examples: tuple[str, ...]
    """Some of the values, as texts; none where they have no short form."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What of an audience stands on several rows: each row is decided by itself, and rows may contradict each other."""

    addresses: int
    """Addresses on several rows, however they are written there."""
    rows: int
    """The rows that have them."""
    disagreeing: int
    """Of these addresses, those whose rows differ in what a floor depends on."""
    fields: Mapping[str, int]
    """The paths in which they differ, with how many addresses do, the most first."""
    keys: int
    """Keys on several rows. None are counted where the address is what rows are told apart by."""
    key_rows: int
    """The rows that have them."""

    @property
    def any(self) -> bool:
        """Whether anything stands on several rows."""
        return bool(self.addresses or self.keys)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "addresses": self.addresses,
            "rows": self.rows,
            "disagreeing": self.disagreeing,
            "fields": [{"field": field, "addresses": count} for field, count in self.fields.items()],
            "keys": self.keys,
            "key_rows": self.key_rows,
        }


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An identifier of the campaign that is in nobody's list, though some lists have items: it may be a wrong one."""

    field: str
    value: str
    listed: str
    """The field with the lists."""
    contacts: int
    """Contacts whose list is not empty."""
    examples: tuple[str, ...]
    """What is in most of the lists, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of an audience. `sendable + suppressed + undetermined + invalid == contacts`."""

    contacts: int
    sendable: int
    suppressed: int
    """Contacts whose primary reason is known to apply."""
    undetermined: int
    """Contacts that are held back only because it is not known whether a reason applies."""
    invalid: int
    """Contacts with a value that is not allowed, which are not decided."""
    reasons: tuple[ReasonCount, ...]
    """Every reason of the pack that was found, in the order of the priorities."""
    missing: Mapping[tuple[str, ...], int]
    """The undetermined by the fields whose lack leaves them so, the most first. They add up to the undetermined."""
    invalid_fields: Mapping[tuple[str, ...], int]
    """The invalid by the fields whose values are not allowed, the most first. They add up to the invalid."""
    overlaps: Mapping[tuple[str, str], int]
    """How many contacts have both reasons, by the pair of ids in the order of the priorities; never none."""
    monitored: tuple[MonitoredCount, ...] = ()
    """Every reason that is only monitored and was found, in the order of the priorities."""
    excepted: tuple[ExceptedCount, ...] = ()
    """Every exception that lifts something, in the order of the manifest."""
    unused_columns: tuple[str, ...] = ()
    """The columns, and the fields of structs as paths, that nothing was decided by."""
    ignored_columns: tuple[str, ...] = ()
    """Those that nothing was decided by because somebody said so."""
    invalid_values: tuple[InvalidValues, ...] = ()
    """What is not allowed, field by field, the most first. A contact counts in each field that has such a value."""
    unmatched: tuple[Unmatched, ...] = ()
    """Identifiers of the campaign that are in nobody's lists."""
    repeated: Repeated | None = None
    """What stands on several rows; None where nobody has looked."""
    as_strictest: bool = False
    """Whether all rows of an address have the decision of the strictest."""

    def with_bad_rows(self, count: int) -> Summary:
        """The summary with so many more contacts, which are invalid as their rows can't be read."""
        if not count:
            return self
        fields = _most_first({**self.invalid_fields, BAD_ROW: count})
        return replace(self, contacts=self.contacts + count, invalid=self.invalid + count, invalid_fields=fields)

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "contacts": self.contacts,
            "sendable": self.sendable,
            "suppressed": self.suppressed,
            "undetermined": self.undetermined,
            "invalid": self.invalid,
            "reasons": [
                {"reason": one.reason, "primary": one.primary, "alone": one.alone, "any": one.any}
                for one in self.reasons
            ],
            "monitored": [
                {"reason": one.reason, "contacts": one.contacts, "sendable": one.sendable} for one in self.monitored
            ],
            "excepted": [one.to_dict() for one in self.excepted],
            "missing": [{"fields": list(fields), "contacts": count} for fields, count in self.missing.items()],
            "invalid_fields": [
                {"fields": list(fields), "contacts": count} for fields, count in self.invalid_fields.items()
            ],
            "invalid_values": [
                {"field": one.field, "contacts": one.contacts, "examples": list(one.examples)}
                for one in self.invalid_values
            ],
            "overlaps": [{"reasons": list(pair), "contacts": count} for pair, count in self.overlaps.items()],
            "unused_columns": list(self.unused_columns),
            "ignored_columns": list(self.ignored_columns),
            "repeated": None if self.repeated is None else self.repeated.to_dict(),
            "as_strictest": self.as_strictest,
            "unmatched": [
                {
                    "field": one.field,
                    "value": one.value,
                    "listed": one.listed,
                    "contacts": one.contacts,
                    "examples": list(one.examples),
                }
                for one in self.unmatched
            ],
        }


@dataclass(frozen=True, slots=True)
class Review:
    """What an audience is like, whatever is decided of it."""

    unused_columns: tuple[str, ...]
    """See `Summary`."""
    ignored_columns: tuple[str, ...]
    """See `Summary`."""
    repeated: Repeated | None = None
    """See `Summary`."""

    def added_to(self, summary: Summary, *, as_strictest: bool = False) -> Summary:
        """The summary of the same audience, with what is told here, and how the rows of an address were decided."""
        return replace(
            summary,
            unused_columns=self.unused_columns,
            ignored_columns=self.ignored_columns,
            repeated=self.repeated,
            as_strictest=as_strictest,
        )


def masked(text: str) -> str:
    """An address of which its owner alone recognizes anything: the ends of its parts, such as `a…a@e…e.com`."""
    local, at, domain = shown(text).rpartition("@")
    if not at:
        return _masked_part(text)
    name, dot, ending = domain.rpartition(".")
    host = f"{_masked_part(name)}{dot}{ending}" if dot else _masked_part(domain)
    return f"{_masked_part(local)}@{host}"


def _masked_part(text: str) -> str:
    text = shown(text)
    return f"{text[:1]}…{text[-1:]}" if text else "…"


def summarize(
    groups: Sequence[Mapping[str, Any]], order: Sequence[str], exceptions: Sequence[PolicyException] = ()
) -> Summary:
    """The summary of decisions counted by what they have in common.

    `groups` have `sendable`, `reason`, `reasons`, `certainty`, `missing`, `invalid` and, where anything is, `monitored`
    or `excepted` and `exceptions` as `Policy.decide_frame` gives them, and `contacts`, how many there are. `order` are
    the ids of the pack's reasons by priority, `exceptions` all that the pack has.
    """
    counts = dict.fromkeys(("contacts", "sendable", "suppressed", "undetermined", "invalid"), 0)
    primary, alone, any_, monitored, would_be = (dict.fromkeys(order, 0) for _ in range(5))
    missing: dict[tuple[str, ...], int] = {}
    invalid_fields: dict[tuple[str, ...], int] = {}
    overlaps: dict[tuple[str, str], int] = {}
    for group in groups:
        number = int(group["contacts"])
        counts["contacts"] += number
        reasons = sorted(group["reasons"] or (), key=order.index)
        for position, reason in enumerate(reasons):
            any_[reason] += number
            for other in reasons[position + 1 :]:
                overlaps[reason, other] = overlaps.get((reason, other), 0) + number
        for reason in group.get("monitored") or ():
            monitored[reason] += number
            would_be[reason] += number * bool(group["sendable"])
        if group["invalid"]:
            counts["invalid"] += number
            fields = tuple(group["invalid"])
            invalid_fields[fields] = invalid_fields.get(fields, 0) + number
        elif group["sendable"]:
            counts["sendable"] += number
        elif group["certainty"] == "undetermined":
            counts["undetermined"] += number
            fields = tuple(group["missing"])
            missing[fields] = missing.get(fields, 0) + number
        else:
            counts["suppressed"] += number
            primary[group["reason"]] += number
            alone[group["reason"]] += number * (len(reasons) == 1)
    return Summary(
        contacts=counts["contacts"],
        sendable=counts["sendable"],
        suppressed=counts["suppressed"],
        undetermined=counts["undetermined"],
        invalid=counts["invalid"],
        reasons=tuple(ReasonCount(one, primary[one], alone[one], any_[one]) for one in order if any_[one]),
        missing=_most_first(missing),
        invalid_fields=_most_first(invalid_fields),
        monitored=tuple(MonitoredCount(one, monitored[one], would_be[one]) for one in order if monitored[one]),
        excepted=tuple(_excepted(groups, order, exceptions)),
        overlaps=dict(sorted(overlaps.items(), key=lambda one: (-one[1], one[0]))),
    )


def _excepted(
    groups: Sequence[Mapping[str, Any]], order: Sequence[str], exceptions: Sequence[PolicyException]
) -> Iterator[ExceptedCount]:
    for exception in exceptions:
        concerned = [group for group in groups if exception.id in (group.get("exceptions") or ())]
        if not concerned:
            continue
        reasons = dict.fromkeys(order, 0)
        for group in concerned:
            for reason, lifted_by in zip(group["excepted"], group["exceptions"], strict=True):
                reasons[reason] += int(group["contacts"]) * (lifted_by == exception.id)
        yield ExceptedCount(
            exception,
            sum(int(group["contacts"]) for group in concerned),
            sum(int(group["contacts"]) for group in concerned if group["sendable"]),
            {reason: count for reason, count in reasons.items() if count},
        )


def _most_first(counts: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
