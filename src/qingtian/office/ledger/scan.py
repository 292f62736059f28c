"""Read a stretch of entries once, in the order of their ids, and check all that can be checked on the way.

No Django here: a process of its own may do this. What crosses from stretch to stretch (chains, roots) is returned and
joined by `chains` and `verify`.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingtian.office.ledger import hashing, kernel_texts, kernels, sealing
from qingtian.office.ledger.canonical import SM3, digest
from qingtian.office.ledger.runs import WHAT, Runs

FOREVER = 2**63 - 1
LONGEST_ESCAPE = 6
AROUND = 400
"""Bytes that the text of an entry has besides its fields, at most."""
NO_LEAVES = np.zeros((0, hashing.DIGEST), np.uint8)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Which entries: ``after < id <= until``. ``ends``: the last ids of its tiles; ``cuts``: those of checkpoints."""

    after: int = 0
    until: int = FOREVER
    ends: Sequence[int] = ()
    cuts: Sequence[int] = ()


@dataclass(kw_only=True)
class Found:
    """What a stretch holds.

    ``tiles``: (entries, root, digest of ids) recomputed; ``cuts``: by last id, the tiles before and the leaves since;
    ``sealed``: by entry, its chain, sequence and digests of personal fields.
    """

    entries: int = 0
    runs: Runs = field(default_factory=Runs)
    tiles: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    cuts: dict[int, tuple[int, list[bytes]]] = field(default_factory=dict)
    sealed: dict[int, tuple[str, int, dict[str, str]]] = field(default_factory=dict)


def scan(copies: Iterable[tuple[NDArray[np.uint8], int]], stretch: Stretch) -> Found:
    """Check each entry against its own hash and the entry before it in its chain; compute tiles and cuts.

    ``copies`` are the rows as `copying.copied` yields them.
    """
    found, desk, forest = Found(), Desk(), Forest(stretch)
    at = kernels.HEADER
    for raw, count in copies:
        page = desk.laid_out(found.runs, raw, at, count)
        at = 0
        if not len(page.rows):
            continue
        _check(found, page)
        forest.plant(found, page.ids, page.leaves)
        found.entries += len(page.ids)
    forest.finish(found)
    return found


@dataclass(kw_only=True)
class Page:
    """Some rows, laid out: what `kernels.lay_out` said of them, their texts, and the digests of texts and leaves.

    The texts are gone with the next page.
    """

    raw: NDArray[np.uint8]
    rows: NDArray[np.int64]
    stated: NDArray[np.uint64]
    texts: NDArray[np.uint8]
    digests: NDArray[np.uint8]
    leaves: NDArray[np.uint8]

    @property
    def ids(self) -> NDArray[np.int64]:
        return self.rows[:, kernel_texts.ID]

    def text(self, place: int) -> str:
        """Return the text that was hashed."""
        start, stop = [0, *self.rows[: place + 1, kernel_texts.TEXT_END].tolist()][-2:]
        return self.texts[start:stop].tobytes().decode()


class Desk:
    """Room for laying out rows, used again for every page."""

    def __init__(self) -> None:
        self._rows = np.zeros((0, kernel_texts.ROW_COLUMNS), np.int64)
        self._stated = np.zeros((0, kernels.WORDS), np.uint64)
        self._texts = self._leaves = np.zeros(0, np.uint8)
        self._scratch = (np.zeros(kernel_texts.FIELDS, np.int64), np.zeros(kernel_texts.FIELDS, np.int64))
        self._words = np.zeros(kernels.WORDS, np.uint64)

    def laid_out(self, runs: Runs, raw: NDArray[np.uint8], at: int, count: int) -> Page:
        """Lay out the rows of a copy, at most ``count``; link them to the runs."""
        self._make_room(len(raw), count)
        runs.make_room(chains=count, names=len(raw))
        known = (runs.slots, runs.names, runs.chains, runs.ends, runs.used)
        buffers = (self._rows, self._stated, self._texts, self._leaves)
        starts, stops = self._scratch
        count = kernels.lay_out(raw, at, *buffers, *known, starts, stops, self._words)
        rows = self._rows[:count]
        return Page(
            raw=raw,
            rows=rows,
            stated=self._stated[:count],
            texts=self._texts,
            digests=hashing.of_pieces(self._texts, rows[:, kernel_texts.TEXT_END]),
            leaves=hashing.of_pieces(self._leaves, rows[:, kernel_texts.LEAF_END]),
        )

    def _make_room(self, size: int, count: int) -> None:
        if count > len(self._rows):
            self._rows = np.zeros((count, kernel_texts.ROW_COLUMNS), np.int64)
            self._stated = np.zeros((count, kernels.WORDS), np.uint64)
        room = LONGEST_ESCAPE * size + AROUND * count
        if room > len(self._texts):
            self._texts, self._leaves = np.zeros(room, np.uint8), np.zeros(room, np.uint8)


def _check(found: Found, page: Page) -> None:
    """Hold the digests against the hashes stated; what is unusual about a row is looked at one by one."""
    flags = page.rows[:, kernel_texts.FLAGS]
    differs = (page.digests.view(">u8") != page.stated).any(axis=1)
    for place in np.flatnonzero(flags & ~kernel_texts.PERHAPS_SEALED | differs):
        _check_one(found.runs, page, int(place), differs=bool(differs[place]))
    for place in np.flatnonzero(flags & kernel_texts.PERHAPS_SEALED):
        fields = _fields(page, int(place))
        if sealing.MARK in fields[7]:
            key, sequence = page.rows[place, [kernel_texts.ID, kernel_texts.SEQUENCE]].tolist()
            found.sealed[key] = (fields[1], sequence, _digests(fields[7]))


def _check_one(runs: Runs, page: Page, place: int, *, differs: bool) -> None:
    row = page.rows[place]
    chain, sequence, flags = (
        int(row[column]) for column in (kernel_texts.CHAIN, kernel_texts.SEQUENCE, kernel_texts.FLAGS)
    )
    for flag, what in WHAT.items():
        if flags & flag:
            runs.blame(chain, sequence, what)
    if flags & kernel_texts.OTHER_ALGORITHM:
        differs = not _holds_otherwise(page, place)
    if differs or flags & (kernel_texts.ODD_HASH | kernel_texts.ODD_TIME):
        runs.blame(chain, sequence, "hash")


def _holds_otherwise(page: Page, place: int) -> bool:
    """Check an entry that names another algorithm than SHA-256.

    :raises AlgorithmMissing: for SM3, if OpenSSL here does not have it.
    """
    *_, algorithm, _previous, stated = _fields(page, place)
    if algorithm != SM3:
        return False
    return digest(page.text(place), algorithm=SM3) == stated


def _fields(page: Page, place: int) -> list[str]:
    """Return the texts of a row; of numbers nothing."""
    raw, at = page.raw, int(page.rows[place, kernel_texts.AT]) + 2
    found = []
    for column in range(kernel_texts.FIELDS):
        (size,) = struct.unpack(">i", raw[at : at + 4].tobytes())
        numeric = column in (0, 2, 3)
        found.append("" if numeric else raw[at + 4 : at + 4 + max(size, 0)].tobytes().decode(errors="replace"))
        at += 4 + max(size, 0)
    return found


def _digests(content: str) -> dict[str, str]:
    try:
        return sealing.digests(content)
    except (ValueError, AttributeError):
        # not JSON any more: its hash tells
        return {}


class Forest:
    """Leaves in their order, closed to a tile at each end of one, and remembered at each checkpoint."""

    def __init__(self, stretch: Stretch) -> None:
        self._events = sorted([*((one, 0) for one in stretch.cuts), *((one, 1) for one in stretch.ends)])
        self._next = 0
        self._leaves: list[NDArray[np.uint8]] = []
        self._ids: list[NDArray[np.int64]] = []

    def plant(self, found: Found, ids: NDArray[np.int64], leaves: NDArray[np.uint8]) -> None:
        """Take the leaves of some entries, and mark all that lies before the last of them."""
        done = 0
        while len(ids) and self._next < len(self._events) and self._events[self._next][0] < ids[-1]:
            stop = int(np.searchsorted(ids, self._events[self._next][0], side="right"))
            self._take(ids[done:stop], leaves[done:stop])
            done = stop
            self._mark(found)
        self._take(ids[done:], leaves[done:])

    def finish(self, found: Found) -> None:
        while self._next < len(self._events):
            self._mark(found)

    def _take(self, ids: NDArray[np.int64], leaves: NDArray[np.uint8]) -> None:
        self._ids.append(ids.copy())
        self._leaves.append(leaves)

    def _mark(self, found: Found) -> None:
        due, kind = self._events[self._next]
        self._next += 1
        leaves = np.concatenate([*self._leaves, NO_LEAVES])
        if kind == 0:
            found.cuts[due] = (len(found.tiles), [leaf.tobytes() for leaf in leaves])
            return
        ids = np.concatenate([*self._ids, np.zeros(0, np.int64)]).astype(">i8").tobytes()
        root = hashing.fold(leaves) if len(leaves) else b""
        found.tiles.append((len(leaves), root, hashlib.sha256(ids).digest()))
        self._leaves, self._ids = [], []


def pack(ids: Sequence[int]) -> bytes:
    """Write ids as a tile keeps them: 64 bits each."""
    return struct.pack(f">{len(ids)}q", *ids)
