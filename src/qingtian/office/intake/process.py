"""The dispatcher as a process: one consumer a stream, and the outbox, side by side."""

from __future__ import annotations

import asyncio
import gc
import sys

from qingtian.base.settings import Settings
from qingtian.bus.client import Bus
from qingtian.bus.ending import together
from qingtian.law import calendar, rules
from qingtian.office.intake import outbox, replaying
from qingtian.office.intake.consumer import consume
from qingtian.office.intake.streams import INTAKES
from qingtian.office.sites.api import factor

TURN = 0.001
"""Seconds that a thread works while another waits to. The thread that takes an alert waits so at each statement: at the
usual 5 ms a flood of dead letters beside it makes the alert two to four times as late."""


def read_rules() -> None:
    """Read what the first finding of the day would otherwise wait for: rules, working days, names of factors."""
    for name in rules.names():
        rules.table(name)
    calendar.official()
    factor("")


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Work until ``stop`` is set. If one part fails for a reason nobody expected, all stop and the process ends."""
    await asyncio.to_thread(read_rules)
    # what is there now stays for ever; without it the collector has little to walk through while an alert waits
    gc.freeze()
    sys.setswitchinterval(TURN)
    await together(
        *(consume(bus, intake, stop=stop, counters=counters) for intake in INTAKES),
        outbox.empty(bus, stop=stop, counters=counters),
        replaying.follow(bus, stop=stop, counters=counters),
    )
