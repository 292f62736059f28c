"""One way to show a time: today by the clock, this year with the day, else whole; the whole of it always beside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("office")]

NOW = datetime(2026, 11, 23, 0, 5, 9, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def five_past_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (NOW - timedelta(minutes=1), "00:04"),
        (NOW - timedelta(minutes=10), "11-22 23:55"),
        (NOW + timedelta(days=1), "11-24 00:05"),
        (NOW - timedelta(days=365), "2025-11-23 00:05"),
        (NOW + timedelta(days=60), "2027-01-22 00:05"),
    ],
)
def test_it_leaves_out_of_a_time_what_goes_without_saying(at: datetime, shown: str) -> None:
    from qingtian.portals.templatetags import parts

    assert parts.clock_words(at) == shown
    told = str(parts.instant(at))
    assert f">{shown}</time>" in told
    assert f'title="{at:%Y-%m-%d %H:%M:%S} ' in told
    left = told.split('data-left="')[1].split('"')[0]
    assert f"{left}{shown}" == f"{at:%Y-%m-%d %H:%M}"


def test_it_tells_times_of_other_zones_in_beijing_time() -> None:
    from qingtian.portals.templatetags import parts

    assert parts.clock_words(datetime(2026, 11, 22, 16, 5, 9, tzinfo=UTC)) == "00:05"


def test_it_shows_a_dash_where_there_was_no_time() -> None:
    from qingtian.portals.templatetags import parts

    assert parts.instant(None) == parts.clock_words(None) == "—"
