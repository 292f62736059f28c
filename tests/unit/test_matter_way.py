"""The way of a matter: the plain walk says what is usual; detours lead back to it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from qingtian.base.times import BEIJING
from qingtian.law.machine import shelf, way
from qingtian.law.machine.state import Done, State

START = datetime(2026, 3, 2, 10, tzinfo=BEIJING)


def state(*steps: tuple[str, str, str]) -> State:
    """A penalty with these (act, source, target) behind it."""
    history = tuple(
        Done(
            act=act,
            at=START + timedelta(days=day),
            by="li",
            role="officer",
            present=(),
            source=source,
            target=target,
            facts={},
        )
        for day, (act, source, target) in enumerate(steps)
    )
    return State(
        code="penalty",
        version=1,
        stage=steps[-1][2],
        closed=False,
        source="inspection",
        reference="",
        facts={},
        assigned={},
        acted={},
        papers=(),
        clocks=(),
        history=history,
    )


def test_the_usual_way_of_every_kind_leads_from_its_opening_to_an_end() -> None:
    for (code, version), definition in shelf.discover().kinds.items():
        legs = way.usual(code, version)
        assert legs, code
        assert legs[0].stage == "", code
        assert definition.stages[legs[-1].target].end, code
        assert all(one.target == next_.stage for one, next_ in itertools.pairwise(legs)), code


def test_every_stage_that_is_no_end_has_something_ahead_of_it_and_an_end_last() -> None:
    for definition in shelf.discover().kinds.values():
        for name, stage in definition.stages.items():
            found = way.ahead(definition, name)
            assert bool(found) != stage.end, (definition.folder, name)
            assert name not in found
            assert not found or definition.stages[found[-1]].end, (definition.folder, name)


def test_a_side_step_leads_back_to_the_usual_way() -> None:
    penalty = shelf.discover().version("penalty", 1)
    assert way.ahead(penalty, "suspended")[:2] == ("investigation", "reported")
    assert way.ahead(penalty, "in_court")[-1] in ("enforced", "enforcement_ended", "struck_down")


def test_a_detour_that_led_back_is_left_out_of_where_it_has_been() -> None:
    there = state(
        ("discover", "", "clue"),
        ("file", "clue", "investigation"),
        ("suspend", "investigation", "suspended"),
        ("resume", "suspended", "investigation"),
        ("report", "investigation", "reported"),
    )
    assert way.been(there) == ("clue", "investigation", "reported")


def test_what_was_done_in_a_stage_already_comes_after_what_leads_on() -> None:
    penalty = shelf.discover().version("penalty", 1)
    fresh = state(("discover", "", "clue"), ("file", "clue", "investigation"))
    looked = state(
        ("discover", "", "clue"), ("file", "clue", "investigation"), ("inspect", "investigation", "investigation")
    )
    assert way.next_acts(penalty, fresh)[0] == "inspect"
    assert way.next_acts(penalty, looked)[0] != "inspect"
    assert set(way.next_acts(penalty, looked)) == set(way.next_acts(penalty, fresh))
