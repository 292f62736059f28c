"""What is left to try on a frame that the strict reader refused, in the order of how little it changes.

The checksum is tried as HJ 212, Modbus, and either with its bytes swapped. That of HJ 212 is as strong as 8 bits: about
one broken frame in 256 passes it by chance; so each way is a deviation with a name, and a profile may refuse it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingtian.stream.hj212.checksum import POLYNOMIAL, START, checksum
from qingtian.stream.hj212.encryption import PRINTED, covers, opened
from qingtian.stream.hj212.frames import LENGTH, Frame
from qingtian.stream.hj212.segment import BODY, CLOSE, read_header

TAIL = re.compile(rb"&&[ \t]*([0-9A-Fa-f]{1,4})[ \t\r\n*]*\Z")
BARE_TAIL = re.compile(rb"([0-9A-Fa-f]{4})[ \t\r\n*]*\Z")
CARRIED = re.compile(rb"[0-9A-Fa-f]{0,4}")
BLOCK = 16


@dataclass(frozen=True)
class Repaired:
    """``segment``: the plain data segment, None if there is none to be seen. ``codes``: the deviations on the way.

    A segment whose checksum nobody can explain is handed out with ``checksum_unknown``, which is refused unless a
    profile says otherwise.
    """

    segment: bytes | None
    codes: tuple[str, ...]


def modbus(segment: bytes) -> int:
    """Return the ordinary Modbus CRC-16, which many senders take for that of HJ 212."""
    crc = START
    for byte in segment:
        crc = (crc >> 8) ^ _MODBUS[(crc ^ byte) & 0xFF]
    return crc


def _modbus_step(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ POLYNOMIAL if byte & 1 else byte >> 1
    return byte


_MODBUS = tuple(map(_modbus_step, range(256)))


def _swapped(crc: int) -> int:
    return (crc & 0xFF) << 8 | crc >> 8


def dialect(segment: bytes, carried: bytes) -> tuple[str, ...] | None:
    """Return how a checksum was counted and written: nothing if as the standard wants, None if nobody knows."""
    if not carried:
        return None
    value = int(carried, 16)
    written = ("checksum_short",) if len(carried) < 4 else ()
    case = ("checksum_lower_case",) if carried != carried.upper() else ()
    own = checksum(segment)
    if value == own:
        return written + case
    if len(carried) < 4:
        return None
    ordinary = modbus(segment)
    ways = (("checksum_swapped", _swapped(own)), ("checksum_modbus", ordinary))
    for name, crc in (*ways, ("checksum_modbus_swapped", _swapped(ordinary))):
        if value == crc:
            return (name, *case)
    return None


def repaired(frame: Frame, *, key: bytes | None) -> Repaired:
    """Return what a frame of ``bad_checksum`` or ``bad_length`` still says. ``key``: SM4, of a device of 2025."""
    length = LENGTH.match(frame.raw)
    if length is None:
        return Repaired(None, ("stray_bytes",))
    body = frame.raw[length.end() :]
    found = _with_length(body, int(length[1]), key) if frame.error == "bad_checksum" else None
    return found or _without_length(body, int(length[1]), key)


def enciphered(frame: Frame, *, key: bytes | None) -> bytes | None:
    """Return the plain segment of an encrypted frame that looks sound: one cipher in 256 fits the plain checksum."""
    if key is None or _is_text(frame.segment) or (length := LENGTH.match(frame.raw)) is None:
        return None
    place = length.end() + len(frame.segment)
    return _opened(frame.segment, frame.raw[place : place + 4], key)


def _is_text(segment: bytes) -> bool:
    try:
        return segment.decode("utf-8").replace("\t", " ").isprintable()
    except UnicodeDecodeError:
        return False


def _with_length(body: bytes, declared: int, key: bytes | None) -> Repaired | None:
    """Read the segment that the length names; None if it rather seems that the length is wrong."""
    segment = body[:declared]
    match = CARRIED.match(body, declared)
    carried = match[0] if match else b""
    codes = dialect(segment, carried)
    if codes is not None:
        return Repaired(segment, codes)
    if (plain := _opened(segment, carried, key)) is not None:
        return Repaired(plain, ())
    if _seems_encrypted(segment):
        return Repaired(None, ("no_key",))
    tail = TAIL.search(body)
    if tail is not None and tail.start() + len(CLOSE) != declared:
        return None
    return Repaired(segment, _of_no_checksum(carried))


def _without_length(body: bytes, declared: int, key: bytes | None) -> Repaired:
    """Find the segment by its end: the last ``&&`` with a checksum, a checksum alone, or ``&&`` alone."""
    if (tail := TAIL.search(body)) is not None:
        return _ending(body[: tail.start() + len(CLOSE)], tail[1], declared, key)
    if (bare := BARE_TAIL.search(body)) is not None and BODY in body:
        cut = body[: bare.start()]
        closed = cut + CLOSE
        # a relay may have dropped && on the way, or before it counted the checksum
        if dialect(closed, bare[1]) is not None or dialect(cut, bare[1]) is not None:
            return Repaired(closed, ("closing_dropped", *_length_code(closed, declared)))
    segment = body.rstrip(b" \t\r\n*")
    if not segment.endswith(CLOSE):
        return Repaired(None, ("broken_segment",))
    return Repaired(segment, (*_length_code(segment, declared), "checksum_missing"))


def _ending(segment: bytes, carried: bytes, declared: int, key: bytes | None) -> Repaired:
    codes = dialect(segment, carried)
    if codes is not None:
        return Repaired(segment, (*_length_code(segment, declared), *codes))
    if BODY in segment and PRINTED.match(segment.partition(BODY)[2]) is not None:
        plain = _opened(segment, carried, key)
        if plain is None:
            return Repaired(None, ("cipher_as_text", "no_key"))
        return Repaired(plain, ("cipher_as_text", *_length_code(plain, declared)))
    return Repaired(segment, (*_length_code(segment, declared), *_of_no_checksum(carried)))


def _of_no_checksum(carried: bytes) -> tuple[str, ...]:
    if not carried:
        return ("checksum_missing",)
    return ("checksum_unknown", "checksum_lower_case") if carried != carried.upper() else ("checksum_unknown",)


def _length_code(segment: bytes, declared: int) -> tuple[str, ...]:
    return () if len(segment) == declared else ("wrong_length",)


def _opened(segment: bytes, carried: bytes, key: bytes | None) -> bytes | None:
    """Return the plain segment if it is one of an encrypted kind and its checksum then holds."""
    if key is None or len(carried) != 4 or not _may_be_encrypted(segment):
        return None
    try:
        plain = opened(segment, key=key)
    except ValueError:
        return None
    return plain if checksum(plain) == int(carried, 16) else None


def _may_be_encrypted(segment: bytes) -> bool:
    cn = read_header(segment).get("CN", "")
    return cn.isascii() and cn.isdigit() and len(cn) <= 4 and covers(int(cn))


def _seems_encrypted(segment: bytes) -> bool:
    """Whether a data area holds bytes that no text has: a guess, told as such."""
    area = segment.partition(BODY)[2]
    controls = sum(byte < 32 and byte not in b"\t\r\n" for byte in area)
    return len(area) > BLOCK and controls * BLOCK > len(area) and _may_be_encrypted(segment)
