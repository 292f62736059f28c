"""The law's clocks and figures stand in the kinds: what the table of deadlines knows is used as the law has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest

from qingtian.base.times import BEIJING
from qingtian.law import calendar, clocks
from qingtian.law.machine import shelf
from qingtian.law.machine.definition import ClockMove, Definition
from qingtian.law.machine.state import FactValue
from qingtian.law.machine.step import view_of
from qingtian.office.papers import layout, trial

KINDS = {each.folder: each for each in shelf.discover(more=()).kinds.values()}
NOON = datetime(2026, 11, 23, 12, tzinfo=BEIJING)

NOT_OURS = {
    "OGI-ACT": "publication without a request is no matter",
    "OGI-YEAR": "the report of the year is no matter",
    "LIT-FILE": "the plaintiff's, and for the court to judge",
    "REC-APPLY": "the applicant's, and for the body to judge",
    "REC-ACC": "the reconsideration body's",
    "REC-COPY": "the reconsideration body's",
}
NO_FIGURE = {("DECN-PUB", "emergency"): "shorter with reasons, the regulation says no number"}


def moves(kind: str) -> Iterator[ClockMove]:
    for definition in KINDS.values():
        yield from (move for act in definition.acts.values() for move in act.clocks if move.move == kind)


def test_every_clock_of_the_table_runs_in_some_kind_but_those_of_others() -> None:
    started = {move.clock for move in moves("start")}
    assert {clock.name for clock in clocks.every()} - started == set(NOT_OURS)


def test_every_extension_exclusion_and_variant_of_these_clocks_is_used() -> None:
    ours = [clock for clock in clocks.every() if clock.name not in NOT_OURS]
    extended, paused = ({move.clock for move in moves(kind)} for kind in ("extend", "pause"))
    started = {(move.clock, move.variant) for move in moves("start")}
    assert {clock.name for clock in ours if clock.extensions} <= extended
    assert {clock.name for clock in ours if clock.excluded} <= paused
    variants = {(clock.name, variant.name) for clock in ours for variant in clock.variants}
    assert variants - started == set(NO_FIGURE)


def holds(definition: Definition, guard: str, **facts: FactValue) -> bool:
    return definition.guards[guard].when.holds(view_of(definition, None, facts, at=NOON))


LEVELS = ("ordinary", "larger", "major", "grave")
FROM = {  # 突发环境事件信息报告办法 附录: from which figure on an incident is larger, major, especially grave
    "deaths": (3, 10, 30),
    "injured": (10, 50, 100),
    "evacuated": (5_000, 10_000, 50_000),
    "loss": (5_000_000, 20_000_000, 100_000_000),
}


@pytest.mark.parametrize("figure", FROM)
@pytest.mark.parametrize("place", range(3))
def test_an_incident_is_rated_no_lower_than_any_of_its_figures(figure: str, place: int) -> None:
    kind, nothing = KINDS["emergency_incident"], dict.fromkeys(FROM, 0)
    at, below = FROM[figure][place], FROM[figure][place] - 1
    for number, level in enumerate(LEVELS):
        assert holds(kind, "level_covers_figures", level=level, **{**nothing, figure: at}) == (number > place)
        assert holds(kind, "level_covers_figures", level=level, **{**nothing, figure: below}) == (number >= place)


@pytest.mark.parametrize(
    ("code", "fine"), [("penalty", "fine"), ("penalty_simple", "fine"), ("daily_penalty", "amount")]
)
@pytest.mark.parametrize(
    ("sum_", "days", "due"), [("100000", 14, "42000"), ("60000", 0, "0"), ("200", 33, "198"), ("200", 34, "200")]
)
def test_the_surcharge_is_three_percent_a_day_and_never_more_than_the_fine(
    code: str, fine: str, sum_: str, days: int, due: str
) -> None:
    kind, known = KINDS[code], {fine: Decimal(sum_), "late_days": days}
    cent = Decimal("0.01")
    assert holds(kind, "surcharge_right", surcharge=Decimal(due), **known)
    assert not holds(kind, "surcharge_right", surcharge=Decimal(due) + cent, **known)
    if Decimal(due):
        less = {**known, "surcharge": Decimal(due) - cent}
        assert not holds(kind, "surcharge_right", **less)
        assert holds(kind, "surcharge_right", surcharge_reason="执行协议，已采取补救措施", **less)


def text_of(code: str, paper: str) -> str:
    folder = next(each for each in shelf.folders() if each.name == code)
    made = {each.name: each for each in trial.walked(folder, calendar=calendar.official())}
    return "\n".join(block.text for block in layout.blocks(made[paper], layout.values(made[paper])))


def test_who_is_punished_on_the_spot_is_sent_to_reconsideration_first() -> None:
    on_the_spot, ordinary = text_of("penalty_simple", "decision"), text_of("penalty", "decision")
    assert "先向本级人民政府申请行政复议" in on_the_spot
    assert "直接向有管辖权的人民法院提起行政诉讼" not in on_the_spot
    assert "直接向有管辖权的人民法院提起行政诉讼" in ordinary


def test_a_penalty_says_which_law_was_broken_and_what_weighed_in_it() -> None:
    for paper in ("prior_notice", "decision"):
        said = text_of("penalty", paper)
        assert all(word in said for word in ("违反了", "裁量因素", "依照"))
        assert "＿" not in said.split("联系人")[0], "nothing of it is left to be written by hand"
