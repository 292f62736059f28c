"""The compiled part of proving the ledger: rows are laid out as texts to be hashed, and linked in their chains.

A row arrives as ``COPY … (FORMAT BINARY)`` writes it; its texts leave one after another in a buffer (`kernel_texts`).
On the way it is held against the one before it in its chain. `hashing` hashes what was laid out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qingtian.office.ledger import hashing
from qingtian.office.ledger.kernel_texts import (
    AT,
    BREAK,
    CHAIN,
    CHAIN_FIELD,
    FIELDS,
    FLAGS,
    GAP,
    HASH,
    ID,
    LEAF_END,
    NO_DIGIT,
    ODD_HASH,
    PREVIOUS,
    ROW_COLUMNS,
    SEQUENCE,
    SEQUENCE_FIELD,
    TEXT_END,
    VALUES,
    entry_text,
    leaf_text,
    long,
    whole,
)
from qingtian.stream.hj212.words import hash_bytes, inner, kernel, same_bytes

HEADER, TRAILER = 19, 2
"""Bytes before the first row of a copy and behind the last."""

NAME_AT, NAME_SIZE, FIRST_SEQUENCE, LAST_SEQUENCE, ODD = range(5)
"""Columns of what is known of a chain; ODD: bits for a first ``previous`` and a last hash that are no digests."""
CHAIN_COLUMNS = 5
FIRST_IS_ODD, LAST_IS_ODD = 1, 2
WORDS = 4
"""A digest is four words; of a chain the first ``previous``, then the last hash."""


@inner
def digest(words: Any, raw: Any, start: int, stop: int) -> bool:
    """Read 64 hex digits into four words, nothing at all into zeros; return whether it is neither."""
    for word in range(WORDS):
        words[word] = 0
    if stop == start:
        return False
    if stop - start != 64:
        return True
    odd = np.uint8(0)
    for word in range(WORDS):
        read = np.uint64(0)
        for place in range(start + 16 * word, start + 16 * word + 16):
            value = VALUES[raw[place]]
            odd |= value
            read = (read << np.uint64(4)) | np.uint64(value & 15)
        words[word] = read
    neither: bool = odd == NO_DIGIT
    return neither


@inner
def same(one: Any, other: Any) -> bool:
    alike: bool = one[0] == other[0] and one[1] == other[1] and one[2] == other[2] and one[3] == other[3]
    return alike


@inner
def copy_digest(into: Any, words: Any) -> None:
    for word in range(WORDS):
        into[word] = words[word]


@kernel
def find(slots: Any, names: Any, chains: Any, raw: Any, start: int, size: int) -> int:
    """Return the slot of a chain's name: that of the chain, or the free one where it belongs."""
    last = len(slots) - 1
    slot: int = np.int64(hash_bytes(raw, start, start + size) & np.uint64(last))  # type: ignore[assignment]
    while slots[slot] >= 0:
        known = slots[slot]
        if chains[known, NAME_SIZE] == size and same_bytes(names, chains[known, NAME_AT], raw, start, size):
            return slot
        slot = (slot + 1) & last
    return slot


@inner
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


@inner
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
        row[ID], row[SEQUENCE] = long(raw, starts[0]), long(raw, starts[SEQUENCE_FIELD])
        row[FLAGS] = 0
        text = entry_text(texts, text, raw, starts, stops, row)
        row[TEXT_END] = text
        leaf = leaf_text(leaves, leaf, raw, starts[HASH], stops[HASH], row[ID])
        row[LEAF_END] = leaf
        odd = digest(previous, raw, starts[PREVIOUS], stops[PREVIOUS])
        size = stops[CHAIN_FIELD] - starts[CHAIN_FIELD]
        slot = find(slots, names, chains, raw, starts[CHAIN_FIELD], size)
        new = slots[slot] < 0
        chain = enter(slots, names, chains, used, raw, starts[CHAIN_FIELD], size, slot) if new else slots[slot]
        row[CHAIN] = chain
        row[FLAGS] |= link(chains, ends, chain, new, row[SEQUENCE], previous, odd)
        chains[chain, LAST_SEQUENCE] = row[SEQUENCE]
        if digest(stated[count], raw, starts[HASH], stops[HASH]) or stops[HASH] == starts[HASH]:
            row[FLAGS] |= ODD_HASH
            chains[chain, ODD] |= LAST_IS_ODD
        else:
            chains[chain, ODD] &= ~LAST_IS_ODD
        copy_digest(ends[chain, WORDS:], stated[count])
        count += 1
    return count


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
    hashing.warm()
