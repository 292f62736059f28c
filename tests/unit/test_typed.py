"""What a form carries is read, or the request is refused: nothing is guessed, and empty is not zero."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import BadRequest

from qingtian.portals import typed


def form(text: str) -> typed.Fields:
    return {"it": text}


@pytest.mark.parametrize("read", [typed.day, typed.decimal, typed.number])
def test_an_empty_field_is_none_and_so_is_one_that_was_not_sent(read: Callable[[typed.Fields, str], object]) -> None:
    assert read(form(""), "it") is None
    assert read({}, "it") is None


def test_what_is_written_is_read_as_it_stands() -> None:
    assert typed.day(form("2026-03-02"), "it") == date(2026, 3, 2)
    assert typed.needed_day(form("2026-03-02"), "it") == date(2026, 3, 2)
    assert typed.decimal(form(" 0.10 "), "it") == Decimal("0.10")
    assert typed.number(form("0"), "it") == 0.0
    assert typed.key(form("9" * 18), "it") == 10**18 - 1
    assert typed.whole(form("007"), "it") == 7
    assert typed.one_of({"close": 3}, "close") == 3


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((typed.day, text) for text in ("2026-13-01", "02/03/2026", "today")),
        *((typed.needed_day, text) for text in ("", "2026-02-30")),
        *((typed.decimal, text) for text in ("1,5", "ten")),
        *((typed.number, text) for text in ("1,5", "NaN", "-inf", "1e999")),
        *((typed.key, text) for text in ("", "-1", "1.0", "１２", "²", "9" * 19)),
        *((typed.whole, text) for text in ("", "+1", "9" * 10)),
    ],
)
def test_anything_else_is_a_request_that_cannot_be_read(read: Callable[[typed.Fields, str], object], text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(form(text), "it")
    assert str(refused.value) == "it"


def test_an_act_that_there_is_none_of_cannot_be_asked_for() -> None:
    with pytest.raises(BadRequest):
        typed.one_of({"close": 3}, "open")
