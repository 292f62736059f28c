"""What is under way to one target: sans-I/O. In the order of the log, one packet a device, a few dozen at once.

A packet is settled when the target has answered it. A *round* is one sending and its repeats (HJ 212-2017 table 1).
When a round ends without an answer, the target either answered something else meanwhile, which tells against the
packet, or it did not, which tells against the target: then the line is taken for down. Only packets told against are
ever given up, after some rounds. If one packet is all there is to send, the next of its device goes along as the proof.

Times are seconds of a clock that does not run backwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qingtian.bus.relays import Place
from qingtian.stream.relay.packets import Packet
from qingtian.stream.relay.patience import Patience
from qingtian.stream.relay.shipping import Piece, Shipment


@dataclass(eq=False, slots=True)
class Load:
    """A shipment and how it fares. ``heard``: answers of the target when its round began."""

    shipment: Shipment
    stage: int = 0
    attempts: int = 0
    sends: int = 0
    due: float = float("-inf")
    heard: int = 0
    rounds_against: int = 0
    rounds_silent: int = 0
    done: bool = False

    @property
    def piece(self) -> Piece:
        return self.shipment.pieces[self.stage]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A shipment that is over: answered, or given up."""

    shipment: Shipment
    answered: bool
    sends: int


class Window:
    """``silent``: a round ended while the target said nothing at all; the line should be given up."""

    def __init__(self, patience: Patience, *, place: Place, ahead: Mapping[str, Place] | None = None) -> None:
        self._patience = patience
        self._done = dict(ahead or {})
        self.position = place
        self.reached = place
        self.answers = 0
        self.repeated = 0
        self.silent = False
        self._open: deque[tuple[Place, Load | None]] = deque()
        self._queues: dict[str, deque[Load]] = {}
        self._ready: deque[str] = deque()
        self._flying: dict[str, list[Load]] = {}
        self._over: list[Settled] = []
        self.held = 0

    @property
    def in_flight(self) -> int:
        return sum(map(len, self._flying.values()))

    @property
    def oldest_us(self) -> int | None:
        """When the oldest packet that is not settled arrived, µs since 1970 UTC."""
        return next((load.shipment.packet.received_us for _, load in self._open if load and not load.done), None)

    def ahead(self) -> dict[str, Place]:
        """Return the devices that are settled beyond the position, as one of them waits, and how far each is."""
        self._done = {mn: place for mn, place in self._done.items() if place > self.position}
        return dict(self._done)

    def is_done(self, packet: Packet) -> bool:
        """Say whether a packet behind the position was settled all the same, before a restart."""
        done = self._done.get(packet.mn)
        return done is not None and packet.place <= done

    def take(self, shipment: Shipment) -> None:
        """Put a shipment behind those of its device. Places come in the order of the log."""
        load = Load(shipment)
        mn = shipment.packet.mn
        self._open.append((shipment.packet.place, load))
        queue = self._queues.setdefault(mn, deque())
        queue.append(load)
        self.held += 1
        if len(queue) == 1:
            self._ready.append(mn)

    def reach(self, place: Place) -> None:
        """Say that nothing else up to ``place`` is for this target."""
        self.reached = place
        self._open.append((place, None))
        self._advance()

    # -- sending

    def due(self, now: float) -> list[bytes]:
        """Return the frames to write now, first sendings and repeats; and note rounds that ended."""
        frames: list[bytes] = []
        for mn in list(self._flying):
            for load in tuple(self._flying.get(mn, ())):
                if load.due <= now:
                    self._again(mn, load, now, frames)
        while self._ready and len(self._flying) < self._patience.window:
            mn = self._ready.popleft()
            for load in self._starters(mn):
                self._fly(mn, load, now, frames)
        return frames

    def next_due(self) -> float | None:
        """Return when `due` has something to do again without any event, None if never."""
        return min((load.due for loads in self._flying.values() for load in loads), default=None)

    def _starters(self, mn: str) -> list[Load]:
        """The first of the device; with it, if it is in doubt and may be given up, the one behind it."""
        queue, rounds = self._queues[mn], self._patience.rounds
        doubted = rounds is not None and queue[0].rounds_silent >= rounds and len(queue) > 1
        return [queue[0], queue[1]] if doubted else [queue[0]]

    def _fly(self, mn: str, load: Load, now: float, frames: list[bytes]) -> None:
        self._flying.setdefault(mn, []).append(load)
        load.attempts, load.heard = 0, self.answers
        self._send(load, now, frames)

    def _send(self, load: Load, now: float, frames: list[bytes]) -> None:
        load.attempts += 1
        self.repeated += load.sends > 0
        load.sends += 1
        load.due = now + self._patience.answer_s
        frames.append(load.piece.frame)

    def _again(self, mn: str, load: Load, now: float, frames: list[bytes]) -> None:
        if load.attempts <= self._patience.retries:
            self._send(load, now, frames)
        elif self._round_over(mn, load):
            load.attempts, load.heard = 0, self.answers
            load.due = now + self._patience.pause_s

    def _round_over(self, mn: str, load: Load) -> bool:
        """Count the round; return whether the load stays under way for another."""
        if load is not self._queues[mn][0]:
            self._land(mn, load)
            return False
        if self.answers == load.heard:
            load.rounds_silent += 1
            self.silent = True
            return True
        load.rounds_against += 1
        rounds = self._patience.rounds
        if rounds is not None and max(load.rounds_against, load.rounds_silent) >= rounds:
            self._settle(mn, load, answered=False)
            return False
        return True

    # -- answers

    def answered(self, *, qn: str | None, mn: str | None) -> Load | None:
        """Take an answer; return the load whose piece it answers, None if it fits none.

        ``mn``: that of the target's side. HJ/T 212-2005 may leave out either.
        """
        self.answers += 1
        found = self._find(qn, mn)
        if found is None:
            return None
        device, load = found
        load.stage += 1
        load.sends, load.attempts, load.due, load.heard = 0, 0, float("-inf"), self.answers
        if load.stage == len(load.shipment.pieces):
            self._settle(device, load, answered=True)
        return load

    def _find(self, qn: str | None, mn: str | None) -> tuple[str, Load] | None:
        fitting = (
            (device, load)
            for device, loads in self._flying.items()
            for load in loads
            if (not qn or load.piece.qn == qn) and (not mn or load.shipment.as_mn == mn)
        )
        first = next(fitting, None)
        # without a QN only what can be meant alone is meant
        return first if qn or next(fitting, None) is None else None

    def line_lost(self) -> None:
        """Take back what is under way: it goes again, in order, over the next line."""
        waiting = [mn for mn in self._flying if mn not in self._ready]
        for loads in self._flying.values():
            for load in loads:
                load.due = float("-inf")
        self._flying.clear()
        self._ready.extendleft(reversed(waiting))
        self.silent = False

    # -- settling

    def settled(self) -> Iterator[Settled]:
        """Yield what was settled since the last call."""
        over, self._over = self._over, []
        yield from over

    def _settle(self, mn: str, load: Load, *, answered: bool) -> None:
        load.done = True
        if load is self._queues[mn][0]:
            self._done[mn] = load.shipment.packet.place
        self._over.append(Settled(shipment=load.shipment, answered=answered, sends=load.sends))
        self._queues[mn].remove(load)
        self.held -= 1
        self._land(mn, load)
        self._advance()

    def _land(self, mn: str, load: Load) -> None:
        self._flying[mn].remove(load)
        if self._flying[mn]:
            return
        del self._flying[mn]
        if self._queues[mn]:
            self._ready.append(mn)
        else:
            del self._queues[mn]

    def _advance(self) -> None:
        while self._open and (self._open[0][1] is None or self._open[0][1].done):
            self.position = self._open.popleft()[0]
