"""The plan on the log: a numbered snapshot of outlets, devices and limits, as the office half last published it.

Stream PLANS keeps every number for ever, so a replay reads old packets by the plan they were accepted under.
The fields are described in docs/architecture.md; the readers build their own types from this message.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NotRequired, Required, TypedDict, cast

import orjson
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from qingtian.base.errors import QingtianError
from qingtian.bus.client import Bus
from qingtian.bus.streams import PLANS, plan_subject

log = logging.getLogger(__name__)

MAX_BYTES = 1000 * 1000
"""One message of any NATS server (1 MiB by default), less its headers."""

LOOK_AGAIN = 2.0
"""Seconds between looks for a newer plan, should the wake-up have been missed."""

NOTHING = 0
"""No message of a stream has this number."""


class BrokenPlan(QingtianError):
    code = "bus.broken_plan"
    zh = "日志上的监测方案无法读取（{why}）。请由站点模块重新发布方案。"
    en = "A plan on the log cannot be read ({why}). Let the sites app publish it again."


class PlanTooLarge(QingtianError):
    code = "bus.plan_too_large"
    zh = "第{number}号监测方案压缩后有{size}字节，超过日志单条消息的上限{limit}字节，未发布。请按分区拆分站点。"
    en = (
        "Plan {number} has {size} bytes compressed, more than the {limit} one message of the log may have; it was not "
        "published. Split the sites into partitions."
    )


class PlanLimit(TypedDict):
    """A limit in force: bounds inclusive, in the unit the device reports; null is open."""

    factor: str
    period: str
    lower: float | None
    upper: float | None
    unit: str
    measure: str
    standard: str
    source: str
    certainty: str
    printed: str


PlanValidity = TypedDict("PlanValidity", {"from": str | None, "to": str | None})


class PlanLimitInForce(PlanLimit, PlanValidity):
    """A limit with the DataTimes it is valid for (``to`` is exclusive)."""


class PlanSetting(TypedDict):
    """A request 反控命令 given when a device connects first: its name in `stream.requests`, its items by name."""

    request: str
    parameters: dict[str, str]


class PlanDevice(TypedDict):
    """A data logger 数采仪. ``edition``: ``2005``, ``2017`` or ``2025``; null: as its Flag tells. ``profile``: code of
    a deviation → ``accept``, ``record`` or ``refuse``. ``login``: ``strict`` (a wrong PW is refused, the default) or
    ``lenient`` (recorded). ``key``: SM4 of HJ 212-2025, 32 hexadecimal digits. ``on_connect``: settings of a device
    that connects for the first time (HJ 212-2017 §6.7), given again when they change."""

    mn: str
    pw: str
    edition: NotRequired[str | None]
    profile: NotRequired[dict[str, str]]
    login: NotRequired[str]
    key: NotRequired[str | None]
    on_connect: NotRequired[list[PlanSetting]]


class _PlanFacility(TypedDict):
    name: str
    role: str
    factor: str
    unit: NotRequired[str]
    rated: NotRequired[float]
    biological: NotRequired[bool]
    treats: NotRequired[list[str]]


class PlanFacility(_PlanFacility, PlanValidity, total=False):
    """A unit 产污、治污设施 that a channel tells of. ``role``: production, treatment or pump; ``factor``: code of the
    channel in the packets of a device of the outlet; ``unit``: missing for a state (0 stands); ``treats``: names of
    production units. Days in Beijing, ``to`` exclusive."""


class PlanRange(PlanValidity, total=False):
    """What an analyser can measure 量程 of ``factor``, in the unit of the factor table: up to ``top``, from
    ``detection`` 检出限 on; ``mn``: missing for all devices of the outlet. Days in Beijing, ``to`` exclusive."""

    factor: Required[str]
    top: float
    detection: float
    mn: str


class PlanOutlet(TypedDict):
    code: str
    name: str
    medium: str
    enterprise: str
    district: str
    grid: str
    devices: list[PlanDevice]
    limits: list[PlanLimitInForce]
    facilities: NotRequired[list[PlanFacility]]
    ranges: NotRequired[list[PlanRange]]


class PlanRelayDevice(TypedDict):
    """A device on its way to another platform: its MN here, MN and PW there."""

    mn: str
    as_mn: str
    pw: str


class PlanRelay(TypedDict):
    """A target 转发目标 of the relay; ``edition`` null: as received, ``factors`` null: all."""

    code: str
    name: str
    host: str
    port: int
    enabled: bool
    edition: str | None
    allow_commands: bool
    factors: list[str] | None
    answer_s: float | None
    retries: int | None
    devices: list[PlanRelayDevice]


class PlanSnapshot(TypedDict):
    """The whole message; ``made_at`` is ISO 8601 in Beijing time."""

    number: int
    made_at: str
    outlets: list[PlanOutlet]
    relays: NotRequired[list[PlanRelay]]


def encode(plan: PlanSnapshot) -> bytes:
    """Return the message.

    :raises PlanTooLarge: if the log would refuse it for its size.
    """
    message = zlib.compress(orjson.dumps(plan))
    if len(message) > MAX_BYTES:
        raise PlanTooLarge(number=plan["number"], size=len(message), limit=MAX_BYTES)
    return message


def decode(message: bytes) -> PlanSnapshot:
    """Read a message.

    :raises BrokenPlan: if it is not zlib-compressed JSON with a number and outlets.
    """
    try:
        found = orjson.loads(zlib.decompress(message))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise BrokenPlan(why=str(error)) from error
    if not isinstance(found, dict) or "number" not in found or "outlets" not in found:
        raise BrokenPlan(why="neither number nor outlets")
    return cast(PlanSnapshot, found)


async def publish(bus: Bus, plan: PlanSnapshot) -> None:
    """Put ``plan`` on the log; the same number again replaces it, as the stream keeps one message a number."""
    await bus.js.publish(plan_subject(plan["number"]), encode(plan))


async def newest(bus: Bus) -> PlanSnapshot | None:
    """Return the plan published last, or None while there is none."""
    return await _last(bus, PLANS.subjects[0])


async def fetch(bus: Bus, number: int) -> PlanSnapshot | None:
    """Return plan ``number``, or None if the log does not have it."""
    return await _last(bus, plan_subject(number))


async def _last(bus: Bus, subject: str) -> PlanSnapshot | None:
    try:
        message = await bus.js.get_last_msg(PLANS.name, subject)
    except NotFoundError:
        return None
    return decode(message.data or b"")


async def follow(bus: Bus) -> AsyncIterator[PlanSnapshot]:
    """Yield the newest plan, then each newer one soon after it is published. A log that is down is waited for."""
    known: int | None = None
    seen = NOTHING
    # a publication is also heard directly: it wakes us, but only what the log has stored counts
    wake = await bus.nc.subscribe(PLANS.subjects[0])
    try:
        while True:
            seen, plan = await _news_if_reachable(bus, seen)
            if plan is not None and plan["number"] != known:
                known = plan["number"]
                yield plan
            else:
                with suppress(NatsError, TimeoutError):
                    await wake.next_msg(timeout=LOOK_AGAIN)
    finally:
        with suppress(NatsError):
            await wake.unsubscribe()


async def _news_if_reachable(bus: Bus, seen: int) -> tuple[int, PlanSnapshot | None]:
    try:
        return await _news(bus, seen)
    except (NatsError, TimeoutError) as error:
        log.info("the plan cannot be read now (%s), looking again", error or type(error).__name__)
    except BrokenPlan as error:
        log.error("%s [%s]", error, error.code)
    return seen, None


async def _news(bus: Bus, seen: int) -> tuple[int, PlanSnapshot | None]:
    """Return the end of the log of plans, and its last plan if that is not the end seen before.

    A plan of a city takes a tenth of a second to read, so it is not read only to see that it is known.
    """
    state = (await bus.js.stream_info(PLANS.name)).state
    if not state.messages or state.last_seq == seen:
        return state.last_seq, None
    message = await bus.js.get_last_msg(PLANS.name, PLANS.subjects[0])
    return message.seq or NOTHING, decode(message.data or b"")
