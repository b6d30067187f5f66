"""Email addresses: whether one is well formed, its parts, and the form in which texts are compared with lists.

Nothing is looked up anywhere, and the work is bounded whatever the input: addresses come from outside. The libraries
are imported where they are needed: that takes longer than all else a short run does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256

LONGEST_ADDRESS = 320
"""Characters of the longest text that can be an address: 64 + @ + 255 (RFC 5321, 4.5.3.1). The library's own limit is
that of a path, 254 (RFC 5321, 4.5.3.1.3); this one keeps longer texts away from it."""

_LONGEST_FOLDED = 1024
"""Longer texts are not normalized, which takes time quadratic in the length of a run of combining marks."""

_LONGEST_LABEL = 63  # RFC 1035, 2.3.4
_LONGEST_DOMAIN = 255  # RFC 5321, 4.5.3.1.2

_AT = "@\N{SMALL COMMERCIAL AT}\N{FULLWIDTH COMMERCIAL AT}"
"""Every character that NFKC makes an @."""

_IDEOGRAPHIC_STOPS = "\N{IDEOGRAPHIC FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}"
_STOP = re.compile(rf"[.\N{{FULLWIDTH FULL STOP}}{_IDEOGRAPHIC_STOPS}]")
"""The characters that separate the labels of a domain (UTS #46, 2.3)."""

IGNORABLE = [
    *(0x00AD, 0x034F, 0x061C, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x115F, 0x1161),
    *range(0x17B4, 0x17B6),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
]
"""Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt): characters that can't be seen."""

_REPLACED: dict[int, str | None] = {**dict.fromkeys(IGNORABLE), **dict.fromkeys(map(ord, _IDEOGRAPHIC_STOPS), ".")}

_PUNYCODE_LABEL = re.compile(r"(?<![^.@])xn--[^.@]+")


# What nearly every address looks like: ASCII, a dot-atom before the @ (RFC 5322, 3.2.3), labels of letters, digits and
# single hyphens behind it, and a top-level domain of letters. No part of it can match in two ways, so it is linear.
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?=[^.]{1,63}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,63}"
)
_LONGEST_PLAIN = 254

# The same with letters of Latin-1 beyond ASCII (RFC 6531, RFC 5891), but for ß, which not all make the same of. Labels
# are short enough to have at most 63 characters in Punycode, whatever their letters.
_LATIN = re.compile(
    r"(?=[^@]{1,32}@)[A-Za-zÀ-ÖØ-Þà-öø-ÿ0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-zÀ-ÖØ-Þà-öø-ÿ0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?=[^.]{1,22}\.)[A-Za-zÀ-ÖØ-Þà-öø-ÿ0-9]+(?:-[A-Za-zÀ-ÖØ-Þà-öø-ÿ0-9]+)*\.)+[A-Za-z]{2,22}"
)
_LONGEST_LATIN = 100


def valid_address(address: str) -> bool:
    """Whether `address` is a well-formed address of a mailbox (RFC 5321, RFC 6531), such as one enters in a form.

    Internationalized addresses are; those with a display name, a quoted local part, a domain literal or a domain
    without a dot are not. Those in special-use domains (RFC 6761) are: not to send to them is policy. Nothing is
    looked up: whether the domain exists is another question.
    """
    if len(address) <= _LONGEST_PLAIN and _PLAIN.fullmatch(address):
        return True
    if not 0 < len(address) <= LONGEST_ADDRESS or "@" not in address:
        return False
    if len(address) <= _LONGEST_LATIN and _LATIN.fullmatch(address):
        return True
    return _well_formed(address) or _well_formed_special_use(address)


def _well_formed(address: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        validate_email(
            address,
            allow_smtputf8=True,
            allow_empty_local=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=False,
            check_deliverability=False,
            test_environment=False,
            globally_deliverable=True,
        )
    except EmailNotValidError:
        return False
    return True


def _well_formed_special_use(address: str) -> bool:
    """Whether `address` is well formed and its domain one of the special-use domains, which the library refuses.

    The library has no option for them but a list in its module, which is everybody's. So the address is judged with
    another top-level domain, as long as its own, in the place of `local`, `test` and the like.
    """
    import idna  # noqa: PLC0415
    from email_validator import SPECIAL_USE_DOMAIN_NAMES  # noqa: PLC0415

    local, at, name = address.rpartition("@")
    try:
        plain = idna.uts46_remap(name, std3_rules=False)
    except idna.IDNAError:
        return False
    if not any(plain == special or plain.endswith(f".{special}") for special in SPECIAL_USE_DOMAIN_NAMES):
        return False
    last = _STOP.split(name)[-1]
    return _well_formed(f"{local}{at}{name.removesuffix(last)}{'x' * len(last)}")


def fold(text: str) -> str:
    """The form in which entries of lists and what is looked up in them are compared; folding it again changes nothing.

    It is Unicode's NFKC_Casefold (Unicode Standard, 3.13: compatibility forms, case, invisible characters), with the
    label separators of UTS #46 made full stops and Punycode labels (RFC 5891) written in Unicode where they are ones.
    As it is made for comparing, it is coarser than DNS: `straße.de` and `strasse.de` are the same. Texts of more than
    1024 characters, which are no entries of lists, are put in lower case if they are ASCII, and else left as they are.
    """
    if text.isascii():
        text = text.lower()
        if "xn--" not in text:
            return text
    if len(text) > _LONGEST_FOLDED:
        # Not even in case: a folded text can have grown longer than this, and folding it again must not change it.
        return text
    # A round after the first has something to do only where a label was decoded, and a decoded label is no Punycode
    # label again (RFC 5891, 4.2.3.1), so there is an end to it.
    while True:
        folded = _PUNYCODE_LABEL.sub(_decoded, _normalized(text))
        if folded == text:
            return text
        text = folded


@lru_cache(maxsize=1)
def digest(address: str) -> str:
    """The SHA-256 of an address as lists of digests have it: of its folded form in UTF-8, in hexadecimal, lower case.

    The last one is remembered: several lists may be asked for the address of one decision.
    """
    return sha256(fold(address).encode("utf-8", "surrogatepass")).hexdigest()


_BESIDE = " \t\r\n,;"
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")


def compared(address: str) -> str:
    """The form in which addresses are told apart: folded, and without blanks around it. The tag stays.

    What stands around an address where it was copied from a letter is none of it: `Kim <kim@example.com>;` is
    `kim@example.com`. No valid address has a name before angle brackets, or ends in a semicolon or a comma.
    """
    text = fold(address).strip().strip(_BESIDE)
    named = _NAMED.fullmatch(text)
    return text if named is None else named[1].strip()


def _normalized(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_REPLACED).casefold())
    # Twice is what NFKC_Casefold is defined by; U+0345 and a few others need it.
    return unicodedata.normalize("NFKC", folded.translate(_REPLACED).casefold())


def _decoded(label: re.Match[str]) -> str:
    import idna  # noqa: PLC0415

    if len(label[0]) > _LONGEST_LABEL:
        return label[0]
    try:
        return idna.ulabel(label[0])
    except idna.IDNAError:
        return label[0]


def _last_at(address: str) -> int:
    return max(map(address.rfind, _AT))


def domain(address: str) -> str:
    """The folded text after the last @ of `address`, without a final dot; empty when there is no @."""
    if address.isascii() and "xn--" not in (text := address.lower()):
        return text.rpartition("@")[2].removesuffix(".") if "@" in text else ""
    at = _last_at(address)
    return _shortened(address[at + 1 :], lambda name: name.removesuffix(".")) if at >= 0 else ""


def local_part(address: str) -> str:
    """The folded text before the last @ of `address`, without what follows a plus; empty when there is no @.

    Where nothing stands before the plus, the tag stays. That a plus begins a tag is a custom (RFC 5233) and no rule of
    SMTP.
    """
    if address.isascii() and "xn--" not in (text := address.lower()):
        local = text.rpartition("@")[0]
        return local.partition("+")[0] or local
    at = _last_at(address)
    if at < 0:
        return ""
    return _shortened(address[:at], lambda local: local.partition("+")[0] or local)


def base_address(address: str) -> str:
    """The folded address without what follows a plus: `local_part`, @ and `domain`; empty when there is no @."""
    local, name = local_part(address), domain(address)
    return f"{local}@{name}" if local or name or _last_at(address) >= 0 else ""


def _shortened(text: str, cut: Callable[[str], str]) -> str:
    """`text` folded and then cut; what is left can have become a Punycode label, or short enough to be folded."""
    folded = fold(text)
    left = cut(folded)
    return folded if left == folded else fold(left)


def parents(domain: str) -> Iterator[str]:
    """`domain` and each domain it belongs to, the longest first: a.b.c, b.c, c. Parents have at most 255 characters."""
    if not domain:
        return
    yield domain
    stop = domain.find(".", max(0, len(domain) - _LONGEST_DOMAIN - 1))
    while stop >= 0:
        if stop + 1 < len(domain):
            yield domain[stop + 1 :]
        stop = domain.find(".", stop + 1)
