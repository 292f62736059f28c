"""What the gateway asks of a device by itself: the time 校时, and the settings of a device that connects first.

HJ 212-2017 §6.6.1: a device asks for the time by 1013, is answered 9013, and gets a 1012. §6.7: after the first connect
the platform sets clock, time-outs, intervals and uploads; here only what the device's plan asks for (``on_connect``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic
from qingtian.bus.answers import GATEWAY
from qingtian.bus.commands import Command
from qingtian.bus.plans import PlanSetting
from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.requests import catalogue, parameters
from qingtian.stream.requests.parameters import SET_CLOCK

CLOCK_ASKED, CLOCK_DRIFT, FIRST_CONNECT = "clock_asked", "clock_drift", "first_connect"
log = logging.getLogger(__name__)

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A command the gateway wants to give, and what makes it."""

    why: str
    cn: int
    items: Sequence[Mapping[str, str]] = ()


@cache
def _rule(why: str) -> rules.Rule:
    (found,) = (rule for rule in rules.table("hj212/automatic") if rule["why"] == why)
    return found


@dataclass(kw_only=True)
class Automatic:
    """Remembers when each device was set last, and whose first settings were given.

    ``settled``: `settings_key` of those; None until it is known. ``settle`` is told each new one, so that a restart
    does not set all devices again.
    """

    settled: set[str] | None = None
    settle: Callable[[str], None] = lambda key: None
    _last: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _settling: dict[str, tuple[str, int]] = field(default_factory=dict)

    def time_sync(self, mn: str, *, offset_s: float | None, now: datetime) -> list[Wish]:
        """Return a 1012 for a device that asked for it (no ``offset_s``), or whose clock is wrong; not too often."""
        why = CLOCK_ASKED if offset_s is None else CLOCK_DRIFT
        last = self._last.get((mn, why))
        if last is not None and now - last < timedelta(seconds=_rule(why)["at_most_every_s"]):
            return []
        self._last[mn, why] = now
        return [Wish(why=why, cn=SET_CLOCK)]

    def connected(self, mn: str, wanted: Sequence[PlanSetting], *, edition: Edition) -> list[Wish]:
        """Return the settings of a device that connects for the first time, or whose settings were changed since.

        What the device's edition cannot say is left out.
        """
        key = settings_key(mn, wanted)
        if not wanted or self.settled is None or key in self.settled or mn in self._settling:
            return []
        wishes = list(_settings(wanted, edition))
        if wishes:
            self._settling[mn] = (key, len(wishes))
        return wishes

    def ended(self, mn: str) -> None:
        """One of the first settings of a device has ended; after the last one it is not set again."""
        key, left = self._settling.pop(mn)
        if left > 1:
            self._settling[mn] = (key, left - 1)
        elif self.settled is not None:
            self.settled.add(key)
            self.settle(key)

    def command(self, mn: str, wish: Wish, *, taken: Callable[[str], bool], now: datetime) -> Command:
        """Return the command of a wish, with a QN that ``taken`` does not know."""
        rule, at = _rule(wish.why), now
        while taken(qn := times.stamp_milliseconds(at)):
            at += MILLISECOND
        return Command(
            id=deterministic(GATEWAY, wish.why, mn, qn),
            mn=mn,
            qn=qn,
            cn=wish.cn,
            parameters=wish.items,
            created=now,
            expires=now + timedelta(seconds=rule["expires_s"]),
            answer_s=rule["answer_s"],
            execute_s=rule["execute_s"],
            retries=rule["retries"],
            actor=GATEWAY,
            why=wish.why,
        )


def settings_key(mn: str, wanted: Iterable[PlanSetting]) -> str:
    """Return a name for these settings of this device."""
    return deterministic(mn, *(f"{each['request']}{each['parameters']}" for each in wanted))


def _settings(wanted: Sequence[PlanSetting], edition: Edition) -> Iterable[Wish]:
    for each in wanted:
        try:
            request = catalogue.named(each["request"])
            items = parameters.items(request, each["parameters"], edition=edition)
        except QingtianError as error:
            # a device of another edition than thought is no reason to stop
            log.warning("a setting on first connect is left out: %s [%s]", error, error.code)
            continue
        yield Wish(why=FIRST_CONNECT, cn=request.cn, items=items)
