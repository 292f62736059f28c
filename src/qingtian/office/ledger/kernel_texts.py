"""The compiled part of proving the ledger, first half: a row that is copied out becomes the texts that are hashed.

They are the canonical text of `canonical.entry_hash` and the text of the leaf (`tiles.leaf`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.words import find_byte, inner, kernel, load_word, reversed_bytes, store_word

ID, SEQUENCE, AT, TEXT_END, LEAF_END, CHAIN, FLAGS = range(7)
"""Columns of what is said of a row; AT is where it begins in the copy."""
ROW_COLUMNS = 7
GAP, BREAK, ODD_HASH, OTHER_ALGORITHM, ODD_TIME, PERHAPS_SEALED = 1, 2, 4, 8, 16, 32
"""Flags of a row: the sequence has a gap before it, its ``previous`` is another, its hash is no SHA-256, …"""

FIELDS = 11
CHAIN_FIELD, SEQUENCE_FIELD, AT_FIELD, ACTOR, NAME, ACT, CONTENT, ALGORITHM, PREVIOUS, HASH = range(1, FIELDS)


def _bytes(text: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(text, np.uint8)


SAY_ACT, SAY_ACTOR, SAY_NAME = _bytes(b'{"act":'), _bytes(b',"actor":'), _bytes(b',"actor_name":')
SAY_ALGORITHM, SAY_AT, SAY_CHAIN = _bytes(b',"algorithm":'), _bytes(b',"at":"'), _bytes(b'+00:00","chain":')
SAY_CONTENT, SAY_PREVIOUS = _bytes(b',"content":'), _bytes(b',"previous":')
SAY_SEQUENCE = _bytes(b',"sequence":')
SHA256 = _bytes(b"sha256")
HEX_DIGITS = _bytes(b"0123456789abcdef")
NO_DIGIT = 255
VALUES = np.full(256, NO_DIGIT, np.uint8)
VALUES[HEX_DIGITS] = np.arange(16, dtype=np.uint8)
# what follows the backslash; 0: nothing is escaped; 1: written as \u00XX. Just as json.dumps(ensure_ascii=False) does
ESCAPES = np.zeros(256, np.uint8)
ESCAPES[:32] = 1
for _byte, _letter in ((8, b"b"), (9, b"t"), (10, b"n"), (12, b"f"), (13, b"r"), (34, b'"'), (92, b"\\")):
    ESCAPES[_byte] = _letter[0]
LETTERS = np.where(ESCAPES > 1, ESCAPES, np.arange(256)).astype(np.uint8)
"""What stands for a byte, behind the backslash if there is one."""
QUOTE, BACKSLASH, TILDE = 34, 92, 126
ONES, HIGHS = 0x0101010101010101, 0x8080808080808080
BLANKS, QUOTES, BACKSLASHES = 32 * ONES, QUOTE * ONES, BACKSLASH * ONES

DAY = 86_400_000_000
FIRST_INSTANT, LAST_INSTANT = -730_119 * DAY, 2_921_940 * DAY
"""The years 1 to 9999 in microseconds since the beginning of 2000, as PostgreSQL counts."""
ERAS_BEFORE_2000 = 730_425
"""Days from 0000-03-01 to 2000-01-01."""


@inner
def whole(raw: Any, at: int, size: int) -> int:
    """Read a signed number of at most eight bytes, the highest first."""
    value = -1 if raw[at] > 127 else 0
    for place in range(at, at + size):
        value = (value << 8) | np.int64(raw[place])  # type: ignore[assignment]
    return value


@inner
def long(raw: Any, at: int) -> int:
    """Read a signed number of eight bytes, the highest first."""
    read: int = types.int64(reversed_bytes(load_word(raw, at)))
    return read


@inner
def copied(out: Any, at: int, raw: Any, start: int, stop: int) -> int:
    """Copy a text; return where it ends."""
    place = start
    while place + 8 <= stop:
        store_word(out, at, load_word(raw, place))
        place += 8
        at += 8
    while place < stop:
        out[at] = raw[place]
        place += 1
        at += 1
    return at


@inner
def put(out: Any, at: int, text: Any) -> int:
    return copied(out, at, text, 0, len(text))


@inner
def may_be_escaped(word: int) -> bool:
    """Tell whether one of eight bytes is below a blank, a quote or a backslash; rarely also where none is."""
    quotes, slashes = word ^ types.uint64(QUOTES), word ^ types.uint64(BACKSLASHES)
    low = (word - types.uint64(BLANKS)) & ~word
    found = low | (quotes - types.uint64(ONES)) & ~quotes | (slashes - types.uint64(ONES)) & ~slashes
    said: bool = found & types.uint64(HIGHS) != types.uint64(0)
    return said


@inner
def quoted_byte(out: Any, at: int, byte: int) -> int:
    # the backslash is written in any case, and written over if it is not wanted: no branch to be guessed wrongly
    escape = ESCAPES[byte]
    out[at] = BACKSLASH
    if escape == 1:
        return out_of_line(out, at + 1, byte)
    at += 1 if escape else 0
    out[at] = LETTERS[byte]
    return at + 1


@kernel
def quote(out: Any, at: int, raw: Any, start: int, stop: int) -> int:
    """Write a text as JSON."""
    out[at] = QUOTE
    at += 1
    place = start
    while place + 8 <= stop:
        word = load_word(raw, place)
        if may_be_escaped(word):
            for byte in range(place, place + 8):
                at = quoted_byte(out, at, raw[byte])
        else:
            store_word(out, at, word)
            at += 8
        place += 8
    while place < stop:
        at = quoted_byte(out, at, raw[place])
        place += 1
    out[at] = QUOTE
    return at + 1


@kernel
def out_of_line(out: Any, at: int, byte: int) -> int:
    out[at] = 117  # u
    out[at + 1] = out[at + 2] = 48
    out[at + 3] = HEX_DIGITS[byte >> 4]
    out[at + 4] = HEX_DIGITS[byte & 15]
    return at + 5


@inner
def digits(out: Any, at: int, value: int, width: int) -> int:
    for place in range(at + width - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + width


@inner
def number(out: Any, at: int, value: int) -> int:
    """Write a whole number."""
    if value < 0:
        out[at] = 45
        at += 1
        value = -value
    width, rest = 1, value // 10
    while rest:
        width += 1
        rest //= 10
    return digits(out, at, value, width)


@inner
def instant(out: Any, at: int, value: int) -> int:
    """Write microseconds since 2000 as ``2026-01-01T00:00:00.000000`` (days to years: the civil calendar, by eras)."""
    day, rest = value // DAY, value % DAY
    day += ERAS_BEFORE_2000
    era = day // 146_097
    of_era = day % 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year + era * 400 + (1 if month <= 2 else 0)
    at = digits(out, at, year, 4)
    for mark, part in ((45, month), (45, date), (84, rest // 3_600_000_000)):
        out[at] = mark
        at = digits(out, at + 1, part, 2)
    for part in (rest // 60_000_000 % 60, rest // 1_000_000 % 60):
        out[at] = 58
        at = digits(out, at + 1, part, 2)
    out[at] = 46
    return digits(out, at + 1, rest % 1_000_000, 6)


@inner
def entry_text(out: Any, at: int, raw: Any, starts: Any, stops: Any, row: Any) -> int:
    at = quote(out, put(out, at, SAY_ACT), raw, starts[ACT], stops[ACT])
    at = quote(out, put(out, at, SAY_ACTOR), raw, starts[ACTOR], stops[ACTOR])
    at = quote(out, put(out, at, SAY_NAME), raw, starts[NAME], stops[NAME])
    at = quote(out, put(out, at, SAY_ALGORITHM), raw, starts[ALGORITHM], stops[ALGORITHM])
    usual = stops[ALGORITHM] - starts[ALGORITHM] == len(SHA256)
    for place in range(len(SHA256)):
        usual = usual and raw[starts[ALGORITHM] + place] == SHA256[place]
    if not usual:
        row[FLAGS] |= OTHER_ALGORITHM
    moment = long(raw, starts[AT_FIELD])
    at = put(out, at, SAY_AT)
    if FIRST_INSTANT <= moment < LAST_INSTANT:
        at = instant(out, at, moment)
    else:
        row[FLAGS] |= ODD_TIME
    at = quote(out, put(out, at, SAY_CHAIN), raw, starts[CHAIN_FIELD], stops[CHAIN_FIELD])
    at = quote(out, put(out, at, SAY_CONTENT), raw, starts[CONTENT], stops[CONTENT])
    if find_byte(raw, starts[CONTENT], stops[CONTENT], TILDE) < stops[CONTENT]:
        row[FLAGS] |= PERHAPS_SEALED
    at = quote(out, put(out, at, SAY_PREVIOUS), raw, starts[PREVIOUS], stops[PREVIOUS])
    at = number(out, put(out, at, SAY_SEQUENCE), row[SEQUENCE])
    out[at] = 125
    return at + 1


@inner
def leaf_text(out: Any, at: int, raw: Any, start: int, stop: int, key: int) -> int:
    out[at] = 0
    at = number(out, at + 1, key)
    out[at] = 58
    return copied(out, at + 1, raw, start, stop)
