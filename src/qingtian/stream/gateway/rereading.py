"""Dead letters read once more 死信重读, by the present plan: what is acceptable now, and how it is to be read.

Plain Python: letters are few, and whoever replays them should not load the kernels.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qingtian.bus.batches import NO_REPAIRS, PacketBatch, Repairs
from qingtian.bus.plans import PlanDevice, PlanSnapshot
from qingtian.stream.gateway.profiles import PASSWORD_WRONG, profile_of
from qingtian.stream.hj212.deviations import Verdict
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.limits import MAX_SEGMENT
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.profile import USUAL
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.hj212.segment import encode_frame, read_header
from qingtian.stream.hj212.tolerant import read

GARBAGE = "garbage"


@dataclass(frozen=True, kw_only=True)
class Reread:
    """``reason``: why it is still refused, None if it is acceptable; then ``plain`` is the frame to read if the raw
    bytes are not."""

    reason: str | None
    mn: str = ""
    plain: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Acceptable:
    """A letter that goes to the log: its bytes, when (µs since 1970 UTC) and from where it came."""

    raw: bytes
    plain: bytes | None
    received_us: int
    address: str


def devices_of(plan: PlanSnapshot) -> dict[str, PlanDevice]:
    """Return the devices of a plan by MN."""
    return {device["mn"]: device for outlet in plan["outlets"] for device in outlet["devices"]}


def reread(raw: bytes, *, devices: Mapping[str, PlanDevice]) -> Reread:
    """Read the bytes of one dead letter as the gateway would now."""
    frame = next((each for each in read_frames(raw) if each.error != GARBAGE), None)
    if frame is None:
        return Reread(reason=GARBAGE)
    header = read_header(frame.segment)
    mn = header.get("MN", "")
    device = devices.get(mn)
    profile = profile_of(device) if device else USUAL
    reading = read(frame, profile, way=Way.UP)
    if not reading.ok or len(reading.frame.segment) > MAX_SEGMENT:
        return Reread(reason=reading.frame.error or "oversize", mn=mn)
    if device is None:
        return Reread(reason="unknown_mn", mn=mn)
    if profile.verdict(PASSWORD_WRONG) is Verdict.REFUSE and not _may_log_in(header, device["pw"]):
        return Reread(reason="wrong_password", mn=mn)
    plain = encode_frame(reading.frame.segment)
    return Reread(reason=None, mn=mn, plain=None if frame.error is None and frame.raw == raw else plain)


def _may_log_in(header: Mapping[str, str], password: str) -> bool:
    given = header.get("PW", "")
    if not given and header.get("CN", "").isdigit() and int(header["CN"]) in ANSWERS:
        return True
    return hmac.compare_digest(given.encode(), password.encode())


def batch_of(letters: Sequence[Acceptable], *, plan: int) -> PacketBatch:
    """Return the batch of letters, in their order; at least one."""
    addresses = tuple(dict.fromkeys(letter.address for letter in letters))
    places = {address: place for place, address in enumerate(addresses)}
    return PacketBatch(
        plan=plan,
        received=np.array([letter.received_us for letter in letters], np.int64),
        offsets=_offsets([letter.raw for letter in letters]),
        address_index=np.array([places[letter.address] for letter in letters], np.uint16),
        addresses=addresses,
        raw=b"".join(letter.raw for letter in letters),
        repairs=_repairs(letters),
    )


def _repairs(letters: Sequence[Acceptable]) -> Repairs:
    mended = [(place, letter.plain) for place, letter in enumerate(letters) if letter.plain is not None]
    if not mended:
        return NO_REPAIRS
    plain = [each for _, each in mended]
    return Repairs(
        packets=np.array([place for place, _ in mended], np.uint32), offsets=_offsets(plain), raw=b"".join(plain)
    )


def _offsets(pieces: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.cumsum([0, *map(len, pieces)]).astype(np.uint32)
