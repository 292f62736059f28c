"""What the gateway allows: how many connections, how much unread, how long silent. Defaults, each can be set."""

from __future__ import annotations

from dataclasses import dataclass

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


@dataclass(frozen=True, kw_only=True)
class GatewayLimits:
    """Bytes and seconds.

    ``held_per_connection`` and ``held``: bytes received but not yet framed, of one connection and of all; above them
    the gateway stops reading. ``delivery``: bytes that one delivery to the log takes. ``gather``: least time between
    turns while less than ``enough`` bytes wait (see `pace`). ``deliveries``: how many of them
    wait for the log at once. ``answer``: how long the log may take to confirm.
    ``idle``: silence after which a device is disconnected (RtdInterval is at most 3600 s, HJ 212-2017 table 5).
    ``stranger``: the same for a connection that never sent an acceptable packet. ``unfinished``: how long the rest of
    a begun frame is waited for. ``refusals``: refused packets in a row after which a connection is read slowly;
    ``slowest``: the longest pause then. ``vendor_login``: what 9021, which no edition knows, is answered with:
    ``9014``, ``9022`` or ``silence``. ``tell_standings``: how often the standings of devices that changed are told.
    """

    connections: int = 20_000
    held_per_connection: int = 64 * KIBIBYTE
    held: int = 64 * MEBIBYTE
    delivery: int = 400 * KIBIBYTE
    gather: float = 0.02
    enough: int = 64 * KIBIBYTE
    deliveries: int = 3
    idle: float = 2 * 3600.0
    stranger: float = 120.0
    unfinished: float = 10.0
    refusals: int = 10
    slowest: float = 10.0
    answer: float = 5.0
    partitions: int = 1
    vendor_login: str = "9014"
    tell_standings: float = 10.0
