"""A packet of the log becomes what a target is sent: frames of its edition, with its MN and PW, that ask for an answer.

The same packet always gives the same frames: what is repeated after a restart is the same message with the same QN.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from qingtian.base import times
from qingtian.stream.hj212.commands import COMMANDS
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.head import Head, read_head
from qingtian.stream.hj212.messages.message import Contents, Message, contents_of, typed, write_message
from qingtian.stream.hj212.messages.values import Alarm, Values
from qingtian.stream.hj212.quantities import canonical
from qingtian.stream.hj212.segment import BrokenSegment, encode_frame
from qingtian.stream.hj212.splitting import MAX_SEGMENT, PartTooLong, split
from qingtian.stream.relay import patience
from qingtian.stream.relay.conversion import in_edition
from qingtian.stream.relay.packets import Packet, segment_of
from qingtian.stream.relay.targets import Leg, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One frame, and the QN by which its answer is known."""

    qn: str
    cn: int
    frame: bytes


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """A packet as frames, sent one after the other. ``left_out``: values the edition of the target cannot be told."""

    packet: Packet
    as_mn: str
    pieces: tuple[Piece, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotSent:
    """A packet that does not go to a target.

    ``reason``: ``not_meant`` (its command or its factors are not for it), ``unreadable``, ``edition``, ``too_long``.
    """

    packet: Packet
    reason: str
    cn: int = 0
    qn: str = ""
    detail: str = ""


def prepare(packet: Packet, target: Target, leg: Leg, *, late: bool = False) -> Shipment | NotSent:
    """Return the frames for a target. ``late``: it comes long after it was measured (RF=1 in 2025)."""
    segment = segment_of(packet.frame)
    if segment is None:
        return NotSent(packet=packet, reason="unreadable")
    try:
        head, contents = read_head(segment), contents_of(segment)
    except BrokenSegment as error:
        return NotSent(packet=packet, reason="unreadable", detail=str(error))
    edition = target.edition or head.edition
    chosen = contents if target.factors is None else _chosen(head, contents, target.factors)
    if chosen is None or not patience.passes(head.cn):
        return NotSent(packet=packet, reason="not_meant", cn=head.cn, qn=head.qn or "")
    if not _known(head.cn, edition):
        return NotSent(packet=packet, reason="edition", cn=head.cn, qn=head.qn or "", detail=str(edition.value))
    converted = in_edition(chosen, edition) if target.edition else None
    message = typed(
        _headed(head, packet, leg, edition, late=late), converted.contents if converted else chosen, way=Way.UP
    )
    try:
        pieces = _pieces(message, edition)
    except PartTooLong as error:
        return NotSent(packet=packet, reason="too_long", cn=head.cn, qn=head.qn or "", detail=str(error))
    return Shipment(packet=packet, as_mn=leg.as_mn, pieces=pieces, left_out=converted.left_out if converted else ())


def _chosen(head: Head, contents: Contents, factors: Collection[str]) -> Contents | None:
    """Return what of the values the target wants; None if nothing is left. Other kinds of messages go whole."""
    if not isinstance(typed(head, contents, way=Way.UP).body, Values | Alarm):
        return contents
    wanted = {name: tags for name, tags in contents.factors.items() if canonical(name) in factors}
    return replace(contents, factors=wanted) if wanted else None


def _known(cn: int, edition: Edition) -> bool:
    """Say whether the edition has the command; one of no edition is a vendor's and goes anywhere."""
    known = COMMANDS.get(cn)
    return known is None or edition.value in known.versions


def _headed(head: Head, packet: Packet, leg: Leg, edition: Edition, *, late: bool) -> Head:
    return replace(
        head,
        # 2005 uploads may have none; the answer is matched by it
        qn=head.qn or times.stamp_milliseconds(times.from_microseconds(packet.received_us)),
        pw=leg.pw,
        mn=leg.as_mn,
        flag=flag_of(edition, asks=True, parted=head.pnum is not None and head.pno is not None),
        resent=edition is Edition.HJ2025 and (head.resent or late),
        other={name: value for name, value in head.other.items() if name not in ("Flag", "RF")},
    )


def _pieces(message: Message, edition: Edition) -> tuple[Piece, ...]:
    raw = write_message(message)
    if len(raw) <= MAX_SEGMENT:
        return (_piece(message, raw),)
    return tuple(_piece(part, write_message(part)) for part in _parts(message, edition))


def _parts(message: Message, edition: Edition) -> list[Message]:
    head = message.head
    if head.pno is None and head.pnum is None:
        return split(message, qn_of=_numbered(head.qn, edition))
    whole = split(replace(message, head=_unparted(head)), qn_of=_numbered(head.qn, edition))
    # a part that grew too long goes as messages of their own: its numbering belongs to the others
    return [replace(part, head=_unparted(part.head)) for part in whole]


def _unparted(head: Head) -> Head:
    return replace(head, pnum=None, pno=None, flag=flag_of(head.edition, asks=True))


def _numbered(qn: str | None, edition: Edition) -> Callable[[int], str] | None:
    """Return the QN of each part: its own from 2017 on (table C.49), that of the whole in 2005."""
    if qn is None or edition is Edition.HJ2005:
        return None
    try:
        first = times.parse_stamp(qn)
    except ValueError:
        return None
    return lambda number: times.stamp_milliseconds(first + timedelta(milliseconds=number - 1))


def _piece(message: Message, raw: bytes) -> Piece:
    return Piece(qn=message.head.qn or "", cn=message.head.cn, frame=encode_frame(raw))
