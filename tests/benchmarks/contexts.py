"""The contexts that are decided: a clean one, one with three findings, one with half its fields unknown."""

from __future__ import annotations

import copy
from typing import Any

from sendable.diagnostics.record import Collector
from sendable.documents.elements import plain
from sendable.documents.parse import parse_document, read_source
from sendable.pack.resources import bundled_path

PLAIN_ADDRESS = "kim.andersson@example.com"


def example() -> dict[str, Any]:
    """The bundled pack's example of a clean marketing email, as it is; its address is an internationalized one."""
    collector = Collector()
    path = bundled_path("policies") / "examples" / "clean-marketing.yaml"
    source = read_source(path, path.name, collector)
    element = None if source is None else parse_document(source, collector)
    content = None if element is None else plain(element)
    if not isinstance(content, dict):
        raise TypeError(f"{path} can't be read")
    return content


def clean() -> dict[str, Any]:
    """The example with a plain address, which most are: the other kind costs every form alike dozens of times more."""
    context = example()
    context["contact"]["email"] = PLAIN_ADDRESS
    return context


def three_findings() -> dict[str, Any]:
    """The clean email to a contact who has opted out, whose address has bounced, from an account over its limit."""
    context = clean()
    context["contact"]["unsubscribed_types"] = [context["email"]["subscription_type"]]
    context["contact"]["hard_bounces"] = 2
    context["account"]["monthly_sent"] = context["account"]["monthly_limit"]
    return context


def half_unknown() -> dict[str, Any]:
    """The clean email with every second field gone, required ones aside."""
    context = copy.deepcopy(clean())
    paths = [(group, name) for group, fields in context.items() if isinstance(fields, dict) for name in fields]
    optional = [path for path in paths if path not in {("email", "channel"), ("contact", "email")}]
    for group, name in optional[::2]:
        del context[group][name]
    return context


CONTEXTS = {"clean": clean, "three findings": three_findings, "half unknown": half_unknown}
