"""The Merkle tree over all entries as it is kept: tiles of 256 hashes in a table, the rest read from the entries.

A leaf is ``id:hash`` of an entry. Only complete tiles are stored; whatever lies between is computed from one tile's
children, so a root or a proof reads a few hundred rows, however long the ledger is.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from qingtian.office.ledger import merkle
from qingtian.office.ledger.models import Entry, Tile
from qingtian.office.ledger.scan import pack

WIDTH_BITS = 8
WIDTH = 1 << WIDTH_BITS
AT_ONCE = WIDTH * 64

Leaf = tuple[int, bytes]


def leaf(entry_id: int, entry_hash: str) -> bytes:
    """Return the leaf hash of an entry."""
    return merkle.leaf_hash(f"{entry_id}:{entry_hash}".encode())


def unpack(ids: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(ids) // 8}q", ids)


def leaves(*, after: int, until: int, most: int = WIDTH) -> list[Leaf]:
    """Return id and leaf hash of the entries with ``after < id <= until``, at most ``most``. One query."""
    rows = Entry.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").values_list("pk", "hash")[:most]
    return [(pk, leaf(pk, told)) for pk, told in rows]


def grow(*, until: int) -> tuple[int, list[Leaf]]:
    """Store the tiles that the entries up to id ``until`` complete; return how many of level 0, and what is left over.

    The caller holds the lock of checkpoints.
    """
    last = Tile.objects.filter(level=0).order_by("-number").values("number", "last_id").first()
    number, after = (last["number"] + 1, last["last_id"]) if last else (0, 0)
    rest: list[Leaf] = []
    while True:
        found = leaves(after=rest[-1][0] if rest else after, until=until, most=AT_ONCE)
        rest += found
        whole = [rest[i : i + WIDTH] for i in range(0, len(rest) - WIDTH + 1, WIDTH)]
        Tile.objects.bulk_create([_tile(number + place, row) for place, row in enumerate(whole)])
        number, rest = number + len(whole), rest[len(whole) * WIDTH :]
        if whole:
            after = whole[-1][-1][0]
        if len(found) < AT_ONCE:
            break
    _grow_above(0, number)
    return number, rest


def _tile(number: int, row: Sequence[Leaf]) -> Tile:
    ids = [pk for pk, _hash in row]
    root = merkle.fold([told for _pk, told in row]).hex()
    return Tile(level=0, number=number, first_id=ids[0], last_id=ids[-1], hash=root, ids=pack(ids))


def _grow_above(level: int, count: int) -> None:
    """Store the tiles above ``level`` that its ``count`` tiles complete."""
    done = Tile.objects.filter(level=level + 1).count()
    for number in range(done, count // WIDTH):
        below = children(level, number)
        root = merkle.fold([bytes.fromhex(tile.hash) for tile in below]).hex()
        Tile.objects.create(
            level=level + 1, number=number, first_id=below[0].first_id, last_id=below[-1].last_id, hash=root
        )
    if count >= WIDTH:
        _grow_above(level + 1, count // WIDTH)


def children(level: int, number: int) -> list[Tile]:
    """Return the tiles of ``level`` under the tile ``number`` of the level above. One query."""
    span = Tile.objects.filter(level=level, number__gte=number * WIDTH, number__lt=(number + 1) * WIDTH)
    return list(span.order_by("number").defer("ids"))


class Tree:
    """The stored tree up to entry ``last_id``; `node` is what `merkle` asks. Rows read are remembered."""

    def __init__(self, *, last_id: int) -> None:
        self.last_id = last_id
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the complete subtree (see `merkle`)."""
        base = level // WIDTH_BITS
        span = 1 << level - base * WIDTH_BITS
        first = index * span
        row = self._row(base, first // WIDTH)
        return merkle.fold(row[first % WIDTH : first % WIDTH + span])

    def _row(self, base: int, number: int) -> list[bytes]:
        """Return the up to 256 hashes under tile ``number`` of table level ``base``."""
        if (base, number) not in self._rows:
            self._rows[base, number] = self._leaves(number) if base == 0 else _hashes(base - 1, number)
        return self._rows[base, number]

    def _leaves(self, number: int) -> list[bytes]:
        tile = Tile.objects.filter(level=0, number=number).first()
        if tile:
            return [told for _pk, told in leaves(after=tile.first_id - 1, until=tile.last_id)]
        before = Tile.objects.filter(level=0, number=number - 1).first()
        return [told for _pk, told in leaves(after=before.last_id if before else 0, until=self.last_id)]

    def index(self, entry_id: int) -> int:
        """Return at which leaf an entry stands. Three queries."""
        tile = Tile.objects.filter(level=0, last_id__gte=entry_id).order_by("last_id").first()
        if tile:
            number, first = tile.number, tile.first_id
        else:
            last = Tile.objects.filter(level=0).order_by("-number").first()
            number, first = (last.number + 1, last.last_id + 1) if last else (0, 0)
        return number * WIDTH + Entry.objects.filter(pk__gte=first, pk__lt=entry_id).count()


def _hashes(level: int, number: int) -> list[bytes]:
    return [bytes.fromhex(tile.hash) for tile in children(level, number)]
