"""The hash of an entry covers everything it says."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qingtian.base.times import BEIJING
from qingtian.office.ledger.canonical import AlgorithmMissing, canonical, digest, entry_hash, instant

ENTRY: dict[str, Any] = {
    "chain": "task:1",
    "sequence": 2,
    "at": datetime(2026, 11, 23, 10, 0, tzinfo=BEIJING),
    "actor": "officer",
    "actor_name": "张三",
    "act": "accept",
    "content": '{"state":"accepted"}',
    "algorithm": "sha256",
    "previous": "00",
}
OTHERWISE: dict[str, Any] = {
    "chain": "task:2",
    "sequence": 3,
    "at": datetime(2026, 11, 23, 10, 0, 0, 1, tzinfo=BEIJING),
    "actor": "officer2",
    "actor_name": "李四",
    "act": "report",
    "content": '{"state":"accepted "}',
    "algorithm": "sha512",
    "previous": "01",
}


@pytest.mark.parametrize("field", sorted(ENTRY))
def test_it_changes_with_every_field(field: str) -> None:
    assert entry_hash(**{**ENTRY, field: OTHERWISE[field]}) != entry_hash(**ENTRY)


def test_it_does_not_depend_on_the_zone_an_instant_is_written_in() -> None:
    assert entry_hash(**{**ENTRY, "at": ENTRY["at"].astimezone(UTC)}) == entry_hash(**ENTRY)


def test_it_writes_one_text_for_one_content() -> None:
    assert canonical({"b": Decimal("1.50"), "a": "中"}) == canonical({"a": "中", "b": Decimal("1.50")})
    assert canonical({"b": 1, "a": "中"}) == '{"a":"中","b":1}'


def test_it_refuses_what_has_no_one_text() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"value": float("nan")})
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 1, 1))


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
def test_it_knows_sm3_by_the_example_of_the_standard() -> None:
    # GB/T 32905-2016 annex A.1
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digest("abc", algorithm="sm3") == expected


def test_it_says_which_algorithm_is_missing() -> None:
    with pytest.raises(AlgorithmMissing, match="md99"):
        digest("abc", algorithm="md99")
