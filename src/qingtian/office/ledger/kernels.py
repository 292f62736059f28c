"""The compiled part of proving the ledger: rows as PostgreSQL copies them out become the texts that are hashed.

A row arrives as ``COPY … (FORMAT BINARY)`` writes it; what leaves is the canonical text of `canonical.entry_hash` and
the text of its leaf (`tiles.leaf`), one after another in a buffer. On the way each row is linked to the one before it
in its chain. Hashing itself is OpenSSL's, in Python: nothing here is faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import kernel

HEADER, TRAILER = 19, 2
"""Bytes before the first row of a copy and behind the last."""

ID, SEQUENCE, AT, TEXT_END, LEAF_END, CHAIN, FLAGS = range(7)
"""Columns of what is said of a row; AT is where it begins in the copy."""
ROW_COLUMNS = 7
GAP, BREAK, ODD_HASH, OTHER_ALGORITHM, ODD_TIME, PERHAPS_SEALED = 1, 2, 4, 8, 16, 32
"""Flags of a row: the sequence has a gap before it, its ``previous`` is another, its hash is no SHA-256, …"""

NAME_AT, NAME_SIZE, FIRST_SEQUENCE, LAST_SEQUENCE, ODD = range(5)
"""Columns of what is known of a chain; ODD: bits for a first ``previous`` and a last hash that are no digests."""
CHAIN_COLUMNS = 5
FIRST_IS_ODD, LAST_IS_ODD = 1, 2
WORDS = 4
"""A digest is four words; of a chain the first ``previous``, then the last hash."""

FIELDS = 11
_CHAIN, _SEQUENCE, _AT, _ACTOR, _NAME, _ACT, _CONTENT, _ALGORITHM, _PREVIOUS, _HASH = range(1, FIELDS)


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
QUOTE, BACKSLASH, TILDE = 34, 92, 126

DAY = 86_400_000_000
FIRST_INSTANT, LAST_INSTANT = -730_119 * DAY, 2_921_940 * DAY
"""The years 1 to 9999 in microseconds since the beginning of 2000, as PostgreSQL counts."""
ERAS_BEFORE_2000 = 730_425
"""Days from 0000-03-01 to 2000-01-01."""


@kernel
def whole(raw: Any, at: int, size: int) -> int:
    """Read a signed number, the highest byte first."""
    value = -1 if raw[at] > 127 else 0
    for place in range(at, at + size):
        value = (value << 8) | np.int64(raw[place])  # type: ignore[assignment]
    return value


@kernel
def put(out: Any, at: int, text: Any) -> int:
    for place in range(len(text)):
        out[at + place] = text[place]
    return at + len(text)


@kernel
def quote(out: Any, at: int, raw: Any, start: int, stop: int) -> int:
    """Write a text as JSON."""
    out[at] = QUOTE
    at += 1
    for place in range(start, stop):
        byte = raw[place]
        escape = ESCAPES[byte]
        if escape == 0:
            out[at] = byte
            at += 1
        else:
            out[at] = BACKSLASH
            at = out_of_line(out, at + 1, byte, escape)
    out[at] = QUOTE
    return at + 1


@kernel
def out_of_line(out: Any, at: int, byte: int, escape: int) -> int:
    if escape != 1:
        out[at] = escape
        return at + 1
    out[at] = 117  # u
    out[at + 1] = out[at + 2] = 48
    out[at + 3] = HEX_DIGITS[byte >> 4]
    out[at + 4] = HEX_DIGITS[byte & 15]
    return at + 5


@kernel
def digits(out: Any, at: int, value: int, width: int) -> int:
    for place in range(at + width - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + width


@kernel
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


@kernel
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


@kernel
def digest(words: Any, raw: Any, start: int, stop: int) -> bool:
    """Read 64 hex digits into four words, nothing at all into zeros; return whether it is neither."""
    for word in range(WORDS):
        words[word] = 0
    if stop == start:
        return False
    if stop - start != 64:
        return True
    odd = False
    for place in range(64):
        value = VALUES[raw[start + place]]
        odd |= value == NO_DIGIT
        words[place >> 4] = (words[place >> 4] << np.uint64(4)) | np.uint64(value & 15)
    return odd


@kernel
def same(one: Any, other: Any) -> bool:
    alike: bool = one[0] == other[0] and one[1] == other[1] and one[2] == other[2] and one[3] == other[3]
    return alike


@kernel
def copy_digest(into: Any, words: Any) -> None:
    for word in range(WORDS):
        into[word] = words[word]


@kernel
def find(slots: Any, names: Any, chains: Any, raw: Any, start: int, size: int) -> int:
    """Return the slot of a chain's name: that of the chain, or the free one where it belongs."""
    mixed = np.uint64(14695981039346656037)
    for place in range(start, start + size):
        mixed = (mixed ^ np.uint64(raw[place])) * np.uint64(1099511628211)
    last = len(slots) - 1
    slot: int = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(last))  # type: ignore[assignment]
    while slots[slot] >= 0:
        known = slots[slot]
        if chains[known, NAME_SIZE] == size:
            begin, place = chains[known, NAME_AT], 0
            while place < size and names[begin + place] == raw[start + place]:
                place += 1
            if place == size:
                return slot
        slot = (slot + 1) & last
    return slot


@kernel
def enter(slots: Any, names: Any, chains: Any, used: Any, raw: Any, start: int, size: int, slot: int) -> int:
    """Take a chain in that is new; return its place. ``used``: how many chains and bytes of names there are."""
    chain = int(used[0])
    slots[slot] = chain
    chains[chain, NAME_AT], chains[chain, NAME_SIZE] = used[1], size
    for place in range(size):
        names[used[1] + place] = raw[start + place]
    used[0] += 1
    used[1] += size
    return chain


@kernel
def link(chains: Any, ends: Any, chain: int, new: bool, sequence: int, previous: Any, odd: bool) -> int:
    """Hold an entry against the one before it in its chain; return the flag of what is wrong."""
    if new:
        chains[chain, FIRST_SEQUENCE] = sequence
        chains[chain, ODD] = FIRST_IS_ODD if odd else 0
        copy_digest(ends[chain, :WORDS], previous)
        return 0
    if sequence != chains[chain, LAST_SEQUENCE] + 1:
        return GAP
    broken = odd or chains[chain, ODD] & LAST_IS_ODD != 0 or not same(ends[chain, WORDS:], previous)
    return BREAK if broken else 0


@kernel
def lay_out(
    raw: Any,
    at: int,
    rows: Any,
    stated: Any,
    texts: Any,
    leaves: Any,
    slots: Any,
    names: Any,
    chains: Any,
    ends: Any,
    used: Any,
    starts: Any,
    stops: Any,
    previous: Any,
) -> int:
    """Lay out the rows of a copy from ``at`` on; return how many there are.

    ``rows`` (int64, `ROW_COLUMNS`) and ``stated`` (uint64, `WORDS`) are written, a line each; ``texts`` and ``leaves``
    get what is to be hashed; ``slots`` to ``used`` are the chains known so far; the rest is scratch room.
    """
    count, text, leaf = 0, 0, 0
    while at + 2 <= len(raw) and whole(raw, at, 2) == FIELDS:
        row = rows[count]
        row[AT] = at
        at += 2
        for field in range(FIELDS):
            size = max(whole(raw, at, 4), 0)
            starts[field], stops[field] = at + 4, at + 4 + size
            at += 4 + size
        row[ID], row[SEQUENCE] = whole(raw, starts[0], 8), whole(raw, starts[_SEQUENCE], 8)
        row[FLAGS] = 0
        text = entry_text(texts, text, raw, starts, stops, row)
        row[TEXT_END] = text
        leaf = leaf_text(leaves, leaf, raw, starts[_HASH], stops[_HASH], row[ID])
        row[LEAF_END] = leaf
        odd = digest(previous, raw, starts[_PREVIOUS], stops[_PREVIOUS])
        size = stops[_CHAIN] - starts[_CHAIN]
        slot = find(slots, names, chains, raw, starts[_CHAIN], size)
        new = slots[slot] < 0
        chain = enter(slots, names, chains, used, raw, starts[_CHAIN], size, slot) if new else slots[slot]
        row[CHAIN] = chain
        row[FLAGS] |= link(chains, ends, chain, new, row[SEQUENCE], previous, odd)
        chains[chain, LAST_SEQUENCE] = row[SEQUENCE]
        if digest(stated[count], raw, starts[_HASH], stops[_HASH]) or stops[_HASH] == starts[_HASH]:
            row[FLAGS] |= ODD_HASH
            chains[chain, ODD] |= LAST_IS_ODD
        else:
            chains[chain, ODD] &= ~LAST_IS_ODD
        copy_digest(ends[chain, WORDS:], stated[count])
        count += 1
    return count


@kernel
def entry_text(out: Any, at: int, raw: Any, starts: Any, stops: Any, row: Any) -> int:
    at = quote(out, put(out, at, SAY_ACT), raw, starts[_ACT], stops[_ACT])
    at = quote(out, put(out, at, SAY_ACTOR), raw, starts[_ACTOR], stops[_ACTOR])
    at = quote(out, put(out, at, SAY_NAME), raw, starts[_NAME], stops[_NAME])
    at = quote(out, put(out, at, SAY_ALGORITHM), raw, starts[_ALGORITHM], stops[_ALGORITHM])
    usual = stops[_ALGORITHM] - starts[_ALGORITHM] == len(SHA256)
    for place in range(len(SHA256)):
        usual = usual and raw[starts[_ALGORITHM] + place] == SHA256[place]
    if not usual:
        row[FLAGS] |= OTHER_ALGORITHM
    moment = whole(raw, starts[_AT], 8)
    at = put(out, at, SAY_AT)
    if FIRST_INSTANT <= moment < LAST_INSTANT:
        at = instant(out, at, moment)
    else:
        row[FLAGS] |= ODD_TIME
    at = quote(out, put(out, at, SAY_CHAIN), raw, starts[_CHAIN], stops[_CHAIN])
    at = quote(out, put(out, at, SAY_CONTENT), raw, starts[_CONTENT], stops[_CONTENT])
    for place in range(starts[_CONTENT], stops[_CONTENT]):
        if raw[place] == TILDE:
            row[FLAGS] |= PERHAPS_SEALED
            break
    at = quote(out, put(out, at, SAY_PREVIOUS), raw, starts[_PREVIOUS], stops[_PREVIOUS])
    at = number(out, put(out, at, SAY_SEQUENCE), row[SEQUENCE])
    out[at] = 125
    return at + 1


@kernel
def leaf_text(out: Any, at: int, raw: Any, start: int, stop: int, key: int) -> int:
    out[at] = 0
    at = number(out, at + 1, key)
    out[at] = 58
    at += 1
    for place in range(start, stop):
        out[at] = raw[place]
        at += 1
    return at


@kernel
def index(slots: Any, names: Any, chains: Any, count: int) -> None:
    """Put so many chains into an empty index."""
    for chain in range(count):
        slots[find(slots, names, chains, names, chains[chain, NAME_AT], chains[chain, NAME_SIZE])] = chain


@kernel
def absorb(
    slots: Any,
    names: Any,
    chains: Any,
    ends: Any,
    used: Any,
    later_names: Any,
    later_chains: Any,
    later_ends: Any,
    places: Any,
    flags: Any,
) -> None:
    """Go on with the runs of a later stretch; write where each chain stands now, and the flag of what is wrong."""
    for run in range(len(later_chains)):
        start, size = later_chains[run, NAME_AT], later_chains[run, NAME_SIZE]
        slot = find(slots, names, chains, later_names, start, size)
        new = slots[slot] < 0
        chain = enter(slots, names, chains, used, later_names, start, size, slot) if new else slots[slot]
        odd = later_chains[run, ODD] & FIRST_IS_ODD != 0
        first = later_chains[run, FIRST_SEQUENCE]
        flags[run] = link(chains, ends, chain, new, first, later_ends[run, :WORDS], odd)
        chains[chain, LAST_SEQUENCE] = later_chains[run, LAST_SEQUENCE]
        chains[chain, ODD] = (chains[chain, ODD] & FIRST_IS_ODD) | (later_chains[run, ODD] & LAST_IS_ODD)
        copy_digest(ends[chain, WORDS:], later_ends[run, WORDS:])
        places[run] = chain


MISSING_CHAIN, MISSING_TAIL, OTHER_HEAD, NO_HEAD = 1, 2, 3, 4
"""What a head may say against its chain; the last: a chain without a head."""


@kernel
def hold_heads(
    raw: Any,
    at: int,
    slots: Any,
    names: Any,
    chains: Any,
    ends: Any,
    verdicts: Any,
    expected: Any,
    gone: Any,
    words: Any,
) -> int:
    """Hold the heads of a copy (name, sequence, hash) against the chains; return how many say of entries that are gone.

    ``verdicts`` (one a chain) begins as `NO_HEAD`; ``expected`` gets the sequence of a head whose chain is shorter;
    ``gone`` (one a head) where the head begins whose chain has no entry at all.
    """
    missing = 0
    while at + 2 <= len(raw) and whole(raw, at, 2) == 3:
        begin = at
        size = whole(raw, at + 2, 4)
        start = at + 6
        sequence = whole(raw, start + size + 4, 8)
        hash_size = whole(raw, start + size + 12, 4)
        hash_at = start + size + 16
        at = hash_at + hash_size
        slot = find(slots, names, chains, raw, start, size)
        if slots[slot] < 0:
            if sequence:
                gone[missing] = begin
                missing += 1
            continue
        chain = slots[slot]
        odd = digest(words, raw, hash_at, at) or hash_size == 0 or chains[chain, ODD] & LAST_IS_ODD != 0
        verdicts[chain] = 0
        expected[chain] = sequence
        if sequence > chains[chain, LAST_SEQUENCE]:
            verdicts[chain] = MISSING_TAIL
        elif odd or sequence != chains[chain, LAST_SEQUENCE] or not same(ends[chain, WORDS:], words):
            verdicts[chain] = OTHER_HEAD
    return missing


def warm() -> None:
    """Compile every kernel that is not kept on disk yet, by using each once."""
    from_nothing = np.zeros(HEADER + TRAILER, np.uint8)
    rows, stated = np.zeros((1, ROW_COLUMNS), np.int64), np.zeros((1, WORDS), np.uint64)
    texts, scratch, words = np.zeros(1, np.uint8), np.zeros(FIELDS, np.int64), np.zeros(WORDS, np.uint64)
    slots, names, used = np.full(2, -1, np.int64), np.zeros(1, np.uint8), np.zeros(2, np.int64)
    chains, ends = np.zeros((0, CHAIN_COLUMNS), np.int64), np.zeros((0, 2 * WORDS), np.uint64)
    known = (slots, names, chains, ends)
    # what a copy is read from cannot be written to, which is another type
    from_nothing.flags.writeable = False
    lay_out(from_nothing, HEADER, rows, stated, texts, texts.copy(), *known, used, scratch, scratch.copy(), words)
    index(slots, names, chains, 0)
    absorb(*known, used, names, chains, ends, used, used)
    hold_heads(from_nothing, HEADER, *known, used, used, used, words)
