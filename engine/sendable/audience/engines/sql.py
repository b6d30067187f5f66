"""SQL that DuckDB and Spark write alike, or nearly: how the texts that nearly all are, plain ASCII, are judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sendable.audience.engines.operations import (
    HOPELESS_ADDRESS,
    LONGEST_COMMON,
    LONGEST_DOMAIN,
    LONGEST_JUDGED,
    LONGEST_LOCAL,
    MOST_STOPS,
    PLAIN_ADDRESS,
    Asked,
    Part,
    coded,
    common_address,
    fewest_stops,
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

    def common(self, text: str, asked: Iterable[Asked]) -> str:
        """Whether the text is an address that is valid, has its parts as they are folded, and no parent to look up."""
        tests = [one.test for one in asked]
        stops = fewest_stops(tests)
        if not stops or any(test.part is Part.WHOLE for test in tests):
            return "FALSE"
        return f"({self.matches.format(text, common_address(stops))} AND {self.bytes}({text}) <= {LONGEST_COMMON})"

    def valid_address(self, text: str) -> str:
        """Whether the text is a valid address; NULL where that takes Python to say."""
        at = f"instr({text}, '@')"
        short = f"{at} <= {LONGEST_LOCAL + 1} AND {self.bytes}({text}) - {at} <= {LONGEST_DOMAIN}"
        plain = f"{self.matches.format(text, PLAIN_ADDRESS)} AND {short}"
        return f"CASE WHEN {plain} THEN TRUE WHEN {self.matches.format(text, HOPELESS_ADDRESS)} THEN FALSE END"


def codes(flags: Sequence[str], quoted: Callable[[str], str]) -> dict[str, str]:
    """See `operations.coded`: the integers as SQL."""
    made = {}
    for code, columns in coded(flags).items():
        bits = (f"CASE WHEN {quoted(flag)} THEN {1 << place} ELSE 0 END" for place, flag in enumerate(columns))
        made[code] = " + ".join(["CAST(0 AS BIGINT)", *bits])
    return made


def steps(text: str, asked: Collection[Asked]) -> tuple[list[dict[str, str]], dict[Part, list[str]]]:
    """What a text that is not rare is looked up by: columns to add one after the other, and those of each part.

    These are the part itself and, where a test asks for them, its parents, the longest first. They read the column
    `common`, as `Dialect.common` has it: engines leave out what a condition rules out.
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
        {"folded": f"CASE WHEN common THEN {text} ELSE lower({text}) END"},
        {"at_sign": "instr(folded, '@')", "tag": "CASE WHEN common THEN 0 ELSE instr(folded, '+') END"},
        {f"{part}_0": parts[part] for part in wanted},
    ]
    lines = {part: [f"{part}_0"] for part in wanted}
    tests = [one.test for one in asked]
    for part in {test.part for test in tests if test.part is not None and test.parents}:
        for number in range(MOST_STOPS - fewest_stops(tests)):
            child = f"{part}_{number}"
            # What follows the first full stop, NULL where there is none.
            parent = f"CASE WHEN NOT common THEN substr({child}, nullif(instr({child}, '.'), 0) + 1) END"
            made.append({f"{part}_{number + 1}": parent})
            lines[part].append(f"{part}_{number + 1}")
    return made, lines


def strictest(group: str, rank: str, columns: Sequence[str], size: str, quoted: Callable[[str], str]) -> dict[str, str]:
    """See `engines.Engine.strictest`: the columns as SQL."""
    alone = f"{quoted(group)} IS NULL"
    order = ", ".join(
        [quoted(rank), f"{quoted('clears_at')} DESC NULLS FIRST", *(f"{quoted(one)} NULLS FIRST" for one in columns)]
    )
    window = f"PARTITION BY {quoted(group)}"
    chosen = {
        name: f"CASE WHEN {alone} THEN {quoted(name)} "
        f"ELSE first_value({quoted(name)}) OVER ({window} ORDER BY {order}) END"
        for name in columns
    }
    return {**chosen, size: f"CASE WHEN {alone} THEN 1 ELSE count(*) OVER ({window}) END"}
