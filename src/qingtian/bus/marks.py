"""Marks on the log: for each outlet the marks that stand, whole, as JSON; every revision is kept for replays.

``{"outlet", "revision", "at", "marks": [{"id", "kind", "label", "start", "end", "factors", "mn"}]}``, times ISO 8601;
``end`` is exclusive, ``factors`` null is all, ``mn`` null is all devices of the outlet. What quality control says of
the data stands among them with kind ``quality``: its ``id`` is that of the check, ``end`` null while it lasts, and
``passed`` when a check was passed last before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

import orjson
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.bus.client import Bus
from qingtian.bus.streams import MARKS, marks_subject
from qingtian.law.quality.stretches import Stretch, factors_undone

FETCHED = 500
QUALITY = "quality"
"""The kind of what the register of quality control says."""

TOKEN = re.compile(r"[^\s.*>]+")


class BrokenMarks(QingtianError):
    code = "bus.broken_marks"
    zh = "日志上的标记消息无法读取（{why}）。请检查写入该流的程序版本。"
    en = "A message of marks on the log cannot be read ({why}). Check the version of the program that writes it."


class StandingMark(TypedDict):
    """A mark that stands; see the module."""

    id: int
    kind: str
    label: str
    start: str
    end: str | None
    factors: list[str] | None
    mn: str | None
    passed: NotRequired[str | None]


class OutletMarks(TypedDict):
    """All marks of an outlet that stand at one revision."""

    outlet: str
    revision: int
    at: str
    marks: list[StandingMark]


def of_stretch(stretch: Stretch) -> StandingMark:
    """Return data out of control 失控时段 as they stand among the marks, with all factors that are undone."""
    start, end, passed = (
        moment.astimezone(BEIJING).isoformat() if moment else None
        for moment in (stretch.start, stretch.end, stretch.passed)
    )
    return {
        "id": stretch.check,
        "kind": QUALITY,
        "label": stretch.label,
        "start": str(start),
        "end": end,
        "factors": list(factors_undone(stretch.factor, at=stretch.start)),
        "mn": stretch.mn,
        "passed": passed,
    }


def decode(message: bytes) -> OutletMarks:
    """Read a message.

    :raises BrokenMarks: if it is none.
    """
    try:
        found: Mapping[str, Any] = orjson.loads(message)
        if not isinstance(found["outlet"], str) or not isinstance(found["marks"], list):
            raise ValueError("outlet or marks")
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise BrokenMarks(why=f"{type(error).__name__}: {error}") from error
    return cast(OutletMarks, found)


async def publish(bus: Bus, marks: OutletMarks) -> None:
    """Put a revision on the log; said twice it is there once."""
    outlet = marks["outlet"]
    if not TOKEN.fullmatch(outlet):
        raise BrokenMarks(why=f"outlet code {outlet!r} cannot be a subject of the log")
    identity = f"marks-{outlet}-{marks['revision']}"
    await bus.js.publish(marks_subject(outlet), orjson.dumps(marks), headers={"Nats-Msg-Id": identity})


async def latest(bus: Bus) -> dict[str, OutletMarks]:
    """Return the newest revision of every outlet that has ever had a mark, by its code."""
    config = ConsumerConfig(deliver_policy=DeliverPolicy.LAST_PER_SUBJECT, ack_policy=AckPolicy.NONE)
    subscription = await bus.js.pull_subscribe(MARKS.subjects[0], stream=MARKS.name, config=config)
    found: dict[str, OutletMarks] = {}
    try:
        pending = (await subscription.consumer_info()).num_pending or 0
        while pending:
            for message in await subscription.fetch(min(pending, FETCHED), timeout=5.0):
                pending -= 1
                marks = decode(message.data)
                if marks["revision"] >= found.get(marks["outlet"], marks)["revision"]:
                    found[marks["outlet"]] = marks
    finally:
        await subscription.unsubscribe()
    return found
