"""A clock of a matter says in both languages why it stood still, by which paper, and by which it was extended."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qingtian.law import calendar
from qingtian.law.machine import reading, record, walks
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.state import State

pytestmark = pytest.mark.engines

KINDS = Path(__file__).parents[2] / "src/qingtian/kinds/matters"
FOLDER = Path(__file__).parents[1] / "unit/broken_kinds/demo"
DEMO = reading.load(FOLDER)
ASKED, ANSWERED = 2, 3
"""Steps of the longest walk: OGI-ANS is paused, and goes on."""


def states() -> list[State]:
    problems: list[Problem] = []
    longest = next(walk for walk in walks.read(FOLDER, problems) if walk.sort == "longest")
    steps = walks.run(longest, DEMO, calendar=calendar.official())
    return [step.outcome.state for step in steps if step.outcome]


def told(state: State, *, today: date) -> tuple[str, str, Any]:
    """Return what the explanation of OGI-ANS says, in both languages, and its last step."""
    from qingtian.office.matters import looking

    again = record.read(DEMO, record.written(state))
    run = again.clock("OGI-ANS")
    assert run is not None
    explained = looking._explained(DEMO, None, run, calendar.official(), today=today)  # type: ignore[arg-type]
    return " ".join(step.zh for step in explained.steps), " ".join(step.en for step in explained.steps), explained


def test_while_it_stands_still_it_says_why_and_names_no_last_day(office: Any) -> None:
    state = states()[ASKED]
    run = state.clock("OGI-ANS")
    assert run is not None
    assert run.paused_on is not None
    zh, en, explained = told(state, today=run.paused_on)
    word = DEMO.words.of("reasons", run.pause_reason)
    assert word.zh in zh
    assert word.en in en
    assert run.pause_reason not in zh.replace(word.zh, "")
    assert "最迟于此日" not in zh
    assert all(step.first <= run.paused_on for step in explained.steps)


def test_once_it_goes_on_the_days_are_left_out_with_reason_and_paper(office: Any) -> None:
    state = states()[ANSWERED]
    run = state.clock("OGI-ANS")
    assert run is not None
    pause = run.pauses[0]
    zh, en, _ = told(state, today=pause.last)
    word = DEMO.words.of("reasons", str(pause.reason))
    assert word.zh in zh
    assert word.en in en
    assert "最迟于此日" in zh


def test_a_pause_and_an_extension_name_their_papers_in_both_languages(office: Any) -> None:
    from qingtian.office.matters import looking

    penalty = reading.load(KINDS / "penalty")
    problems: list[Problem] = []
    named = set()
    for walk in walks.read(KINDS / "penalty", problems):
        last = [step.outcome.state for step in walks.run(walk, penalty, calendar=calendar.official()) if step.outcome][
            -1
        ]
        for run in record.read(penalty, record.written(last)).clocks:
            papers = {str(each.paper) for each in (*run.pauses, *run.grants) if each.paper}
            explained = looking._explained(penalty, None, run, calendar.official(), today=date(2027, 1, 1))  # type: ignore[arg-type]
            zh, en = (" ".join(getattr(step, way) for step in explained.steps) for way in ("zh", "en"))
            for paper in papers:
                assert penalty.papers[paper].title.zh in zh
                assert penalty.papers[paper].title.en in en
            named |= papers
    assert "extension_approval" in named
