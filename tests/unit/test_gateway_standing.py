"""How devices stand: lines come and go, counts add up, only what changed is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.unit.test_gateway_intake import Wire

from qingtian.base.times import BEIJING
from qingtian.stream.gateway.answers import Line, Nobody
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.standing import Standings
from qingtian.stream.hj212.editions import Edition

AT = datetime(2026, 11, 22, 10, 0, tzinfo=BEIJING)
US = 1_790_000_000_000_000


class Desk:
    """Takes every session and does nothing."""

    def opened(self, session: Session) -> bool:
        return True

    def arrived(self, session: Session, size: int) -> None: ...
    def closed(self, session: Session) -> None: ...


class Listener(Nobody):
    """Writes down where commands would go."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, Line]] = []

    def speaks(self, mn: str, line: Line, *, edition: Edition) -> None:
        self.said.append(("speaks", mn, line))

    def left(self, mn: str, line: Line) -> None:
        self.said.append(("left", mn, line))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def standings(listener: Listener) -> Standings:
    made = Standings(listener, run="r1")
    told(made)
    return made


def line(*mns: str) -> Session:
    session = Session(Desk())
    session.connection_made(Wire())
    session.mns.update(mns)
    return session


def told(standings: Standings) -> list[dict[str, Any]]:
    return [device for message in standings.messages(AT) for device in message["devices"]]


def test_the_first_message_of_a_life_says_so_until_the_log_has_it(listener: Listener) -> None:
    made = Standings(listener, run="r1")
    (first,) = made.messages(AT)
    assert (first["began"], first["run"], first["devices"]) == (True, "r1", [])
    made.again(first)
    assert [message.get("began") for message in made.messages(AT)] == [True]
    assert list(made.messages(AT)) == []


def test_it_tells_only_what_changed_and_again_what_the_log_did_not_take(standings: Standings) -> None:
    standings.spoke("A", line("A"), edition=Edition.HJ2005, at_us=US)
    (message,) = standings.messages(AT)
    assert [(one["mn"], one["connected"], one["edition"]) for one in message["devices"]] == [("A", True, "2005")]
    assert told(standings) == []
    standings.again(message)
    assert [one["mn"] for one in told(standings)] == ["A"]


def test_commands_go_to_the_line_spoken_on_last_and_back_when_it_closes(
    standings: Standings, listener: Listener
) -> None:
    first, second = line("A"), line("A")
    for session in (first, first, second, first, second):
        standings.spoke("A", session, edition=Edition.HJ2017, at_us=US)
    standings.left(second, at_us=US)
    assert [(act, session is first) for act, _, session in listener.said] == [
        ("speaks", True),
        ("speaks", False),
        ("speaks", True),
        ("speaks", False),
        ("left", False),
        ("speaks", True),
    ]
    standings.left(first, at_us=US)
    assert not told(standings)[0]["connected"]


def test_a_device_that_hung_up_before_it_was_read_is_not_connected(standings: Standings, listener: Listener) -> None:
    session = line("A")
    session.connection_lost(None)
    standings.spoke("A", session, edition=Edition.HJ2017, at_us=US)
    (device,) = told(standings)
    assert (device["connected"], device["edition"], device["address"]) == (False, "2017", "192.0.2.1")
    assert listener.said == []


def test_counts_add_up_and_a_quiet_clock_is_not_told_again(standings: Standings) -> None:
    standings.deviated("A", ("spaces",), at_us=US, count=3)
    standings.deviated("A", ("spaces", "gbk_text"), at_us=US - 5)
    standings.refused("A", "garbage")
    standings.locked_out("A")
    standings.clock("A", 2.0)
    (device,) = told(standings)
    assert {code: seen["count"] for code, seen in device["deviations"].items()} == {"spaces": 4, "gbk_text": 1}
    assert (device["refused"], device["lockouts"], device["clock_offset_s"]) == ({"garbage": 1}, 1, 2.0)
    standings.clock("A", 2.4)
    standings.deviated("A", (), at_us=US)
    assert told(standings) == []
    standings.clock("A", 3.1)
    assert told(standings)[0]["clock_offset_s"] == 3.1


def test_what_the_plan_does_not_have_any_more_is_forgotten(standings: Standings, listener: Listener) -> None:
    standings.spoke("A", line("A"), edition=Edition.HJ2017, at_us=US)
    standings.keep_only({"B"})
    assert told(standings) == []
    assert listener.said[-1][:2] == ("left", "A")
