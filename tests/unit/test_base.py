"""Errors speak both languages, times carry zones, identifiers repeat."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.base import identifiers, settings, times
from qingtian.base.errors import QingtianError, Term


class DoorLocked(QingtianError):
    code = "test.door_locked"
    zh = "门 {door} 锁着，请先取钥匙。"
    en = "Door {door} is locked. Fetch the key first."


def test_it_says_the_same_in_both_languages() -> None:
    error = DoorLocked(door="3-201")
    assert error.sentence("zh-hans") == "门 3-201 锁着，请先取钥匙。"
    assert str(error) == error.sentence("en") == "Door 3-201 is locked. Fetch the key first."
    assert error.as_dict("en")["code"] == "test.door_locked"


def test_it_says_a_term_in_the_language_of_the_sentence() -> None:
    error = DoorLocked(door=Term(zh="东门", en="east"))
    assert error.sentence("zh") == "门 东门 锁着，请先取钥匙。"
    assert error.as_dict("en")["message"] == "Door east is locked. Fetch the key first."
    assert error.as_dict("zh")["fields"] == {"door": "东门"}


def test_it_reads_hj212_stamps_as_beijing_time() -> None:
    assert times.parse_stamp("20240601085857223") == datetime(2024, 6, 1, 0, 58, 57, 223000, UTC)
    assert times.parse_stamp("20240601085857").isoformat() == "2024-06-01T08:58:57+08:00"


@pytest.mark.parametrize("junk", ["", "2024", "20240230000000", "2024060108585x", "２０２４０６０１０８５８５７"])
def test_it_refuses_what_is_no_stamp(junk: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        times.parse_stamp(junk)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_stamps_and_microseconds_are_inverse(instant: datetime) -> None:
    milliseconds = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert times.parse_stamp(times.stamp_milliseconds(milliseconds)) == milliseconds
    assert times.from_microseconds(times.to_microseconds(instant)) == instant


def test_it_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        times.to_microseconds(datetime(2026, 1, 1))


def test_identifiers_depend_on_parts_and_their_order() -> None:
    assert identifiers.deterministic("a", 1) == identifiers.deterministic("a", 1)
    assert identifiers.deterministic("a", 1) != identifiers.deterministic(1, "a")
    assert identifiers.deterministic("ab", "c") != identifiers.deterministic("a", "bc")


def test_it_tells_which_engine_is_missing_and_what_to_do(tmp_path: object) -> None:
    known = settings.from_environment({"QINGTIAN_DATA": str(tmp_path), "LANG": "en_US.UTF-8"})
    with pytest.raises(settings.EngineNotFound, match="QINGTIAN_NATS_URL") as refusal:
        known.require_nats_url()
    assert "qingtian up" in refusal.value.sentence(known.language)
