"""Marks on a real log: every revision stays, the newest of each outlet is found."""

from __future__ import annotations

from typing import Any

import pytest

from qingtian.bus import marks, streams
from qingtian.bus.client import Bus

pytestmark = pytest.mark.engines


def revision(outlet: str, number: int, *labels: str) -> Any:
    stretch = {"start": "2026-11-23T06:00:00+08:00", "end": "2026-11-23T08:00:00+08:00"}
    standing = [
        {"id": place, "kind": "condition", "label": label, **stretch, "factors": None, "mn": None}
        for place, label in enumerate(labels)
    ]
    return {"outlet": outlet, "revision": number, "at": "2026-11-23T10:00:00+08:00", "marks": standing}


async def test_it_finds_the_newest_revision_of_each_outlet(bus: Bus) -> None:
    for said in (
        revision("T-G-1", 1, "启炉"),
        revision("T-G-2", 1, "停炉"),
        revision("T-G-1", 2, "启炉", "故障"),
        revision("T-G-1", 2, "启炉", "故障"),
        revision("T-G-2", 2),
    ):
        await marks.publish(bus, said)
    found = await marks.latest(bus)
    assert [one["label"] for one in found["T-G-1"]["marks"]] == ["启炉", "故障"]
    assert (found["T-G-2"]["revision"], found["T-G-2"]["marks"]) == (2, [])
    kept = await bus.js.stream_info(streams.MARKS.name, subjects_filter="marks.T-G-1")
    assert kept.state.subjects == {"marks.T-G-1": 2}


async def test_it_refuses_a_code_that_is_no_subject(bus: Bus) -> None:
    with pytest.raises(marks.BrokenMarks):
        await marks.publish(bus, revision("two words", 1))


@pytest.mark.parametrize("message", [b"", b"[]", b'{"outlet": 1, "marks": []}', b'{"outlet": "x"}'])
def test_it_refuses_a_message_that_is_none(message: bytes) -> None:
    with pytest.raises(marks.BrokenMarks):
        marks.decode(message)
