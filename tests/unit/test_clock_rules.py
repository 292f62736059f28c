"""The clocks as rule files: all that was researched is there, and what is not known is said to be unknown."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from qingtian.law import clocks
from qingtian.law.terms import ExtensionNotForeseen, ExtensionOutOfBounds, Grant, LengthNotStated, term

SHARED = Path(os.environ.get("QINGTIAN_SHARED", "../shared"))
DAY = date(2026, 3, 2)


def researched() -> dict[str, dict[str, str]]:
    file = SHARED / "domain/deadlines.csv"
    if not file.is_file():
        pytest.skip("set QINGTIAN_SHARED to compare with the researched table")
    with file.open(encoding="utf-8") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def test_it_has_97_clocks_each_with_its_own_name_and_a_basis() -> None:
    found = clocks.every()
    assert len(found) == len({clock.name for clock in found}) == 97
    assert all(clock.basis and clock.start_event.zh and clock.actor.zh for clock in found)


def test_it_keeps_every_column_of_the_researched_table() -> None:
    rows = researched()
    assert {clock.name for clock in clocks.every()} == set(rows)
    for clock in clocks.every():
        row = rows[clock.name]
        assert (clock.matter, clock.words.zh, clock.words.en) == (row["matter"], row["name_zh"], row["name_en"])
        assert clock.roll == (row["roll_forward"] == "yes"), clock.name
        assert (clock.start_event.en, clock.actor.en) == (row["start_event"], row["actor"])
        assert clock.extension_wording == row["extension"]
        assert (clock.excluded.en if clock.excluded else "") == row["excluded_or_suspended"]
        assert (clock.if_missed.en if clock.if_missed else "") == row["if_missed"]
        assert clock.confidence == row["confidence"]
        assert clock.basis == row["basis"] or row["basis"].startswith("same, ")


def test_it_keeps_every_figure_but_the_two_that_are_no_plain_period() -> None:
    rows = researched()
    for clock in clocks.every():
        row = rows[clock.name]
        if clock.name == "OGI-YEAR":
            assert (clock.count, clock.month_day, row["unit"]) == (None, (1, 31), "january")
            continue
        assert (clock.count, clock.unit) == (int(row["n"]), row["unit"]), clock.name
        # Art 36 of the Penalty Law counts the limitation on from the act; the note of the rule says so
        assert clock.direction == ("after" if clock.name == "PEN-LIM" else row["direction"])


def test_it_puts_every_extension_of_the_wording_into_figures_or_says_that_there_is_none() -> None:
    for clock in clocks.every():
        assert bool(clock.extension_wording) == bool(clock.extensions or clock.variants), clock.name
    unknown = {clock.name for clock in clocks.every() for each in clock.extensions if each.count is None}
    unknown |= {clock.name for clock in clocks.every() for each in clock.variants if each.count is None}
    assert unknown == {"PEN-PAY", "CR-DECIDE", "DECN-PUB"}


def test_it_is_sure_of_a_clock_only_where_its_text_was_read() -> None:
    doubtful = {clock.name for clock in clocks.every() if clock.rule.certainty == "memory"}
    assert doubtful == {
        "DMG-SCREEN", "DMG-NEG", "CR-DECIDE", "CR-SYNC", "NORM-VALID", "PROP-OBJ", "PROP-CO", "PROP-REDO"
    }  # fmt: skip


def test_it_finds_a_clock_in_any_case_and_offers_the_nearest_to_a_name_it_does_not_know() -> None:
    assert clocks.named("pen-dec", day=DAY).name == "PEN-DEC"
    with pytest.raises(clocks.UnknownClock, match="PEN-DEC") as refusal:
        clocks.named("PEN-DECC", day=DAY)
    assert "PEN-DEC" in refusal.value.sentence("zh")
    with pytest.raises(clocks.UnknownClock, match="PEN-HREQ"):
        clocks.named("听证", day=DAY)


def test_it_knows_no_other_matter_and_no_other_variant() -> None:
    with pytest.raises(clocks.UnknownMatter, match="reconsideration"):
        clocks.of_matter("taxes")
    with pytest.raises(clocks.UnknownVariant, match="simple"):
        term(clocks.named("REC-DEC", day=DAY), variant="complex")


@pytest.mark.parametrize(
    ("name", "grants", "error"),
    [
        ("PEN-DEF", [Grant()], ExtensionNotForeseen),
        ("PEN-FILE", [Grant(), Grant()], ExtensionNotForeseen),
        ("PEN-FILE", [Grant(count=16)], ExtensionOutOfBounds),
        ("PEN-FILE", [Grant(count=0)], ExtensionOutOfBounds),
        ("PEN-PAY", [Grant(count=-1)], ExtensionOutOfBounds),
        ("PEN-PAY", [Grant()], LengthNotStated),
    ],
)
def test_it_refuses_an_extension_the_rule_does_not_carry(
    name: str, grants: list[Grant], error: type[Exception]
) -> None:
    with pytest.raises(error, match=name):
        term(clocks.named(name, day=DAY), grants=grants)


def test_it_invents_no_length_for_a_shortening_without_a_figure() -> None:
    with pytest.raises(LengthNotStated, match="no number of days"):
        term(clocks.named("DECN-PUB", day=DAY), variant="emergency")
