"""The packets of some devices from a place on, in order and each once: from the log, or from the lake where it was cut.

The judge cuts the log's beginning only as far as the lake holds it (`stream.findings.trimming`), so together they have
everything. A target that was away for days is read to from the lake, and then from the log again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.bus import batches
from qingtian.bus.batches import BrokenBatch
from qingtian.bus.client import Bus
from qingtian.bus.relays import WHOLE, Place
from qingtian.bus.streams import PACKETS
from qingtian.lake.passage import Passage
from qingtian.stream.relay.packets import Packet, mn_of

log = logging.getLogger(__name__)

DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)
MESSAGES = 8
"""Messages fetched at once: some thousand packets, a few mebibytes at the most."""
ROWS = 10_000
"""Packets read of the lake at once."""
SILENCE = 2.0
"""Seconds without a message after which it is checked whether there should have been one."""


class LogReplaced(QingtianError):
    code = "relay.log_replaced"
    zh = (
        "日志只到第{last}条，而转发位置已到第{position}条：日志可能被清空过。请恢复日志，"
        "或删除键值桶 RELAY_POSITIONS 中该目标的位置。"
    )
    en = (
        "The log ends at message {last}, but the relay stands at {position}: the log was replaced. Restore it, "
        "or delete the position of this target from the bucket RELAY_POSITIONS."
    )


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """``packets`` in order, and how far was read: all up to ``reached`` is among them. ``behind``: messages left."""

    packets: Sequence[Packet]
    reached: Place
    behind: int = 0


class Source:
    """``place``: the last packet handed out or passed."""

    def __init__(self, bus: Bus, passage: Passage, *, mns: Mapping[str, object], place: Place) -> None:
        self._bus = bus
        self._passage = passage
        self._mns = mns
        self.place = place
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._fresh = False
        self._cut = 0
        self._heard = time.monotonic()

    async def next(self, *, wait: float) -> Stretch:
        """Return what follows; nothing if nothing came within ``wait`` seconds, or the log is not there.

        :raises LogReplaced: if the log ends before the place.
        :raises LakeUnreachable: if what follows is in the lake, and that does not answer.
        """
        try:
            if self._subscription is None:
                await self._open()
            if self.place.next_sequence < self._cut:
                return await self._of_lake()
            return await self._of_log(wait)
        except DOWN as error:
            log.info("the log is not there (%s), trying again", error or type(error).__name__)
            await self.close()
            await asyncio.sleep(min(wait, 0.5))
            return Stretch(packets=(), reached=self.place)

    async def close(self) -> None:
        """Stop; the next call of `next` begins again behind the place."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(*DOWN):
                await subscription.unsubscribe()

    async def _open(self) -> None:
        state = (await self._bus.js.stream_info(PACKETS.name)).state
        if state.last_seq < self.place.sequence:
            raise LogReplaced(last=state.last_seq, position=self.place.sequence)
        self._cut = state.first_seq
        config = ConsumerConfig(
            description="relay",
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=max(self.place.next_sequence, state.first_seq, 1),
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60.0,
            mem_storage=True,
            num_replicas=1,
        )
        self._subscription = await self._bus.js.pull_subscribe(PACKETS.subjects[0], stream=PACKETS.name, config=config)
        self._fresh, self._heard = True, time.monotonic()

    # -- the lake

    async def _of_lake(self) -> Stretch:
        place, cut = self.place, self._cut
        rows = await asyncio.to_thread(
            self._passage.packets,
            sequence=place.sequence,
            index=place.index,
            before=cut,
            mns=tuple(self._mns),
            limit=ROWS,
        )
        packets = [
            Packet(
                place=Place(row["sequence"], row["index"]),
                mn=row["mn"],
                received_us=times.to_microseconds(row["received"]),
                frame=row["frame"],
            )
            for row in rows.iter_rows(named=True)
        ]
        self.place = packets[-1].place if len(packets) == ROWS else Place(cut - 1)
        if self.place.next_sequence >= cut:
            # the consumer was made for what stood there then
            await self.close()
        return Stretch(packets=packets, reached=self.place, behind=cut - self.place.sequence)

    # -- the log

    async def _of_log(self, wait: float) -> Stretch:
        assert self._subscription is not None
        try:
            messages = await self._subscription.fetch(MESSAGES, timeout=wait)
        except TimeoutError:
            await self._doubt()
            return Stretch(packets=(), reached=self.place)
        self._heard = time.monotonic()
        packets: list[Packet] = []
        for message in messages:
            sequence = message.metadata.sequence.stream
            if sequence > self.place.next_sequence and not await self._hole_is_real(sequence):
                await self.close()
                break
            self._fresh = False
            packets += self._wanted(sequence, message)
            self.place = Place(sequence)
            # a message is some thousand packets: let others have their turn
            await asyncio.sleep(0)
        behind = (messages[-1].metadata.num_pending or 0) if messages else 0
        return Stretch(packets=packets, reached=self.place, behind=behind)

    async def _doubt(self) -> None:
        """Nothing came for a while: begin again if the log has more."""
        if time.monotonic() - self._heard < SILENCE:
            return
        self._heard = time.monotonic()
        if (await self._bus.js.stream_info(PACKETS.name)).state.last_seq > self.place.sequence:
            await self.close()

    async def _hole_is_real(self, sequence: int) -> bool:
        """Say whether the log never had what is missing before ``sequence``, so that it is not in the lake either."""
        state = (await self._bus.js.stream_info(PACKETS.name)).state
        if state.first_seq > self.place.next_sequence or not self._fresh:
            return False
        log.warning("the log has no messages %d to %d", self.place.next_sequence, sequence - 1)
        return True

    def _wanted(self, sequence: int, message: Msg) -> list[Packet]:
        try:
            batch = batches.decode(message.data)
        except BrokenBatch as error:
            # the judge keeps its bytes in the dead letters
            log.error("message %d: %s", sequence, error)
            return []
        behind = self.place.index if self.place.sequence == sequence else -1
        read = batch.plain if len(batch.repairs.packets) else batch.frame
        found = []
        for index in range(behind + 1 if behind < WHOLE else len(batch), len(batch)):
            frame = read(index)
            mn = mn_of(frame)
            if mn is not None and mn in self._mns:
                place = Place(sequence, index)
                found.append(Packet(place=place, mn=mn, received_us=int(batch.received[index]), frame=bytes(frame)))
        return found
