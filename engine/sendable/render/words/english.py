"""What is said in English."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from sendable.language.types import Kind
from sendable.pack.model import Actor, Basis, Channel, OnUnknown, Retry
from sendable.render.words.forms import (
    AudiencePageWords,
    CoveragePageWords,
    DecisionWords,
    ExplanationPageWords,
    ExplanationWords,
    Grammar,
    PageWords,
    ReasonWords,
    State,
    SummaryWords,
    TestingWords,
    Words,
)

WORDS: Final = Words(
    language="en",
    name="English",
    states=MappingProxyType(
        {
            State.SENDABLE: "sendable",
            State.SUPPRESSED: "suppressed",
            State.UNDETERMINED: "undetermined",
            State.INVALID: "invalid",
            State.MONITORED: "only monitored",
            State.UNKNOWN: "unknown",
        }
    ),
    who=MappingProxyType(
        {
            Actor.USER: "the user who sends",
            Actor.CONTACT: "the contact",
            Actor.ADMIN: "an administrator",
            Actor.PROVIDER: "the email provider",
            Actor.TIME: "time alone",
            Actor.NOBODY: "nobody",
        }
    ),
    decision=DecisionWords(
        held_back="{state}, held back",
        fix="To do",
        retry="Try again",
        retries=MappingProxyType({Retry.NEVER: "never", Retry.AFTER_FIX: "once it is fixed", Retry.LATER: "later"}),
        fixable_by="Who can fix it",
        clears_at="Clears",
        also="Also",
        needs="needs {missing}",
        one_context="1 context",
        contexts="{count} contexts",
        counted="{count} {state}",
    ),
    explanation=ExplanationWords(
        because="Because",
        if_it_is_so="It is unknown whether this is so",
        would_clear="What would clear it",
        nothing_would="nothing that anybody is free to change",
        nothing_found="no way was found, though not all were tried",
        more_remedies="And {count} more ways, which --full shows.",
        not_complete="There may be other ways: not all were tried.",
        still="If only {reason} is cleared, what still suppresses the email: {still}",
        nothing="nothing",
        by_itself="Clears by itself",
        no="no",
        by_sender="You, the sender",
        by_time="With time",
        by_nobody="Nobody can change this",
        settled_by="Whether {reason} applies is known once these are: {paths}",
        applies="it applies",
        does_not_apply="it does not apply",
        applies_if="Condition",
        is_unknown="it is unknown whether it applies (on_unknown: {on_unknown})",
        other_channel="it is not for {channel} emails; its condition would be",
        reads="reads",
        uses="uses",
        looks_up="looks up",
        stands_at="stands at",
        no_data="no data",
        none="none",
        lacking="{state} ({missing} missing)",
    ),
    reasons=ReasonWords(
        columns=MappingProxyType(
            {
                "priority": "priority",
                "id": "reason",
                "title": "title",
                "channels": "channels",
                "basis": "basis",
                "floor": "floor",
                "on_unknown": "on unknown",
                "retry": "retry",
                "fixable_by": "fixable by",
                "message": "message",
            }
        ),
        reference="Reasons of the pack {name}",
        to_reasons="To the reasons",
        reference_intro=(
            "Every reason for which an email is not sent, in order of priority. "
            "The lowest number that applies is the one that people are told."
        ),
        contents="Contents",
        search="Search the reasons",
        search_found="{count} of {all} reasons",
        search_none="No reason has all of these words.",
        reasons="The reasons",
        name="Name",
        channels_name="Channels",
        basis="Basis",
        bases=MappingProxyType(
            {
                Basis.LEGAL: "the law",
                Basis.CHOICE: "a choice",
                Basis.DELIVERABILITY: "deliverability",
                Basis.REPUTATION: "reputation",
                Basis.ACCOUNT: "the account",
                Basis.SENDER: "the sender",
                Basis.OPERATION: "operation",
            }
        ),
        on_unknown="Where data is missing",
        on_unknowns=MappingProxyType(
            {OnUnknown.SUPPRESS: "the email is held back", OnUnknown.IGNORE: "it does not apply"}
        ),
        message="Message",
        if_unknown="Message where it is undetermined",
        codes="Codes elsewhere",
        reason_count="{count} reasons",
    ),
    summary=SummaryWords(
        contacts="contacts",
        suppressed_by="suppressed, by primary reason",
        count="contacts",
        share="share",
        alone="that reason alone",
        monitored="only monitored, by reason",
        newly="of these sendable",
        lacking="undetermined, by the data that is missing",
        invalid_in="invalid, by field",
        such_as="such as {examples}",
        no_value="no value, and every contact needs one",
        one_of="one of {choices}",
        at_least="at least {bound}",
        at_most="at most {bound}",
        of_these="{how}; the items are among {choices}",
        long="{how} of at most {most} characters",
        long_each="{how}; each of at most {most} characters",
        write="write {how}",
        how=MappingProxyType(
            {
                Kind.BOOLEAN: "true or false, yes or no, or 1 or 0",
                Kind.INTEGER: "a whole number, with nothing between its digits",
                Kind.NUMBER: "a number, with a decimal point and nothing between its thousands",
                Kind.STRING: "a text",
                Kind.TIMESTAMP: "2026-11-23T09:00:00+01:00, or name with --time-zone whose clocks show it",
                Kind.STRING_LIST: 'offers;news, with semicolons between the items, or as JSON: ["offers", "news"]',
            }
        ),
        unmatched=(
            "“{value}”, the campaign's {field}, is in nobody's {listed}. Contacts with others there: {contacts}, "
            "such as {examples}. Is it the right one?"
        ),
        unused="columns that were not used",
        ignored="columns that were ignored, as asked for",
        repeated="on several rows",
        number="number",
        rows="rows",
        addresses="addresses",
        disagreeing="whose rows disagree",
        keys="keys",
        as_strictest="All rows of an address have the decision of the strictest of them.",
        by_row="Each row was decided by itself.",
        others="others",
    ),
    page=PageWords(
        on_this_page="On this page",
        pack="Pack {name}, version {version}",
        place="{file}, line {line}",
        channels=MappingProxyType(
            {Channel.MARKETING: "Marketing", Channel.ONE_TO_ONE: "One to one", Channel.TRANSACTIONAL: "Transactional"}
        ),
        priority="Priority",
        condition="The condition",
        written="As written in the pack",
        floor="Floor: nothing switches it off",
    ),
    explanation_page=ExplanationPageWords(
        explanation="A decision explained",
        to_answer="To the answer",
        sendable="The email is sendable",
        suppressed="The email is suppressed",
        undetermined="The email is undetermined, and held back as data is missing",
        nothing_found="None of the reasons that emails of this kind are checked for stands in the way.",
        email_to="Email to",
        channel="Channel",
        decided="Decided",
        way="The way through the reasons",
        way_note="Every reason that emails of this kind are checked for, the most important first.",
        email="The email",
        not_reached="Sendable: not reached",
        passed="Passed",
        decides="Stops the email",
        applies_too="Applies too",
        undetermined_decides="Undetermined, stops the email",
        undetermined_too="Undetermined, stops it too",
        unknown_passes="Unknown, let through",
        monitored="Applies, only monitored",
        monitored_undetermined="Undetermined, only monitored",
        why="The condition and its parts",
        parts="Part by part",
        all_of="all of these",
        any_of="any of these",
        negation="not",
        other_channels="Not checked, as they are for other channels",
        clear="What would clear it",
        one_way="This is enough:",
        many_ways="Any one of these is enough:",
        together="All of this together:",
        other_way="Another way, with {count} changes",
        example="for example",
        no_value="no value",
        no_way="No change that anybody may make would clear it.",
        more_ways="There may be other ways: there were too many to try them all.",
        still="What would stop it all the same",
        still_intro="Once the reason at the top is cleared, these stop the email all the same:",
        still_nothing="Once the reason at the top is cleared, nothing else stops the email.",
        when="When it clears by itself",
        from_then="If nothing else changes, the email may be sent from {time}.",
        some_day="By itself, but it is not known when.",
        never="Not by itself.",
        missing="What is missing",
        missing_intro="To know whether this applies, it is enough to know",
        either="or else",
        value="If it is",
        outcome="Then the reason",
        applies="applies",
        applies_not="does not apply",
    ),
    audience_page=AudiencePageWords(
        audience_summed_up="An audience summed up",
        to_figures="To the figures",
        heading="{sendable} of {contacts} contacts are sendable",
        heading_none="The audience is empty",
        nobody="There is no contact in the audience, and so there is nothing to count.",
        funnel="From the audience to those who are sendable",
        funnel_note="Every contact is counted once.",
        funnel_described="Bars, one for each step: what is left of the audience, and what the step takes away. "
        "{figures}",
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
    ),
    tests=TestingWords(
        subjects=MappingProxyType(
            {
                "condition": "condition",
                "operand": "operand",
                "order": "order",
                "message": "message",
                "fix": "fix",
                "undetermined": "undetermined",
            }
        ),
        passed="{count} passed",
        failed="{count} failed",
        case_failed="failed",
        one_case="1 case",
        cases="{count} cases",
        left_out="{cases} left out by the filter",
        expected="expected",
        actual="actual",
        priority="priority {priority}",
        other_channel="is not for `{channel}` emails; its condition would be:",
        condition_is="its condition is {value}",
        ignored="and `on_unknown` is `{on_unknown}`",
        never_seen="never seen",
        one_outcome="1 outcome",
        outcomes="{count} outcomes",
        coverage="coverage: {share}, {seen} of {outcomes} seen",
        impossible="{count} can't come about",
        condition="the condition {outcome}",
        as_primary="as the primary reason",
        as_monitored="as a reason that is only monitored",
        text_in="{subject} in {outcome}: {text}",
        survived="survived",
        no_case="no context was found that tells the two apart; it may be that there is none",
        this_case="this case would, under `cases:` in {file}:",
        one_change="1 change",
        changes="{count} changes",
        mutation="mutation: {score}, {killed} of {changes} noticed",
        equivalent="{count} more change nothing",
        kind="{noticed} of {count}",
        kinds=MappingProxyType(
            {
                "comparison": "a comparison is another one",
                "bound": "a number in a condition is one more or one less",
                "negation": "a part of a condition is its opposite",
                "operand": "a part of a condition is left out",
                "logic": "`and` and `or` change places",
                "default": "what holds for a missing value is something else",
                "priority": "two neighbouring reasons change places",
                "on_unknown": "`on_unknown` is the other one",
                "channel": "a reason is for one kind of email more or fewer",
                "mode": "`mode` is the other one",
                "floor": "`floor: true` is left out",
                "retry": "`retry` is another one",
                "fixable_by": "`fixable_by` is somebody else",
                "clears_at": "`clears_at` is left out",
                "code": "a code of another system is left out",
                "parameter": "a parameter is one more, one less or its opposite",
                "entry": "an entry is left out of a list",
                "stretch": "a twentieth is left out of a long list",
            }
        ),
        likewise="and likewise {count} more, which the same case notices",
        failed_case="test failed: {name}",
        unseen="never seen by a test",
        unnoticed="no test notices",
        would_notice="{message}; this case would:",
        coverage_below="the coverage is {share} %, and at least {least} % is asked for",
        mutation_below="the mutation score is {share} %, and at least {least} % is asked for",
        mismatch="{name}: expected {expected}, actual {actual}",
    ),
    coverage_page=CoveragePageWords(
        title="Coverage of the pack {name}",
        to_report="To the report",
        version="Version",
        ran="{cases} cases, {failed} failed.",
        share="{share} % of the outcomes that can come about were seen: {seen} of {outcomes}.",
        noticed="{noticed} of {changes} changes to the pack are noticed by a test; {equivalent} more change nothing.",
        never_seen="Never seen",
        lacking="Reasons with something never seen",
        noticing="A case that would notice",
        survivors="Changes that no test notices",
        outcomes="Outcomes of {reason} ({place})",
        of="Of",
        outcome="Outcome",
        seen_by="Seen by",
        seen="{seen} of {outcomes} seen",
        and_more="and {count} more",
        never="never seen",
        impossible="can’t come about",
    ),
    grammar=Grammar(
        conjunction="and",
        disjunction="or",
        quoted="“{}”",
        comparisons=MappingProxyType(
            {
                "==": "{left} is {right}",
                "!=": "{left} is not {right}",
                "<": "{left} is less than {right}",
                "<=": "{left} is at most {right}",
                ">": "{left} is more than {right}",
                ">=": "{left} is at least {right}",
            }
        ),
        limits=MappingProxyType(
            {
                "==": "{left} is as high as {right}",
                "!=": "{left} is not as high as {right}",
                "<": "{left} has not reached {right}",
                "<=": "{left} does not exceed {right}",
                ">": "{left} exceeds {right}",
                ">=": "{left} has reached {right}",
            }
        ),
        times=MappingProxyType(
            {
                "==": "{left} is {right}",
                "!=": "{left} is not {right}",
                "<": "{left} is before {right}",
                "<=": "{left} is not after {right}",
                ">": "{left} is after {right}",
                ">=": "{left} is not before {right}",
            }
        ),
        since=MappingProxyType(
            {
                "==": "{time} is the time of the decision",
                "!=": "{time} is not the time of the decision",
                "<": "{time} has not come yet",
                "<=": "{time} has not passed yet",
                ">": "{time} has passed",
                ">=": "{time} has come",
            }
        ),
        is_case="it is so: {name}",
        is_not_case="it is not so: {name}",
        among="{item} is among {list}",
        not_among="{item} is not among {list}",
        data="there is data on {name}",
        no_data="there is no data on {name}",
        or_no_data="{clause} (as far as is known)",
        otherwise="{name} ({value} if that is not known)",
        hours_after="the time as many hours after {0} as {1}",
        calls=MappingProxyType(
            {
                "domain": "the domain of {0}",
                "local_part": "what stands before the @ in {0}",
                "lower": "{0} in lower case",
                "lookup": "what {1} say of {0}",
                "count": "how many {0} there are",
                "hours_since": "the number of hours since {0}",
                "days_since": "the number of days since {0}",
                "add_hours": "the time {1} h after {0}",
                "valid_address": "{0} is a valid email address",
                "starts_with": "{0} begins with {1}",
                "ends_with": "{0} ends with {1}",
                "contains": "{0} has {1} in it",
                "overlaps": "{0} and {1} have something in common",
                "in_domains": "{0} belongs to {1}",
            }
        ),
        negated_calls=MappingProxyType(
            {
                "valid_address": "{0} is not a valid email address",
                "starts_with": "{0} does not begin with {1}",
                "ends_with": "{0} does not end with {1}",
                "contains": "{0} does not have {1} in it",
                "overlaps": "{0} and {1} have nothing in common",
                "in_domains": "{0} does not belong to {1}",
            }
        ),
        sums=MappingProxyType(
            {
                "+": "the sum of {0} and {1}",
                "-": "the difference between {0} and {1}",
                "*": "the product of {0} and {1}",
                "/": "{0} divided by {1}",
            }
        ),
        minus="minus {0}",
        same="both of these are so, or neither is: ({left}), ({right})",
        different="only one of these is so: ({left}), ({right})",
        always="this is always so",
        never="this is never so",
        on="the parameter “{name}” is on",
        off="the parameter “{name}” is off",
        field="the field “{name}”",
        list="the entries of “{name}”",
        nothing="no entries at all",
        see_to_it="see to it that {clause}",
        look_up="look up {name}; it clears if {clause}",
        look_up_list="look up {name}",
        supply="supply {name}, such as {value}",
        passes="what is known of this no longer holds: {name}",
        change="change {name} to {value}",
        lower="bring {name} down to {value} or less",
        raise_="bring {name} up to {value} or more",
        remove="clear what is recorded of this: {name}",
        add_item="add {item} to {name}",
        remove_item="remove {item} from {name}",
    ),
)
