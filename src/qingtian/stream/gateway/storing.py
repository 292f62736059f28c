"""Give deliveries to the log and insist until it has confirmed them, however long it is full or down."""

from __future__ import annotations

import asyncio
import logging

from nats.errors import Error as NatsError

from qingtian.bus.client import Bus
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deliveries import Delivery, LogMessage

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


class LogKeeper:
    """Publishes with one id until the log confirms; tells in ``counters`` when the log does not take packets."""

    def __init__(self, bus: Bus, counters: GatewayCounters, *, answer: float) -> None:
        self._bus = bus
        self._counters = counters
        self._answer = answer

    async def store(self, delivery: Delivery) -> bool:
        """Return True once all messages are on the log, False if nobody waits for them any more.

        The messages go one after the other: a connection's packets may be in several, and keep their order.
        """
        for message in delivery.messages:
            if not await self._store(message, delivery):
                self._counters.abandoned += message.packets
                log.warning(
                    "%d packets given up: the log did not take them and their connections are gone", message.packets
                )
                return False
        return True

    async def _store(self, message: LogMessage, delivery: Delivery) -> bool:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._publish(message)
            except (NatsError, TimeoutError) as error:
                self._refused(error)
            else:
                self._confirmed(message)
                return True
            if not delivery.wanted():
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _publish(self, message: LogMessage) -> None:
        if not self._bus.nc.is_connected:
            # the client would keep the message and send it later, when nobody may want it any more
            raise ConnectionLost
        await self._bus.js.publish(
            message.subject, message.payload, timeout=self._answer, headers={"Nats-Msg-Id": message.id}
        )

    def _confirmed(self, message: LogMessage) -> None:
        counters = self._counters
        counters.batches += 1
        counters.packets += message.packets
        counters.bytes += len(message.payload)
        if not counters.log_ok:
            log.warning("the log takes packets again")
            counters.log_ok, counters.why = True, ""

    def _refused(self, error: Exception) -> None:
        why = str(getattr(error, "description", None) or error or type(error).__name__)
        if self._counters.log_ok or self._counters.why != why:
            log.error("the log does not take packets (%s): nothing is acknowledged until it does", why)
        self._counters.log_ok, self._counters.why = False, why


class ConnectionLost(NatsError):  # type: ignore[misc]
    def __str__(self) -> str:
        return "no connection to the log"
