"""What is under way to a target: order, window, repeats, rounds, and what is given up."""

from __future__ import annotations

from dataclasses import replace

from qingtian.bus.relays import Place
from qingtian.stream.relay import patience
from qingtian.stream.relay.packets import Packet
from qingtian.stream.relay.shipping import Piece, Shipment
from qingtian.stream.relay.window import Window

RULE = replace(patience.usual(), answer_s=10, retries=3, rounds=3, pause_s=20, window=2)


def shipment(sequence: int, mn: str, *, pieces: int = 1) -> Shipment:
    packet = Packet(place=Place(sequence, 0), mn=mn, received_us=sequence, frame=b"")
    made = [
        Piece(qn=f"{sequence}.{number}", cn=2011, frame=f"{mn}{sequence}.{number}".encode()) for number in range(pieces)
    ]
    return Shipment(packet=packet, as_mn=f"as-{mn}", pieces=tuple(made))


def window(*shipments: Shipment, rule: patience.Patience = RULE) -> Window:
    made = Window(rule, place=Place(0))
    for one in shipments:
        made.take(one)
    return made


def outcome(made: Window) -> list[tuple[int, bool]]:
    return [(one.shipment.packet.place.sequence, one.answered) for one in made.settled()]


def silent_round(made: Window, now: float) -> float:
    """Let one sending and all its repeats pass; return the time at which the round is over."""
    for _ in range(RULE.retries + 1):
        now += RULE.answer_s
        made.due(now)
    return now


def test_it_sends_one_packet_a_device_and_so_many_devices_at_once() -> None:
    made = window(shipment(1, "a"), shipment(2, "a"), shipment(3, "b"), shipment(4, "c"))
    assert made.due(0) == [b"a1.0", b"b3.0"]
    assert made.due(0) == []
    made.answered(qn="1.0", mn="as-a")
    assert made.due(0) == [b"c4.0"], "whoever waited longest goes first"
    made.answered(qn="3.0", mn="as-b")
    assert made.due(0) == [b"a2.0"]


def test_it_moves_only_behind_what_is_settled_and_remembers_who_is_ahead() -> None:
    made = window(shipment(1, "a"), shipment(2, "b"), shipment(3, "b"))
    made.reach(Place(9))
    made.due(0)
    made.answered(qn="2.0", mn="as-b")
    made.due(0)
    made.answered(qn="3.0", mn="as-b")
    assert made.position == Place(0)
    assert made.ahead() == {"b": Place(3, 0)}
    again = Window(RULE, place=made.position, ahead=made.ahead())
    assert [again.is_done(shipment(place, mn).packet) for place, mn in ((1, "a"), (2, "b"), (3, "b"), (4, "b"))] == [
        False,
        True,
        True,
        False,
    ]
    made.answered(qn="1.0", mn="as-a")
    assert made.position == Place(9)
    assert made.ahead() == {}


def test_it_sends_the_parts_of_a_packet_one_after_the_other() -> None:
    made = window(shipment(1, "a", pieces=2))
    assert made.due(0) == [b"a1.0"]
    made.answered(qn="1.0", mn="as-a")
    assert outcome(made) == []
    assert made.due(0) == [b"a1.1"]
    made.answered(qn="1.1", mn="as-a")
    assert outcome(made) == [(1, True)]
    assert made.repeated == 0


def test_it_repeats_the_same_frame_when_no_answer_comes() -> None:
    made = window(shipment(1, "a"))
    assert made.due(0) == [b"a1.0"]
    assert made.due(9.9) == []
    assert made.next_due() == 10
    assert made.due(10) == [b"a1.0"]
    assert made.repeated == 1


def test_it_takes_a_target_that_answers_nothing_for_down_and_gives_nothing_up() -> None:
    made, now = window(shipment(1, "a")), 0.0
    for _ in range(50):
        made.due(now)
        now = silent_round(made, now)
        assert made.silent
        made.line_lost()
        assert not made.silent
        assert outcome(made) == []
    assert made.position == Place(0)


def test_it_gives_a_packet_up_that_alone_stays_unanswered_for_three_rounds() -> None:
    made, now = window(shipment(1, "a"), *(shipment(place, "b") for place in range(2, 90))), 0.0
    made.due(now)
    given_up: list[int] = []
    for place in range(2, 90):
        now += 2
        made.answered(qn=f"{place}.0", mn="as-b")
        made.due(now)
        given_up += [sequence for sequence, answered in outcome(made) if not answered]
        if given_up:
            break
    assert given_up == [1]
    assert not made.silent
    assert now == 3 * 40 + 2 * 20, "three rounds of four sendings, and two pauses"


def test_it_never_gives_up_if_the_rule_says_so() -> None:
    made, now = window(shipment(1, "a"), rule=replace(RULE, rounds=None)), 0.0
    for _ in range(500):
        now += 5
        made.answered(qn="another", mn=None)
        made.due(now)
    assert outcome(made) == []


def test_it_tries_the_next_packet_of_a_lone_device_as_proof_of_life() -> None:
    made, now = window(shipment(1, "a"), shipment(2, "a")), 0.0
    for _ in range(RULE.rounds or 0):
        assert made.due(now) == [b"a1.0"]
        now = silent_round(made, now)
        made.line_lost()
    assert made.due(now) == [b"a1.0", b"a2.0"]
    made.answered(qn="2.0", mn="as-a")
    assert outcome(made) == [(2, True)]
    assert made.position == Place(0)
    assert made.ahead() == {}, "a restart must try the first again"
    silent_round(made, now)
    assert outcome(made) == [(1, False)]
    assert made.position == Place(2, 0)


def test_it_sends_all_that_was_under_way_again_in_order_over_a_new_line() -> None:
    made = window(shipment(1, "a"), shipment(2, "b"), shipment(3, "a"))
    assert made.due(0) == [b"a1.0", b"b2.0"]
    made.line_lost()
    assert made.due(1) == [b"a1.0", b"b2.0"]
    assert made.repeated == 2


def test_it_knows_an_answer_without_a_qn_by_its_device_and_a_strange_one_not_at_all() -> None:
    made = window(shipment(1, "a"), shipment(2, "b"))
    made.due(0)
    assert made.answered(qn=None, mn=None) is None, "two could be meant"
    assert made.answered(qn="9.9", mn="as-a") is None
    assert made.answered(qn=None, mn="as-a") is not None
    assert made.answered(qn=None, mn=None) is not None, "only one is left"
    assert [one[0] for one in outcome(made)] == [1, 2]


def test_it_tells_since_when_the_oldest_packet_waits() -> None:
    made = window(shipment(5, "a"), shipment(6, "b"))
    assert made.oldest_us == 5
    made.due(0)
    made.answered(qn="5.0", mn="as-a")
    assert made.oldest_us == 6
    made.answered(qn="6.0", mn="as-b")
    assert made.oldest_us is None
