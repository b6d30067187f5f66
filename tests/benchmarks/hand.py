"""The bundled pack's 32 reasons as one writes them by hand: for each channel a chain of `if`s over nested dictionaries.

It validates nothing, renders nothing and names no missing field. Which reasons apply it answers as the pack does, the
floors' unknowns included: an unknown is None, which is as good as false but where a floor asks for it. The
functions of addresses and identifiers, and the lists, are the ones that the pack uses.

There are two forms: `first` answers with the primary reason alone, `every` with all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import sendable
from sendable.language.addresses import domain, fold, local_part, valid_address
from sendable.language.functions import within
from sendable.language.identifiers import identifier

Context: TypeAlias = Mapping[str, Any]
Found: TypeAlias = tuple[list[str], list[str]]
"""The ids of the reasons that apply, and of the floors of which that is not known."""

_LISTS: Final = sendable.load().pack.lists
ROLE_ACCOUNTS: Final = frozenset(_LISTS["role_accounts"].entries)
MISSPELLED_DOMAINS: Final = frozenset(_LISTS["misspelled_domains"].entries)
DISPOSABLE_DOMAINS: Final = frozenset(_LISTS["disposable_domains"].entries)
UNREACHABLE_STATUSES: Final = frozenset(_LISTS["unreachable_statuses"].entries)


def _identifier(text: str | None) -> str | None:
    return None if text is None else identifier(text) or None


def _identifiers(texts: list[str] | None) -> list[str] | None:
    return None if texts is None else [one for text in texts if (one := identifier(text))]


def first(context: Context) -> str | None:
    """The id of the primary reason not to send; None where the email may go."""
    channel = context["email"]["channel"]
    if channel == "marketing":
        return first_marketing(context)
    if channel == "one_to_one":
        return first_one_to_one(context)
    return first_transactional(context)


def every(context: Context) -> Found:
    """Every reason not to send, each list in the order of the priorities."""
    channel = context["email"]["channel"]
    if channel == "marketing":
        return every_marketing(context)
    if channel == "one_to_one":
        return every_one_to_one(context)
    return every_transactional(context)


def over_cap(contact: Context, account: Context, now: str | datetime | None) -> bool:
    """Whether the contact has had as many emails as the account allows."""
    received, cap = contact.get("emails_in_cap_window"), account.get("frequency_cap")
    return received is not None and cap is not None and received >= cap and counts(contact.get("cap_recovers_at"), now)


def counts(reset: str | datetime | None, now: str | datetime | None) -> bool:
    """Whether a count still holds: its reset is to come, or not known."""
    return reset is None or (datetime.now(UTC) if now is None else moment(now)) < moment(reset)


def moment(written: str | datetime) -> datetime:
    """The timestamp, in whichever of its forms it is."""
    return written if isinstance(written, datetime) else datetime.fromisoformat(written)


def first_marketing(context: Context) -> str | None:
    now = context.get("now")
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    doubtful: str | None = None
    opted_out = contact.get("opted_out_of_platform")
    spam_trap = contact.get("spam_trap")
    if opted_out or spam_trap:
        return "opted_out_of_platform"
    if opted_out is None or spam_trap is None:
        doubtful = doubtful or "opted_out_of_platform"
    marked_as_spam = contact.get("marked_as_spam")
    if marked_as_spam:
        return "marked_as_spam"
    if marked_as_spam is None:
        doubtful = doubtful or "marked_as_spam"
    unsubscribed_all = contact.get("unsubscribed_all")
    if unsubscribed_all:
        return "unsubscribed_from_all"
    if unsubscribed_all is None:
        doubtful = doubtful or "unsubscribed_from_all"
    subscription_type = _identifier(email.get("subscription_type"))
    unsubscribed_types = _identifiers(contact.get("unsubscribed_types"))
    if unsubscribed_types and subscription_type in unsubscribed_types:
        return "unsubscribed_from_type"
    if unsubscribed_types is None or (unsubscribed_types and subscription_type is None):
        doubtful = doubtful or "unsubscribed_from_type"
    basis_required = account.get("legal_basis_required")
    legal_basis = contact.get("legal_basis")
    if basis_required and legal_basis == "none":
        return "no_legal_basis"
    if basis_required is not False and (legal_basis is None or legal_basis == "none"):
        doubtful = doubtful or "no_legal_basis"
    opt_in_required = account.get("double_opt_in_required")
    confirmed = contact.get("double_opt_in_confirmed")
    if opt_in_required and confirmed is False:
        return "unconfirmed_opt_in"
    if opt_in_required is not False and not confirmed:
        doubtful = doubtful or "unconfirmed_opt_in"
    company_opted_out = contact.get("company_opted_out")
    if company_opted_out:
        return "company_opted_out"
    if company_opted_out is None:
        doubtful = doubtful or "company_opted_out"
    domain_blocked = contact.get("domain_blocked")
    if domain_blocked:
        return "domain_blocked"
    if domain_blocked is None:
        doubtful = doubtful or "domain_blocked"
    if local_part(address) in ROLE_ACCOUNTS or host in MISSPELLED_DOMAINS:
        return "role_or_misspelled_address"
    if contact.get("hard_bounces"):
        return "previously_bounced"
    if contact.get("globally_bounced"):
        return "globally_bounced"
    if failure == "classified_as_spam":
        return "classified_as_spam"
    patience = 11 if contact.get("ever_engaged") is False else 16
    if account.get("suppress_unengaged") and (contact.get("sends_since_engagement") or 0) >= patience:
        return "unengaged"
    if not valid_address(address):
        return "invalid_recipient_address"
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        return "invalid_recipient"
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        return "permanently_undeliverable"
    if email.get("cancelled"):
        return "cancelled"
    status = account.get("status")
    if status == "suspended":
        return "account_suspended"
    if status is None:
        doubtful = doubtful or "account_suspended"
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        return "invalid_sender_address"
    sent, limit = account.get("monthly_sent"), account.get("monthly_limit")
    if sent is not None and limit is not None and sent >= limit and counts(account.get("limit_resets_at"), now):
        return "account_over_monthly_limit"
    if account.get("tier") == "enterprise" and not email.get("frequency_exempt") and over_cap(contact, account, now):
        return "frequency_capped"
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        return "mailbox_full"
    if failure == "undeliverable" and not for_good:
        return "undeliverable"
    if failure in ("unspecified", "permission_denied", "timed_out"):
        return "unspecified_failure"
    return doubtful


def first_one_to_one(context: Context) -> str | None:
    now = context.get("now")
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    sender = context.get("sender") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    inbox = sender.get("inbox")
    doubtful: str | None = None
    opted_out = contact.get("opted_out_of_platform")
    spam_trap = contact.get("spam_trap")
    if opted_out or spam_trap:
        return "opted_out_of_platform"
    if opted_out is None or spam_trap is None:
        doubtful = doubtful or "opted_out_of_platform"
    marked_as_spam = contact.get("marked_as_spam")
    if marked_as_spam:
        return "marked_as_spam"
    if marked_as_spam is None:
        doubtful = doubtful or "marked_as_spam"
    company_opted_out = contact.get("company_opted_out")
    if company_opted_out:
        return "company_opted_out"
    if company_opted_out is None:
        doubtful = doubtful or "company_opted_out"
    domain_blocked = contact.get("domain_blocked")
    if domain_blocked:
        return "domain_blocked"
    if domain_blocked is None:
        doubtful = doubtful or "domain_blocked"
    if contact.get("hard_bounces"):
        return "previously_bounced"
    if contact.get("globally_bounced"):
        return "globally_bounced"
    if failure == "classified_as_spam":
        return "classified_as_spam"
    if not valid_address(address):
        return "invalid_recipient_address"
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        return "invalid_recipient"
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        return "permanently_undeliverable"
    if email.get("cancelled"):
        return "cancelled"
    status = account.get("status")
    if status == "suspended":
        return "account_suspended"
    if status is None:
        doubtful = doubtful or "account_suspended"
    if email.get("scheduled_by_removed"):
        return "scheduling_user_removed"
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        return "invalid_sender_address"
    if inbox == "suspended":
        return "inbox_suspended"
    if failure == "permission_denied":
        return "send_permission_denied"
    if inbox == "authentication_failed":
        return "inbox_authentication_failed"
    sent, limit = sender.get("sent_in_window"), sender.get("provider_limit")
    if sent is not None and limit is not None and sent >= limit and counts(sender.get("limit_resets_at"), now):
        return "provider_limit_reached"
    if inbox == "connection_failed":
        return "inbox_connection_failed"
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        return "mailbox_full"
    provider = sender.get("provider")
    if failure == "timed_out" and provider == "microsoft":
        return "microsoft_timed_out"
    if failure == "timed_out" and provider != "microsoft":
        return "provider_timed_out"
    if failure == "undeliverable" and not for_good:
        return "undeliverable"
    if failure == "unspecified":
        return "unspecified_failure"
    return doubtful


def first_transactional(context: Context) -> str | None:
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    doubtful: str | None = None
    if failure == "classified_as_spam":
        return "classified_as_spam"
    if not valid_address(address):
        return "invalid_recipient_address"
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        return "invalid_recipient"
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        return "permanently_undeliverable"
    if email.get("cancelled"):
        return "cancelled"
    status = account.get("status")
    if status == "suspended":
        return "account_suspended"
    if status is None:
        doubtful = doubtful or "account_suspended"
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        return "invalid_sender_address"
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        return "mailbox_full"
    if failure == "undeliverable" and not for_good:
        return "undeliverable"
    if failure in ("unspecified", "permission_denied", "timed_out"):
        return "unspecified_failure"
    return doubtful


def every_marketing(context: Context) -> Found:
    now = context.get("now")
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    matched: list[str] = []
    undetermined: list[str] = []
    opted_out = contact.get("opted_out_of_platform")
    spam_trap = contact.get("spam_trap")
    if opted_out or spam_trap:
        matched.append("opted_out_of_platform")
    elif opted_out is None or spam_trap is None:
        undetermined.append("opted_out_of_platform")
    marked_as_spam = contact.get("marked_as_spam")
    if marked_as_spam:
        matched.append("marked_as_spam")
    elif marked_as_spam is None:
        undetermined.append("marked_as_spam")
    unsubscribed_all = contact.get("unsubscribed_all")
    if unsubscribed_all:
        matched.append("unsubscribed_from_all")
    elif unsubscribed_all is None:
        undetermined.append("unsubscribed_from_all")
    subscription_type = _identifier(email.get("subscription_type"))
    unsubscribed_types = _identifiers(contact.get("unsubscribed_types"))
    if unsubscribed_types and subscription_type in unsubscribed_types:
        matched.append("unsubscribed_from_type")
    elif unsubscribed_types is None or (unsubscribed_types and subscription_type is None):
        undetermined.append("unsubscribed_from_type")
    basis_required = account.get("legal_basis_required")
    legal_basis = contact.get("legal_basis")
    if basis_required and legal_basis == "none":
        matched.append("no_legal_basis")
    elif basis_required is not False and (legal_basis is None or legal_basis == "none"):
        undetermined.append("no_legal_basis")
    opt_in_required = account.get("double_opt_in_required")
    confirmed = contact.get("double_opt_in_confirmed")
    if opt_in_required and confirmed is False:
        matched.append("unconfirmed_opt_in")
    elif opt_in_required is not False and not confirmed:
        undetermined.append("unconfirmed_opt_in")
    company_opted_out = contact.get("company_opted_out")
    if company_opted_out:
        matched.append("company_opted_out")
    elif company_opted_out is None:
        undetermined.append("company_opted_out")
    domain_blocked = contact.get("domain_blocked")
    if domain_blocked:
        matched.append("domain_blocked")
    elif domain_blocked is None:
        undetermined.append("domain_blocked")
    if local_part(address) in ROLE_ACCOUNTS or host in MISSPELLED_DOMAINS:
        matched.append("role_or_misspelled_address")
    if contact.get("hard_bounces"):
        matched.append("previously_bounced")
    if contact.get("globally_bounced"):
        matched.append("globally_bounced")
    if failure == "classified_as_spam":
        matched.append("classified_as_spam")
    patience = 11 if contact.get("ever_engaged") is False else 16
    if account.get("suppress_unengaged") and (contact.get("sends_since_engagement") or 0) >= patience:
        matched.append("unengaged")
    if not valid_address(address):
        matched.append("invalid_recipient_address")
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        matched.append("invalid_recipient")
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        matched.append("permanently_undeliverable")
    if email.get("cancelled"):
        matched.append("cancelled")
    status = account.get("status")
    if status == "suspended":
        matched.append("account_suspended")
    elif status is None:
        undetermined.append("account_suspended")
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        matched.append("invalid_sender_address")
    sent, limit = account.get("monthly_sent"), account.get("monthly_limit")
    if sent is not None and limit is not None and sent >= limit and counts(account.get("limit_resets_at"), now):
        matched.append("account_over_monthly_limit")
    if account.get("tier") == "enterprise" and not email.get("frequency_exempt") and over_cap(contact, account, now):
        matched.append("frequency_capped")
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        matched.append("mailbox_full")
    if failure == "undeliverable" and not for_good:
        matched.append("undeliverable")
    if failure in ("unspecified", "permission_denied", "timed_out"):
        matched.append("unspecified_failure")
    return matched, undetermined


def every_one_to_one(context: Context) -> Found:
    now = context.get("now")
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    sender = context.get("sender") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    inbox = sender.get("inbox")
    matched: list[str] = []
    undetermined: list[str] = []
    opted_out = contact.get("opted_out_of_platform")
    spam_trap = contact.get("spam_trap")
    if opted_out or spam_trap:
        matched.append("opted_out_of_platform")
    elif opted_out is None or spam_trap is None:
        undetermined.append("opted_out_of_platform")
    marked_as_spam = contact.get("marked_as_spam")
    if marked_as_spam:
        matched.append("marked_as_spam")
    elif marked_as_spam is None:
        undetermined.append("marked_as_spam")
    company_opted_out = contact.get("company_opted_out")
    if company_opted_out:
        matched.append("company_opted_out")
    elif company_opted_out is None:
        undetermined.append("company_opted_out")
    domain_blocked = contact.get("domain_blocked")
    if domain_blocked:
        matched.append("domain_blocked")
    elif domain_blocked is None:
        undetermined.append("domain_blocked")
    if contact.get("hard_bounces"):
        matched.append("previously_bounced")
    if contact.get("globally_bounced"):
        matched.append("globally_bounced")
    if failure == "classified_as_spam":
        matched.append("classified_as_spam")
    if not valid_address(address):
        matched.append("invalid_recipient_address")
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        matched.append("invalid_recipient")
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        matched.append("permanently_undeliverable")
    if email.get("cancelled"):
        matched.append("cancelled")
    status = account.get("status")
    if status == "suspended":
        matched.append("account_suspended")
    elif status is None:
        undetermined.append("account_suspended")
    if email.get("scheduled_by_removed"):
        matched.append("scheduling_user_removed")
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        matched.append("invalid_sender_address")
    if inbox == "suspended":
        matched.append("inbox_suspended")
    if failure == "permission_denied":
        matched.append("send_permission_denied")
    if inbox == "authentication_failed":
        matched.append("inbox_authentication_failed")
    sent, limit = sender.get("sent_in_window"), sender.get("provider_limit")
    if sent is not None and limit is not None and sent >= limit and counts(sender.get("limit_resets_at"), now):
        matched.append("provider_limit_reached")
    if inbox == "connection_failed":
        matched.append("inbox_connection_failed")
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        matched.append("mailbox_full")
    provider = sender.get("provider")
    if failure == "timed_out" and provider == "microsoft":
        matched.append("microsoft_timed_out")
    if failure == "timed_out" and provider != "microsoft":
        matched.append("provider_timed_out")
    if failure == "undeliverable" and not for_good:
        matched.append("undeliverable")
    if failure == "unspecified":
        matched.append("unspecified_failure")
    return matched, undetermined


def every_transactional(context: Context) -> Found:
    email = context.get("email") or {}
    contact = context.get("contact") or {}
    account = context.get("account") or {}
    delivery = context.get("delivery") or {}
    address = contact["email"]
    host = domain(address)
    mailbox = contact.get("mailbox")
    failure = delivery.get("failure")
    matched: list[str] = []
    undetermined: list[str] = []
    if failure == "classified_as_spam":
        matched.append("classified_as_spam")
    if not valid_address(address):
        matched.append("invalid_recipient_address")
    smtp_status = delivery.get("smtp_status")
    unreachable = smtp_status is not None and fold(smtp_status) in UNREACHABLE_STATUSES
    if mailbox == "unreachable" or within(host, DISPOSABLE_DOMAINS) or unreachable:
        matched.append("invalid_recipient")
    for_good = smtp_status is not None and smtp_status.startswith("5") and not smtp_status.endswith(".2.2")
    if failure == "undeliverable" and for_good and not unreachable:
        matched.append("permanently_undeliverable")
    if email.get("cancelled"):
        matched.append("cancelled")
    status = account.get("status")
    if status == "suspended":
        matched.append("account_suspended")
    elif status is None:
        undetermined.append("account_suspended")
    from_address = email.get("from_address")
    if from_address is not None and not valid_address(from_address):
        matched.append("invalid_sender_address")
    if mailbox == "full" or failure == "mailbox_full" or (smtp_status and smtp_status.endswith(".2.2")):
        matched.append("mailbox_full")
    if failure == "undeliverable" and not for_good:
        matched.append("undeliverable")
    if failure in ("unspecified", "permission_denied", "timed_out"):
        matched.append("unspecified_failure")
    return matched, undetermined
