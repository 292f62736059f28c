"""Encrypted data areas of HJ 212-2025: SM4, code book, "Nopadding": whole blocks only, the tail stays plain.

Second-hand (the official text was not read; `docs/hj212.md` lists what it must confirm). Length and checksum of a frame
are those of its plain text, so an encrypted frame fails its checksum until it is opened. Two forms are met on the wire:
raw bytes, which the length fits, and the text ``{0xE4,0x3E,…}`` as the standard prints it.
"""

from __future__ import annotations

import re

from qingtian.stream.hj212 import sm4
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.segment import BODY, CLOSE

PRINTED = re.compile(rb"\{(0[xX][0-9A-Fa-f]{1,2}(?:[, ]{1,3}0[xX][0-9A-Fa-f]{1,2})*)[, ]{0,3}\}")
BYTE = re.compile(rb"0[xX]([0-9A-Fa-f]{1,2})")


def covers(cn: int) -> bool:
    """Say whether a command's data area is encrypted: 2000 to 2999, 1014, 3020."""
    return 2000 <= cn <= 2999 or cn in (1014, 3020)


def sealed(segment: bytes, *, key: bytes) -> bytes:
    """Return a data segment with the whole blocks of its area encrypted; the length does not change.

    :raises ValueError: if it has no data area, or the key has another length than 16 bytes.
    """
    head, area = _parts(segment)
    whole = len(area) // sm4.BLOCK * sm4.BLOCK
    return head + sm4.encrypted(area[:whole], key=key) + area[whole:] + CLOSE


def sealed_frame(segment: bytes, *, key: bytes) -> bytes:
    """Return the frame of an encrypted segment: length and checksum are those of the plain one."""
    return b"##%04d%s%s\r\n" % (len(segment), sealed(segment, key=key), printed(checksum(segment)))


def opened(segment: bytes, *, key: bytes) -> bytes:
    """Return the plain data segment of an encrypted one, of either form. A wrong key gives other bytes, not an error.

    :raises ValueError: if it has no data area, or what is printed in braces is no whole number of blocks.
    """
    head, area = _parts(segment)
    if (text := PRINTED.match(area)) is not None:
        cipher = bytes(int(byte, 16) for byte in BYTE.findall(text[1]))
        return head + sm4.decrypted(cipher, key=key) + area[text.end() :] + CLOSE
    whole = len(area) // sm4.BLOCK * sm4.BLOCK
    return head + sm4.decrypted(area[:whole], key=key) + area[whole:] + CLOSE


def _parts(segment: bytes) -> tuple[bytes, bytes]:
    head, body, rest = segment.partition(BODY)
    if not body or not rest.endswith(CLOSE):
        raise ValueError("there is no data area CP=&&…&& to open or close")
    return head + body, rest[: -len(CLOSE)]
