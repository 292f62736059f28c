"""How a simulated sender breaks the standard: the deviations 偏离 of the codec's table, made on purpose.

``dressed(segment, …)`` gives the frame. A quirk of the segment changes what length and checksum count, a quirk of
the frame what stands about it; each makes exactly the deviation whose code it bears, as far as the packet allows
(seconds show only in the DataTime of periods, a short checksum only where there is a leading zero).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from qingtian.base.times import parse_stamp
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.encryption import sealed
from qingtian.stream.hj212.repair import modbus
from qingtian.stream.hj212.segment import BODY, CLOSE

Change = Callable[[bytes], bytes]


def _replaced(pattern: bytes, replacement: bytes | Callable[[re.Match[bytes]], bytes]) -> Change:
    return lambda segment: re.sub(pattern, replacement, segment, count=1)


def _appended(text: bytes) -> Change:
    """Add to the data area; ``%s`` in the text stands for the first factor's code."""

    def change(segment: bytes) -> bytes:
        code = re.search(rb"([A-Za-z0-9]+)-", segment.partition(BODY)[2])
        if b"%s" in text and code is None:
            return segment
        added = text.replace(b"%s", code[1]) if code else text
        return segment[: -len(CLOSE)] + added + CLOSE

    return change


def _epoch(match: re.Match[bytes]) -> bytes:
    moment = parse_stamp(match[1].decode())
    return b"QN=%d;" % round(moment.timestamp() * 1000)


def _with_bit(bit: int) -> Change:
    return _replaced(rb"Flag=(\d+)", lambda match: b"Flag=%d" % (int(match[1]) | bit))


def _seconds(match: re.Match[bytes]) -> bytes:
    return match[1] + b"17"


# the last factor's mark or value, so that what comes before stays readable
SEGMENT: dict[str, Change] = {
    "qn_missing": _replaced(rb"QN=\d+;", b"QN=;"),
    "qn_epoch": _replaced(rb"QN=(\d{17});", _epoch),
    "qn_nonstandard": _replaced(rb"QN=(\d{14})\d{3};", rb"QN=\1;"),
    "pw_empty": _replaced(rb"PW=[^;]*;", b"PW=;"),
    "flag_missing": _replaced(rb"Flag=\d+;", b""),
    "flag_name_case": _replaced(rb"Flag=", b"FLAG="),
    "flag_nonstandard": _replaced(rb"Flag=(\d+)", b"Flag=x"),
    "stray_comma": _replaced(rb";MN=", b";,MN="),
    "header_comma": _replaced(rb";MN=", b",MN="),
    "header_run_together": _replaced(rb";CP=", b"CP="),
    "field_order": _replaced(rb"(ST=\w+;)(CN=\d+;)", rb"\2\1"),
    "parts_without_bit": _replaced(rb";CP=", b";PNUM=1;PNO=1;CP="),
    "bit_without_parts": _with_bit(2),
    "parts_nonstandard": _replaced(rb";CP=", b";PNUM=1;PNO=2;CP="),
    "spaces": _replaced(rb";MN=", b"; MN="),
    "gbk_text": _appended(";i21001-Info=//清洗管路//".encode("gbk")),
    "trailing_separator": _appended(b";"),
    "data_time_missing": _replaced(rb"DataTime=\d+;", b""),
    "data_time_unreadable": _replaced(rb"DataTime=\d+", b"DataTime=20269999000000"),
    "data_time_long": _replaced(rb"(DataTime=\d{14})", rb"\g<1>000"),
    "data_time_seconds": _replaced(rb"(DataTime=\d{12})\d\d", _seconds),
    "unknown_factor": _appended(b";PM25-Rtd=35"),
    "unknown_tag": _appended(b";%s-Ori=1.0"),
    "unknown_item": _appended(b";Vendor=1"),
    "tag_missing": _appended(b";%s=N"),
    "flag_without_factor": _appended(b";Flag=N"),
    "repeated_tag": _appended(b";%s-Flag=N"),
    "junk_value": _replaced(rb"=(-?[\d.]+)(,[\w]+-Flag)", rb"=--\2"),
    "empty_value": _replaced(rb"=(-?[\d.]+)(,[\w]+-Flag)", rb"=\2"),
    "unknown_mark": _replaced(rb"-Flag=\w", b"-Flag=Z"),
}


@dataclass(frozen=True)
class Parts:
    """A frame before it is put together."""

    length: bytes
    segment: bytes
    checksum: bytes
    end: bytes = b"\r\n"
    before: bytes = b""

    def frame(self) -> bytes:
        return self.before + b"##" + self.length + self.segment + self.checksum + self.end


Wrapping = Callable[[Parts], Parts]


def _crc(of: Callable[[bytes], bytes]) -> Wrapping:
    return lambda parts: Parts(parts.length, parts.segment, of(parts.segment), parts.end, parts.before)


def _swap(digits: bytes) -> bytes:
    return digits[2:] + digits[:2]


def _unknown(segment: bytes) -> bytes:
    # the low byte of a checksum of HJ 212 is never 02
    return printed(checksum(segment))[:2] + b"02"


def _length(of: Callable[[int], bytes]) -> Wrapping:
    return lambda parts: Parts(of(len(parts.segment)), parts.segment, parts.checksum, parts.end, parts.before)


def _end(end: bytes) -> Wrapping:
    return lambda parts: Parts(parts.length, parts.segment, parts.checksum, end, parts.before)


FRAME: dict[str, Wrapping] = {
    "checksum_modbus": _crc(lambda segment: b"%04X" % modbus(segment)),
    "checksum_swapped": _crc(lambda segment: _swap(printed(checksum(segment)))),
    "checksum_modbus_swapped": _crc(lambda segment: _swap(b"%04X" % modbus(segment))),
    "checksum_lower_case": lambda parts: Parts(
        parts.length, parts.segment, parts.checksum.lower(), parts.end, parts.before
    ),
    "checksum_short": _crc(lambda segment: b"%X" % checksum(segment)),
    "checksum_unknown": _crc(_unknown),
    "checksum_missing": _crc(lambda segment: b""),
    "short_length": _length(lambda length: b"%d" % length),
    "wrong_length": _length(lambda length: b"%04d" % (length + 8)),
    "missing_crlf": _end(b""),
    "lf_only": _end(b"\n"),
    "stars": _end(b"**\r\n"),
    "stray_bytes": lambda parts: Parts(parts.length, parts.segment, parts.checksum, parts.end, b"AT+OK "),
    "closing_dropped": lambda parts: Parts(
        parts.length, parts.segment[: -len(CLOSE)], parts.checksum, parts.end, parts.before
    ),
}

OVERSIZE, AS_TEXT = "oversize_segment", "cipher_as_text"
QUIRKS: dict[str, None] = dict.fromkeys((*SEGMENT, *FRAME, OVERSIZE, AS_TEXT))


def dressed(segment: bytes, *, quirks: Collection[str] = (), key: bytes | None = None) -> bytes:
    """Return the frame of a data segment with these deviations; encrypted if there is a ``key``."""
    for name, change in SEGMENT.items():
        if name in quirks:
            segment = change(segment)
    body = segment if key is None else sealed(segment, key=key)
    if key is not None and AS_TEXT in quirks:
        body = _printed_cipher(body)
    # length and checksum are those of the plain text (`encryption`)
    parts = Parts(b"%04d" % len(segment), segment, printed(checksum(segment)))
    for name, wrap in FRAME.items():
        if name in quirks:
            parts = wrap(parts)
    if key is not None:
        parts = Parts(parts.length, body, parts.checksum, parts.end, parts.before)
    return parts.frame()


def _printed_cipher(body: bytes) -> bytes:
    head, _, rest = body.partition(BODY)
    area = rest[: -len(CLOSE)]
    whole = len(area) // 16 * 16
    cipher = b",".join(b"0x%02X" % byte for byte in area[:whole])
    return head + BODY + b"{" + cipher + b"}" + area[whole:] + CLOSE
