"""A matter begun elsewhere is placed in its stage: what counts as done, what has to be told, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest

from qingtian.base.times import BEIJING
from qingtian.law import calendar
from qingtian.law.machine import record, shelf, untaken
from qingtian.law.machine.allowed import allowed
from qingtian.law.machine.arrivals import Arrival, arrivals
from qingtian.law.machine.definition import TAKEN_OVER, Definition
from qingtian.law.machine.gates import NoticeStillRuns
from qingtian.law.machine.state import Event, Outcome, Person, Refusal
from qingtian.law.machine.step import MatterClosed, step
from qingtian.law.machine.taking import Taking, take_over

OFFICIAL = calendar.official()
NOW = datetime(2026, 11, 23, 10, tzinfo=BEIJING)
CLERK = Person(name="desk", roles=frozenset({"clerk"}))
OFFICER = Person(name="officer", roles=frozenset({"officer"}), qualifications=frozenset({"enforcement"}))
TOLD = Taking(
    at=NOW,
    by=CLERK,
    opened=datetime(2026, 8, 3, 9, tzinfo=BEIJING),
    reached=datetime(2026, 11, 20, tzinfo=BEIJING),
    number="深环宝罚立〔2026〕7号",
    file="ab" * 32,
    row=5,
)
NOTIFIED: dict[str, Any] = {
    "facts": {"party_kind": "entity", "harm": "none", "proposed_fine": "60000", "proposed_confiscation": "0"},
    "people": {"investigator": (OFFICER,)},
    "clocks": {"PEN-LIM": date(2026, 8, 1), "PEN-DEC": date(2026, 8, 10), "PEN-DEF": date(2026, 11, 20)},
}


def kind(code: str) -> Definition:
    return shelf.discover().on(code, day=NOW.date())


@cache
def ways(code: str) -> dict[str, Arrival]:
    folder = shelf.folder_of(kind(code))
    assert folder is not None
    return arrivals(kind(code), folder, calendar=OFFICIAL)


def taken(code: str, stage: str, **words: Any) -> Outcome:
    return take_over(kind(code), ways(code)[stage], replace(TOLD, **words), calendar=OFFICIAL)


def test_it_stands_in_its_stage_and_nobody_has_acted() -> None:
    outcome = taken("penalty", "notified", **NOTIFIED)
    state = outcome.state
    assert (state.stage, state.closed, state.papers) == ("notified", False, ())
    (first,) = state.history
    assert (first.act, first.by, first.role, first.at) == (TAKEN_OVER, "desk", "", TOLD.reached)
    assert state.acted == {"investigator": frozenset({"officer"})}
    assert state.taken is not None
    assert state.taken.acts == ("discover", "file", "inspect", "report", "review_pass", "notify")
    assert (state.taken.number, state.taken.row) == (TOLD.number, 5)
    assert {run.clock: run.due for run in state.clocks} == {
        "PEN-LIM": date(2028, 8, 1), "PEN-DEC": date(2026, 11, 9), "PEN-DEF": date(2026, 11, 27),
    }  # fmt: skip
    assert [effect.kind for effect in outcome.effects] == ["clock_started"] * 3
    assert record.read(kind("penalty"), json.loads(json.dumps(record.written(state)))) == state


def test_what_the_walks_do_before_the_stage_counts_as_done_and_filed() -> None:
    state = taken("penalty", "notified", **NOTIFIED).state
    assert [state.last(name) for name in ("discover", "notify", "decide")] == [0, 5, -1]
    assert state.has_paper("prior_notice")
    assert not state.has_paper("decision")
    # an act that is done here comes after all that was done elsewhere
    event = Event(act="defend", at=NOW, by=OFFICER, facts={"statement": "无异议"})
    done = step(kind("penalty"), state, event, calendar=OFFICIAL).state
    assert done.last("defend") == 7
    assert done.last("notify") == 5


def test_a_notice_that_still_runs_is_waited_for() -> None:
    state = taken("penalty", "notified", **NOTIFIED).state
    head = Person(name="head", roles=frozenset({"head"}))
    found = {each.act.name: each.reasons for each in allowed(kind("penalty"), state, head, at=NOW)}
    assert any(isinstance(each, NoticeStillRuns) for each in found["decide"])


CASES: list[tuple[str, dict[str, Any], type[Refusal], str]] = [
    ("notified", {"reached": datetime(2026, 7, 1, tzinfo=BEIJING)}, untaken.ReachedBeforeOpening, "2026-08-03"),
    ("notified", {"reached": datetime(2026, 12, 1, tzinfo=BEIJING)}, untaken.ReachedInTheFuture, "2026-12-01"),
    ("notified", {"opened": datetime(2027, 1, 1, tzinfo=BEIJING)}, untaken.OpenedInTheFuture, "2027-01-01"),
    ("notified", {"done": frozenset({"decide"})}, untaken.NotDoneBefore, "处罚决定"),
    ("notified", {"facts": {}}, untaken.FactsWanting, "当事人类型"),
    ("notified", {"clocks": {}}, untaken.ClocksWanting, "PEN-DEF"),
    ("notified", {"clocks": NOTIFIED["clocks"] | {"PEN-PAY": date(2026, 11, 1)}}, untaken.ClocksNotHere, "PEN-PAY"),
    ("notified", {"clocks": NOTIFIED["clocks"] | {"PEN-DEC": date(2027, 1, 2)}}, untaken.ClockInTheFuture, "2027-01"),
    ("notified", {"people": {"investigator": (CLERK,)}}, untaken.NotOfThePost, "desk"),
    ("performed", {}, untaken.ClocksAtAnEnd, "PEN-DEC"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "words", "refusal", "said"), CASES)
def test_what_cannot_be_is_refused_with_a_sentence(
    stage: str, words: dict[str, Any], refusal: type[Refusal], said: str
) -> None:
    with pytest.raises(refusal) as error:
        taken("penalty", stage, **{**NOTIFIED, **words})
    assert said in error.value.sentence("zh")
    assert "{" not in error.value.sentence("zh") + error.value.sentence("en")


def test_a_clock_that_only_some_cases_have_is_asked_for_in_those() -> None:
    # where a hearing was offered the time to ask for it runs as well
    large = {**NOTIFIED, "facts": {**NOTIFIED["facts"], "hearing_offered": True}}
    with pytest.raises(untaken.ClocksWanting) as error:
        taken("penalty", "notified", **large)
    assert "PEN-HREQ" in error.value.sentence("zh")
    assert "PEN-DEC" not in error.value.sentence("zh")
    days = {**NOTIFIED["clocks"], "PEN-HREQ": date(2026, 11, 20)}
    assert taken("penalty", "notified", **{**large, "clocks": days}).state.clock("PEN-HREQ")


def test_one_that_ended_starts_no_clock_counts_by_its_closing_day_and_stays_closed() -> None:
    outcome = taken("penalty", "performed", facts={"party_kind": "entity", "fine": "60000"})
    state = outcome.state
    assert (state.closed, state.clocks) == (True, ())
    counted = {effect.name: effect.at for effect in outcome.effects if effect.kind == "count"}
    assert counted
    assert set(counted.values()) == {TOLD.reached}
    assert set(counted) <= set(kind("penalty").manifest.statistics)
    with pytest.raises(MatterClosed) as error:
        step(kind("penalty"), state, Event(act="decide", at=NOW, by=OFFICER), calendar=OFFICIAL)
    assert "2026-11-20" in error.value.sentence("zh")


def test_days_that_had_to_lie_ahead_may_lie_between_opening_and_now() -> None:
    future = next(fact for fact in kind("penalty").facts.values() if fact.when == "future" and fact.type == "date")
    facts = {**NOTIFIED["facts"], future.name: date(2026, 9, 1)}
    assert taken("penalty", "notified", **{**NOTIFIED, "facts": facts}).state.facts[future.name] == date(2026, 9, 1)
    with pytest.raises(Refusal):
        taken("penalty", "notified", **{**NOTIFIED, "facts": {**facts, future.name: date(2026, 7, 1)}})


SUSPENDED: dict[str, Any] = {
    "facts": {"party_kind": "entity", "harm": "none", "suspend_reason": "party_missing"},
    "people": {"investigator": (OFFICER,)},
    "clocks": {"PEN-LIM": date(2026, 8, 1), "PEN-DEC": date(2026, 8, 10)},
    "paused": {"PEN-DEC": date(2026, 9, 7)},
}


def suspended(**words: Any) -> Outcome:
    return taken("penalty", "suspended", **{**SUSPENDED, **words})


def test_a_clock_that_stood_still_before_it_was_taken_over_goes_on_from_where_it_stood() -> None:
    state = suspended().state
    (run,) = (each for each in state.clocks if each.clock == "PEN-DEC")
    assert (run.paused_on, run.due) == (date(2026, 9, 7), None)
    head = Person(name="leader", roles=frozenset({"head"}))
    event = Event(act="resume", at=NOW, by=head)
    resumed = step(kind("penalty"), state, event, calendar=OFFICIAL).state
    (again,) = (each for each in resumed.clocks if each.clock == "PEN-DEC")
    assert [(pause.first, pause.last) for pause in again.pauses] == [(date(2026, 9, 7), date(2026, 11, 22))]
    # ninety days from 10 August without the 77 that it stood still: 8 November and 77 days on, a Sunday, so the Monday
    assert again.due == date(2027, 1, 25)
    assert again.paused_on is None


@pytest.mark.parametrize(
    ("words", "refusal", "said"),
    [
        ({"paused": {}}, untaken.PausesWanting, "缺少中止起始日"),
        ({"clocks": {"PEN-LIM": date(2026, 8, 1)}}, untaken.ClocksWanting, "PEN-DEC"),
        ({"paused": {"PEN-DEC": date(2026, 8, 9)}}, untaken.PausedOutside, "2026-08-09"),
        ({"paused": {"PEN-DEC": date(2026, 11, 24)}}, untaken.PausedOutside, "今天（2026-11-23）"),
        ({"paused": {"PEN-DEC": date(2026, 11, 20)}}, untaken.PausedTooLate, "已于 2026-11-09 届满"),
        ({"paused": {**SUSPENDED["paused"], "PEN-LIM": date(2026, 9, 7)}}, untaken.PausesNotHere, "没有中止"),
    ],
    ids=["not told", "no start", "before it began", "in the future", "was over", "never paused"],
)
def test_a_pause_that_cannot_be_is_refused_with_what_to_do(
    words: dict[str, Any], refusal: type[Refusal], said: str
) -> None:
    with pytest.raises(refusal) as told:
        suspended(**words)
    assert said in told.value.sentence("zh")
    assert "{" not in told.value.sentence("en")


def test_where_a_clock_runs_on_no_pause_is_taken() -> None:
    with pytest.raises(untaken.PausesNotHere):
        taken("penalty", "notified", **NOTIFIED, paused={"PEN-DEC": date(2026, 9, 7)})
