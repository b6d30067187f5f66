"""SQL that DuckDB and Spark write alike, or nearly: how the texts that nearly all are, plain ASCII, are judged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sendable.engines import (
    HOPELESS_ADDRESS,
    LONGEST_DOMAIN,
    LONGEST_JUDGED,
    LONGEST_LOCAL,
    MOST_STOPS,
    PLAIN_ADDRESS,
    Asked,
    Part,
    parts_of,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two write differently. `matches` has places for a text and for a pattern."""

    bytes: str
    characters: str
    matches: str

    def rare(self, text: str, *, parents: bool) -> str:
        """Whether the text is not short, plain ASCII with one @ at most, no full stop at its end, no Punycode."""
        tests = [
            f"{self.bytes}({text}) <> {self.characters}({text})",
            f"{self.bytes}({text}) > {LONGEST_JUDGED}",
            f"contains({text}, '--')",
            f"{text} LIKE '%@%@%'",
            f"{text} LIKE '%.'",
        ]
        if parents:
            tests.append(f"{text} LIKE '{'%.' * (MOST_STOPS + 1)}%'")
        return f"({' OR '.join(tests)})"

    def valid_address(self, text: str) -> str:
        """Whether the text is a valid address; NULL where that takes Python to say."""
        at = f"instr({text}, '@')"
        short = f"{at} <= {LONGEST_LOCAL + 1} AND {self.bytes}({text}) - {at} <= {LONGEST_DOMAIN}"
        plain = f"{self.matches.format(text, PLAIN_ADDRESS)} AND {short}"
        return f"CASE WHEN {plain} THEN TRUE WHEN {self.matches.format(text, HOPELESS_ADDRESS)} THEN FALSE END"


def steps(text: str, asked: Collection[Asked]) -> tuple[list[dict[str, str]], dict[Part, list[str]]]:
    """What a text that is not rare is looked up by: columns to add one after the other, and those of each part.

    These are the part itself and, where a test asks for them, its parents, the longest first.
    """
    end = "CASE WHEN tag > 1 AND tag < at_sign THEN tag ELSE at_sign END"
    parts = {
        Part.WHOLE: "folded",
        Part.DOMAIN: "CASE WHEN at_sign > 0 THEN substr(folded, at_sign + 1) WHEN at_sign = 0 THEN '' END",
        Part.LOCAL_PART: f"CASE WHEN at_sign > 0 THEN left(folded, {end} - 1) WHEN at_sign = 0 THEN '' END",
    }
    wanted = parts_of(asked)
    if not wanted:
        return [], {}
    made = [
        {"folded": f"lower({text})"},
        {"at_sign": "instr(folded, '@')", "tag": "instr(folded, '+')"},
        {f"{part}_0": parts[part] for part in wanted},
    ]
    lines = {part: [f"{part}_0"] for part in wanted}
    for part in wanted:
        if any(one.test.parents and one.test.part is part for one in asked):
            for number in range(MOST_STOPS):
                child = f"{part}_{number}"
                # What follows the first full stop, NULL where there is none.
                made.append({f"{part}_{number + 1}": f"substr({child}, nullif(instr({child}, '.'), 0) + 1)"})
                lines[part].append(f"{part}_{number + 1}")
    return made, lines
