"""Whatever a message says is what is read back; parts in any order give the same messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.property.hj212_strategies import careless, modest

from qingtian.base.times import BEIJING
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.bodies import Body
from qingtian.stream.hj212.messages.catalogue import BODIES, Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.items import Item, Tagged, declared_of
from qingtian.stream.hj212.messages.message import Message, read_message, write_message
from qingtian.stream.hj212.messages.values import Values
from qingtian.stream.hj212.reassembly import Reassembly, Window
from qingtian.stream.hj212.segment import BrokenSegment
from qingtian.stream.hj212.splitting import split

words = st.text("abcXYZ0123456789清洗_.:", min_size=1, max_size=10)
codes = st.sampled_from(["w01018", "a21026", "011", "SB1", "i11001", "LA"])
moments = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=BEIJING)
)
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": words,
    "whole": st.integers(0, 10**9 - 1),
    "moment": moments,
    "milliseconds": moments,
    "clock": clocks,
    "hour_minute": clocks.map(lambda clock: clock.replace(second=0)),
    "exact": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
}
tags = st.dictionaries(st.sampled_from(["Rtd", "Avg", "Flag", "LowValue"]), words, min_size=1)


def value_of(declared: Item | Tagged) -> st.SearchStrategy[Any]:
    if isinstance(declared, Tagged):
        return st.dictionaries(codes, tags if declared.tag is None else KINDS[declared.kind.name], max_size=3)
    one = KINDS[declared.kind.name]
    if declared.many:
        return st.lists(one, min_size=0 if declared.optional else 1, max_size=3).map(tuple)
    return st.one_of(st.none(), one) if declared.optional else one


def body_of(body: type[Body]) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries({name: value_of(each) for name, each in declared_of(body).items()}).map(
        lambda values: body(**values)
    )


@st.composite
def messages(draw: st.DrawFn) -> tuple[Message, Way]:
    (cn, way, edition), body = draw(st.sampled_from(sorted(BODIES.items(), key=lambda row: str(row))))
    head = Head(
        qn=draw(st.one_of(st.none(), moments.map(lambda moment: f"{moment:%Y%m%d%H%M%S}000"))),
        st=draw(st.sampled_from(["21", "32", "91"])),
        cn=cn,
        pw=draw(st.one_of(st.none(), st.just(""), words)),
        mn=draw(st.one_of(st.none(), st.just(""), words)),
        flag=flag_of(edition, asks=draw(st.booleans())),
        pnum=draw(st.one_of(st.none(), st.integers(1, 9999))),
        pno=draw(st.one_of(st.none(), st.integers(1, 9999))),
        resent=draw(st.booleans()),
    )
    return Message(head=head, body=draw(body_of(body))), way


@modest
@given(messages())
def test_a_message_is_read_back_as_it_was_written(pair: tuple[Message, Way]) -> None:
    message, way = pair
    assert read_message(write_message(message), way=way) == message


@modest
@given(careless)
def test_what_a_careless_sender_says_survives_being_passed_on(raw: bytes) -> None:
    try:
        message = read_message(raw)
    except BrokenSegment:
        return
    passed_on = write_message(message)
    assert write_message(read_message(passed_on)) == passed_on


@st.composite
def parted(draw: st.DrawFn) -> list[list[Message]]:
    """Return a few messages of several parts: of two devices, of differing times."""
    out = []
    for number in range(draw(st.integers(1, 4))):
        count = draw(st.integers(2, 5))
        moment = datetime(2026, 1, 1, 8, number, tzinfo=UTC).astimezone(BEIJING)
        mn = draw(st.sampled_from(["A", "B"]))
        out.append(
            [
                Message(
                    head=Head(qn=f"{number}{part}", st="32", cn=2051, mn=mn, flag=6, pnum=count, pno=part),
                    body=Values(data_time=moment, factors={f"w{number}{part:02d}": {"Avg": f"{part}.50"}}),
                )
                for part in range(1, count + 1)
            ]
        )
    return out


def gathered(parts: list[Message]) -> set[str]:
    reassembly = Reassembly()
    found = [each for part in parts for each in reassembly.take(part, now=0.0)]
    assert not reassembly.finish()
    assert all(not each.missing for each in found)
    return {write_message(each.message).decode() for each in found}


@modest
@given(st.data())
def test_parts_in_any_order_and_sent_again_give_the_same_messages(data: st.DataObject) -> None:
    whole = data.draw(parted())
    parts = [part for message in whole for part in message]
    again = data.draw(st.lists(st.sampled_from(parts), max_size=5))
    shuffled = data.draw(st.permutations([*parts, *again]))
    expected = gathered(parts)
    assert len(expected) == len(whole)
    assert gathered(shuffled) == expected


@modest
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 30), st.integers(1, 3)), max_size=60))
def test_the_window_keeps_no_more_than_it_may(sent: list[tuple[str, int, int]]) -> None:
    window = Window(messages=2)
    reassembly = Reassembly(window)
    given_out = 0
    for mn, minute, pno in sent:
        head = Head(qn=f"{minute}", st="32", cn=2051, mn=mn, flag=6, pnum=4, pno=pno)
        part = Message(head=head, body=Values(data_time=datetime(2026, 1, 1, 8, minute, tzinfo=BEIJING), factors={}))
        given_out += len(reassembly.take(part, now=0.0))
    left = reassembly.finish()
    assert len(left) <= 3 * window.messages
    # a message that made room and whose part comes again opens anew: nothing is lost, nothing given out unasked
    assert given_out + len(left) >= len({(mn, minute) for mn, minute, _ in sent})


@modest
@given(st.integers(1, 120), st.integers(200, 1024))
def test_a_long_message_is_split_and_put_together_again(factors: int, limit: int) -> None:
    body = Values(
        data_time=datetime(2026, 1, 1, tzinfo=BEIJING),
        factors={f"w{number:05d}": {"Avg": f"{number}.250", "Flag": "N"} for number in range(factors)},
    )
    head = Head(qn="20260101000000000", st="32", cn=2051, mn="A", flag=flag_of(Edition.HJ2017, asks=True))
    message = Message(head=head, body=body)
    parts = split(message, limit=limit)
    assert all(len(write_message(part)) <= limit for part in parts)
    reassembly = Reassembly()
    found = [each for part in reversed(parts) for each in reassembly.take(part, now=0.0)]
    assert [write_message(each.message) for each in found] == [write_message(replace(message))]
