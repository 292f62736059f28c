"""What the relay says and remembers: positions in a key-value bucket, its standing and its record as JSON messages.

A position is kept per target and survives every process: what lies behind it has been answered by the target, was
refused by it, or was not meant for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, NoKeysError, NotFoundError
from nats.js.kv import KeyValue

from qingtian.base import times
from qingtian.bus.client import Bus
from qingtian.bus.streams import RELAYS, relayed_subject, relays_subject

BUCKET = "RELAY_POSITIONS"
WHOLE = 2**31 - 1
"""The index of a place that means: the whole message."""


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A packet of the log: message and index in it. Places compare in the order of the log."""

    sequence: int
    index: int = WHOLE

    @property
    def next_sequence(self) -> int:
        """The message in which the next packet may stand."""
        return self.sequence + 1 if self.index == WHOLE else self.sequence


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a target is, and what it was sent in all.

    All up to ``place`` is settled; of the devices in ``ahead`` (by MN) all up to another place, while one that is not
    answered holds the rest back. ``left_out``: packets not meant for the target or not expressible in its edition.
    """

    place: Place
    ahead: Mapping[str, Place] = field(default_factory=dict)
    acknowledged: int = 0
    repeated: int = 0
    refused: int = 0
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a target stands at a moment; absolute values.

    ``state``: ``paused``, ``connecting``, ``up`` or ``waiting`` (not reachable). ``lag_packets``: meant for it and not
    settled; ``lag_messages``: messages of the log behind its end; ``lag_s``: age of the oldest packet not settled.
    ``rate``: packets settled a second, over the last stretch. ``why``: the last error, empty while there is none.
    """

    code: str
    at: datetime
    state: str
    since: datetime
    position: Position
    in_flight: int
    lag_packets: int
    lag_messages: int
    lag_s: float
    rate: float
    why: str

    def message(self) -> bytes:
        """Return the JSON of the stream RELAYS."""
        flat = {**asdict(self), **asdict(self.position), "at": self.at.isoformat(), "since": self.since.isoformat()}
        del flat["position"], flat["place"], flat["ahead"]
        place = self.position.place
        return orjson.dumps({**flat, "sequence": place.sequence, "index": place.index})


@dataclass(frozen=True, kw_only=True)
class Record:
    """A thing worth keeping: a packet refused or not expressible, a command of the target and what became of it.

    ``kind``: ``refusal`` or ``command``. ``reason``: a code of ``rules/relay/reasons.yaml``. ``frame``: as sent or
    received there, PW as ``******``. ``sequence``, ``index``: the packet; of a command None.
    """

    id: str
    code: str
    kind: str
    reason: str
    at: datetime
    mn: str
    as_mn: str
    qn: str
    cn: int
    detail: str = ""
    frame: str = ""
    sequence: int | None = None
    index: int | None = None

    def message(self) -> bytes:
        """Return the JSON of the stream RELAYED."""
        return orjson.dumps({**asdict(self), "at": self.at.isoformat()})


async def say(bus: Bus, standing: Standing) -> None:
    """Put a standing on the log."""
    await bus.js.publish(relays_subject(standing.code), standing.message())


async def standings(bus: Bus, *, within: timedelta = timedelta(seconds=10)) -> dict[str, dict[str, Any]]:
    """Return what was said last of each target, by code and as it stands in the message; older words do not count."""
    codes = await positions(bus)
    found: dict[str, dict[str, Any]] = {}
    for code in codes:
        with suppress(NotFoundError):
            said = orjson.loads((await bus.js.get_last_msg(RELAYS.name, relays_subject(code))).data or b"{}")
            if times.now() - datetime.fromisoformat(said["at"]) <= within:
                found[code] = said
    return found


async def record(bus: Bus, entry: Record) -> None:
    """Put a record on the log; the same again within two minutes stands there once."""
    await bus.js.publish(relayed_subject(entry.code), entry.message(), headers={"Nats-Msg-Id": entry.id})


async def _bucket(bus: Bus) -> KeyValue:
    try:
        return await bus.js.key_value(BUCKET)
    except (BucketNotFoundError, NotFoundError):
        return await bus.js.create_key_value(KeyValueConfig(bucket=BUCKET, history=1))


async def recall(bus: Bus, code: str) -> Position | None:
    """Return the position of a target, None if it never had one."""
    try:
        entry = await (await _bucket(bus)).get(code)
    except (KeyNotFoundError, NotFoundError):
        return None
    return _read(orjson.loads(entry.value or b"{}"))


async def positions(bus: Bus) -> dict[str, Position]:
    """Return the positions of all targets that ever had one."""
    bucket = await _bucket(bus)
    try:
        codes = await bucket.keys()
    except (NoKeysError, NotFoundError):
        return {}
    return {code: found for code in codes if (found := await recall(bus, code)) is not None}


async def remember(bus: Bus, code: str, position: Position) -> None:
    """Keep the position of a target."""
    await (await _bucket(bus)).put(code, orjson.dumps(asdict(position)))


def _read(found: dict[str, Any]) -> Position:
    place = Place(**found.pop("place"))
    ahead = {mn: Place(**there) for mn, there in found.pop("ahead").items()}
    return Position(place=place, ahead=ahead, **found)
