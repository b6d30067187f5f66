"""What the page of an audience says in English."""

from __future__ import annotations

from typing import Final

from sendable.render.words.forms import AudiencePageWords

AUDIENCE_PAGE: Final = AudiencePageWords(
    audience_summed_up="An audience summed up",
    to_figures="To the figures",
    heading="{sendable} of {contacts} contacts are sendable",
    heading_none="The audience is empty",
    nobody="There is no contact in the audience, and so there is nothing to count.",
    funnel="From the audience to those who are sendable",
    funnel_note="Every contact is counted once.",
    funnel_described="Bars, one for each step: what is left of the audience, and what the step takes away. {figures}",
    audience="The audience",
    step="Step",
    contacts="Contacts",
    share="Share",
    left="Left",
    adds_up="It adds up:",
    reasons="What stops the email",
    reasons_note=(
        "Each contact that a reason stops counts for its most important reason. Of these, “alone” have no "
        "other reason: the filled part of a bar. “In all” are those who have it, whatever is most important."
    ),
    reasons_described=(
        "A bar for each reason, the most frequent first, of which the filled part are contacts with that "
        "reason alone. {figures}"
    ),
    reason="Reason",
    alone="Alone",
    reason_alone="That reason alone",
    together="With other reasons too",
    any="In all",
    sum="Together",
    others="Other reasons, {count} of them",
    no_reasons="No reason was found.",
    gains="What would gain most",
    gains_lead=(
        "Most would be gained if this one reason no longer applied: {title}. {gain} more could get the "
        "email, {then} of all instead of {now}."
    ),
    gains_note=(
        "Only contacts with no other reason are gained. If several reasons no longer applied, it would be at "
        "least the sum of their gains: contacts with just those reasons come on top."
    ),
    gains_none="No reason alone stops anybody: whoever has one has another one too.",
    gain="Gained",
    sendable_then="Then sendable",
    fixable_by="Can be changed by",
    overlaps="Reasons that come together",
    overlaps_note=(
        "How many contacts have both reasons, the most frequent pairs first. A contact with three reasons counts "
        "in three pairs, so these do not add up to the audience. In the grid, a square belongs to the name to its "
        "right and to the name above it."
    ),
    overlaps_described=(
        "A grid of the reasons in the most frequent pairs, numbered; the fuller a square, the more "
        "contacts have both reasons. {figures}"
    ),
    overlaps_none="Nobody has more than one reason.",
    and_reason="And",
    more_pairs="{count} more pairs",
    from_to="{low} to {high}",
    no_overlap="none",
    monitored="What is only monitored",
    monitored_note=(
        "These reasons hold nobody back, and a contact may have several of them. Those who are sendable are the "
        "ones that would no longer be if the reason were enforced."
    ),
    newly="Of these sendable",
    missing="What is missing",
    missing_note=(
        "These contacts are undetermined: it is unknown whether a reason applies, and so they are held back. They "
        "are counted by the fields that lack a value."
    ),
    missing_none="Nobody is held back because data is missing.",
    invalid_values="Values that are not allowed",
    invalid_note=(
        "These contacts are invalid, and not decided. They are counted by the fields whose values are not allowed."
    ),
    invalid_none="Every value is allowed.",
    fields="Fields",
    more_rows="{count} more",
    repeated="On several rows",
    repeated_note=(
        "Each row was decided by itself, so that an address on several rows may both get the email and not. "
        "Addresses are the same however they are written: capitals and blanks make no difference."
    ),
    repeated_strictest=(
        "All rows of an address have the decision of the strictest of them. Addresses are the same "
        "however they are written: capitals and blanks make no difference."
    ),
    repeated_none="No address and no key is on several rows.",
    repeated_what="What",
    addresses="Addresses",
    disagreeing="Of these, addresses whose rows disagree",
    disagreeing_in="Addresses whose rows disagree on {field}",
    keys="Keys",
    number="Number",
    rows="Rows",
    columns="Columns that were not used",
    columns_note=(
        "Nothing was decided by these columns. One that says whether a contact may get email has to be named "
        "as the field that it is."
    ),
    columns_ignored="Ignored, because somebody asked for it:",
    columns_none="Every column was used.",
    samples="Reason by reason",
    samples_note="What people are told, and some of the contacts.",
    message="Message",
    fix="What to do",
    sample="For example",
    no_sample="No samples were taken.",
    percent="{number}%",
    below="<\N{NO-BREAK SPACE}{share}",
    above=">\N{NO-BREAK SPACE}{share}",
)
