"""Packs that are made for the benchmarks: the bundled one without addresses and times, and ones of any size."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sendable.language import addresses
from sendable.language.types import Field, Kind
from sendable.pack.fields import built_in_fields
from sendable.pack.model import Pack
from sendable.pack.resources import bundled_path

READY: Final = {
    "not valid_address(contact.email)": "not ready.recipient_valid",
    "not valid_address(email.from_address)": "not ready.sender_valid",
    "local_part(contact.email) in lists.role_accounts": "ready.role_account",
    "domain(contact.email) in lists.misspelled_domains": "ready.misspelled_domain",
    "in_domains(domain(contact.email), lists.disposable_domains)": "ready.disposable_domain",
    "lookup(domain(contact.email), lists.misspelled_domains)": "ready.meant_domain",
    "lists.unreachable_statuses": '["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"]',
    "default(now < account.limit_resets_at, true)": "default(ready.month_goes_on, true)",
    "default(now < contact.cap_recovers_at, true)": "default(ready.cap_window_goes_on, true)",
    "default(now < sender.limit_resets_at, true)": "default(ready.provider_window_goes_on, true)",
}
"""What stands in the bundled pack, and what stands for it where facts of addresses and times are ready-made."""

_RESETS: Final = {
    "month_goes_on": ("account", "limit_resets_at"),
    "cap_window_goes_on": ("contact", "cap_recovers_at"),
    "provider_window_goes_on": ("sender", "limit_resets_at"),
}
"""The ready-made facts of times, each with the field of the time that it goes by."""

_READY_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "ready": {
            "type": "object",
            "properties": {
                "recipient_valid": {"type": "boolean"},
                "sender_valid": {"type": "boolean"},
                "role_account": {"type": "boolean"},
                "misspelled_domain": {"type": "boolean"},
                "disposable_domain": {"type": "boolean"},
                "meant_domain": {"type": "string"},
                **{name: {"type": "boolean"} for name in _RESETS},
            },
        }
    },
}

_TYPES: Final[Mapping[Kind, dict[str, Any]]] = {
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.STRING: {"type": "string"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.STRING_LIST: {"type": "array", "items": {"type": "string"}},
}


def ready_made(context: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """`context` with what addresses and times say of it as further fields; `pack` is the bundled one."""
    email, sender = context["contact"]["email"], context["email"].get("from_address")
    domain = addresses.domain(email)
    disposable, misspelled = pack.lists["disposable_domains"].entries, pack.lists["misspelled_domains"]
    ready: dict[str, Any] = {
        "recipient_valid": addresses.valid_address(email),
        "role_account": addresses.local_part(email) in pack.lists["role_accounts"].entries,
        "misspelled_domain": domain in misspelled.entries,
        "disposable_domain": any(parent in disposable for parent in addresses.parents(domain)),
    }
    for name, (group, key) in _RESETS.items():
        reset = context.get(group, {}).get(key)
        if reset is not None:
            ready[name] = datetime.fromisoformat(context["now"]) < datetime.fromisoformat(reset)
    if sender is not None:
        ready["sender_valid"] = addresses.valid_address(sender)
    if misspelled.values and domain in misspelled.values:
        ready["meant_domain"] = misspelled.values[domain]
    return {**context, "ready": ready}


def without_addresses(root: Path) -> Path:
    """Writes the bundled pack into the new directory `root`, with ready-made fields for addresses and times."""
    bundled = bundled_path("policies")
    shutil.copytree(bundled / "reasons", root / "reasons")
    (root / "lists").mkdir()
    shutil.copy(bundled / "lists" / "cap_windows.yaml", root / "lists")  # the only one that is read
    manifest = (bundled / "policy.yaml").read_text(encoding="utf-8")
    (root / "policy.yaml").write_text(f"{manifest}\ncontext: [ready.json]\n", encoding="utf-8")
    (root / "ready.json").write_text(json.dumps(_READY_SCHEMA), encoding="utf-8")
    left = set(READY)
    for file in (root / "reasons").iterdir():
        text = file.read_text(encoding="utf-8")
        for written, ready in READY.items():
            if written in text:
                text = text.replace(written, ready)
                left.discard(written)
        file.write_text(text, encoding="utf-8")
    if left:
        raise ValueError(f"the bundled pack no longer has {', '.join(sorted(left))}")
    return root


def of_size(root: Path, copies: int) -> Path:
    """Writes a pack of `copies` times the bundled reasons into the new directory `root`.

    Every copy has fields of its own, `contact7.marked_as_spam` and so on, and so no condition is there twice.
    """
    without_addresses(root)
    manifest = (root / "policy.yaml").read_text(encoding="utf-8").replace("name: bundled", f"name: bundled-{copies}")
    originals = {file.name: file.read_text(encoding="utf-8") for file in (root / "reasons").iterdir()}
    groups: dict[str, dict[str, Any]] = {}
    for field in built_in_fields().values():
        if "." in field.path and field.path != "email.channel":
            group, name = field.path.split(".")
            groups.setdefault(group, {})[name] = _declared(field)
    groups["ready"] = _READY_SCHEMA["properties"]["ready"]["properties"]  # type: ignore[index]  # any JSON
    properties = {
        f"{group}{copy}": {"type": "object", "properties": fields}
        for copy in range(copies)
        for group, fields in groups.items()
    }
    (root / "ready.json").write_text(json.dumps({"type": "object", "properties": properties}), encoding="utf-8")
    (root / "policy.yaml").write_text(manifest, encoding="utf-8")
    shutil.rmtree(root / "reasons")
    (root / "reasons").mkdir()
    paths = re.compile(rf"\b({'|'.join(groups)})\.(?!channel\b)(?=[a-z])")
    priority = 0
    for copy in range(copies):
        for name, text in sorted(originals.items()):
            lines: list[str] = []
            for line in text.splitlines():
                if line.startswith("    priority:"):
                    priority += 1
                    lines.append(f"    priority: {priority}")
                elif re.match(r"  [a-z]\w*:$", line):
                    lines.append(f"{line[:-1]}_{copy}:")
                else:
                    lines.append(paths.sub(rf"\g<1>{copy}.", line))
            (root / "reasons" / f"{name.removesuffix('.yaml')}{copy}.yaml").write_text(
                "\n".join(lines) + "\n", encoding="utf-8"
            )
    return root


def grown(context: Mapping[str, Any], copies: int) -> dict[str, Any]:
    """`context`, with ready-made facts, for a pack of `copies` copies: every copy's fields have the same values."""
    document: dict[str, Any] = {
        "now": context["now"],
        "email": {"channel": context["email"]["channel"]},
        "contact": {"email": context["contact"]["email"]},
    }
    for copy in range(copies):
        for group, values in context.items():
            if isinstance(values, Mapping):
                document[f"{group}{copy}"] = {name: value for name, value in values.items() if name != "channel"}
    return document


def _declared(field: Field) -> dict[str, Any]:
    declared = dict(_TYPES[field.type.kind])
    if field.type.enum is not None:
        declared["enum"] = list(field.type.enum)
    if field.type.minimum is not None:
        declared["minimum"] = int(field.type.minimum)
    return declared
