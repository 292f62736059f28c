"""What was said: screening from the log, closed periods from the lake; and the plans that a replay goes by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import polars as pl
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from qingtian.base.errors import QingtianError
from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.bus.plans import PlanSnapshot
from qingtian.bus.streams import FINDINGS
from qingtian.lake import findings as lake_findings
from qingtian.stream.replaying.task import Task

FETCHED = 500
PATIENCE = 5.0
SUPERSEDED = "superseded"


class NoPlan(QingtianError):
    code = "replay.no_plan"
    zh = "日志上没有第{number}号监测方案，无法重放。请用 --plan 指定一个已发布的编号，或先在站点模块发布方案。"
    en = "The log has no plan {number}, so nothing can be replayed. Name a published one, or publish it."


async def screened(bus: Bus, *, since: datetime, outlets: set[str] | None = None) -> list[dict[str, Any]]:
    """Return the events of the live detectors on the log from ``since`` on (of these outlets), in their order."""
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=since.isoformat(), ack_policy=AckPolicy.NONE
    )
    subscription = await bus.js.pull_subscribe(FINDINGS.subjects[0], stream=FINDINGS.name, config=config)
    found: list[dict[str, Any]] = []
    try:
        pending = (await subscription.consumer_info()).num_pending or 0
        while pending > 0:
            messages = await subscription.fetch(min(pending, FETCHED), timeout=PATIENCE)
            pending -= len(messages)
            found += [event for message in messages if _asked(event := orjson.loads(message.data), outlets)]
    except (NatsTimeoutError, TimeoutError):
        # a stream that was cut meanwhile has fewer messages than it announced
        return found
    finally:
        await subscription.unsubscribe()
    return found


def _asked(event: dict[str, Any], outlets: set[str] | None) -> bool:
    return event["level"] in ("screening", "period") and (outlets is None or event["outlet"] in outlets)


def confirmed(task: Task, outlets: set[str] | None = None) -> list[dict[str, Any]]:
    """Return the findings of closed periods that stand in the lake and begin in the stretch of a replay.

    :raises LakeUnreachable: if the storage does not answer.
    """
    known = lake_findings.open_findings(task.lake_url)
    wanted = None if outlets is None else sorted(outlets)
    rows = lake_findings.last_events(known, first=task.first, last=task.last, outlets=wanted)
    standing = rows.filter(pl.col("state") != SUPERSEDED)
    return [orjson.loads(message) for message in standing["message"].to_list()]


async def plan_of(bus: Bus, number: int | None) -> PlanSnapshot:
    """Return plan ``number``, None: the newest.

    :raises NoPlan: if the log has none of that number.
    """
    found = await (plans.newest(bus) if number is None else plans.fetch(bus, number))
    if found is None:
        raise NoPlan(number=number or "")
    return found
