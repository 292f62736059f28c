"""Hold the stored Merkle tree and its checkpoints against the tree recomputed from the entries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qingtian.office.ledger import checkpoints, keys, merkle, tiles, timestamps, witness
from qingtian.office.ledger.chains import BrokenLink
from qingtian.office.ledger.models import Checkpoint, Entry, Tile
from qingtian.office.ledger.scan import Found

AT_ONCE = 2000


@dataclass(kw_only=True)
class Recomputed:
    """The tree that the entries make: roots of its tiles, complete subtrees above them, and the leaves at each cut."""

    above: list[list[bytes]] = field(default_factory=lambda: [[]])
    cuts: dict[int, tuple[int, list[bytes]]] = field(default_factory=dict)

    def add(self, root: bytes) -> None:
        """Append a tile; complete the subtrees above that it completes."""
        row, level = root, 0
        self.above[0].append(row)
        while len(self.above[level]) % 2 == 0:
            row = merkle.node_hash(*self.above[level][-2:])
            level += 1
            if level == len(self.above):
                self.above.append([])
            self.above[level].append(row)

    def root(self, *, last_id: int) -> tuple[int, bytes]:
        """Return size and root of the tree up to an id at which a cut was made."""
        count, leaves = self.cuts[last_id]
        size, first = count * tiles.WIDTH + len(leaves), count * tiles.WIDTH
        if len(leaves) >= tiles.WIDTH:
            # a tile is missing here, or its bounds were moved: there is no such tree
            return size, b""

        def node(level: int, index: int) -> bytes:
            if level >= tiles.WIDTH_BITS:
                return self.above[level - tiles.WIDTH_BITS][index]
            start = (index << level) - first
            return merkle.fold(leaves[start : start + (1 << level)])

        return size, merkle.root(size=size, node=node)


def recomputed(parts: Sequence[Found], stored: Iterable[Tile], broken: list[BrokenLink]) -> Recomputed:
    """Join the tiles of all stretches; what differs from the stored ones is added to ``broken``."""
    tree, rows = Recomputed(), iter(stored)
    for part in parts:
        before = len(tree.above[0])
        for count, root, ids in part.tiles:
            tile = next(rows)
            same = count == tiles.WIDTH and root.hex() == tile.hash
            if not same:
                broken += _located(tile)
            elif hashlib.sha256(tile.ids).digest() != ids or tiles.unpack(bytes(tile.ids))[0] != tile.first_id:
                broken.append(BrokenLink(chain="tree", sequence=tile.number, what="tile"))
            # one fault is told once: what stands above goes on with what was stored
            tree.add(root if same else _stored_hash(tile))
        tree.cuts |= {last: (before + count, leaves) for last, (count, leaves) in part.cuts.items()}
    # bounds that lie nowhere
    broken += [BrokenLink(chain="tree", sequence=tile.number, what="tile") for tile in rows]
    return tree


def _stored_hash(tile: Tile) -> bytes:
    try:
        return bytes.fromhex(tile.hash)
    except ValueError:
        return b""


def _located(tile: Tile) -> Iterator[BrokenLink]:
    """Name the entries that are missing under a tile, or were put in; or else the tile itself."""
    before = Tile.objects.filter(level=0, number=tile.number - 1).values_list("last_id", flat=True).first() or 0
    there = set(Entry.objects.filter(pk__gt=before, pk__lte=tile.last_id).values_list("pk", flat=True))
    told = set(tiles.unpack(bytes(tile.ids))) if len(tile.ids) % 8 == 0 else set[int]()
    if there == told or not told:
        yield BrokenLink(chain="tree", sequence=tile.number, what="tile")
    for what, ids in (("missing", told - there), ("added", there - told)):
        for entry_id in sorted(ids) if told else ():
            yield BrokenLink(chain="tree", sequence=tile.number, what=what, expected=entry_id)


def ends() -> list[int]:
    """Return the last ids under the stored tiles of level 0, in their order. One query."""
    return list(Tile.objects.filter(level=0).order_by("number").values_list("last_id", flat=True))


def stored_tiles() -> Iterator[Tile]:
    """Yield the stored tiles of level 0 in their order."""
    yield from Tile.objects.filter(level=0).order_by("number").iterator(AT_ONCE)


def check_upper_tiles(tree: Recomputed, broken: list[BrokenLink]) -> None:
    """Check the stored tiles above level 0, and that none is missing, by the recomputed tree."""
    count = len(tree.above[0])
    expected = {0: count}
    while expected[max(expected)] >= tiles.WIDTH:
        expected[max(expected) + 1] = expected[max(expected)] // tiles.WIDTH
    upper = Tile.objects.filter(level__gte=1).order_by("level", "number").defer("ids")
    for tile in upper.iterator(AT_ONCE):
        row = tree.above[tile.level * tiles.WIDTH_BITS] if tile.number < expected.get(tile.level, 0) else []
        if tile.number >= len(row) or row[tile.number].hex() != tile.hash:
            broken.append(BrokenLink(chain="tree", sequence=tile.number, what="tile"))
    numbers = {level: Tile.objects.filter(level=level, number__lt=many).count() for level, many in expected.items()}
    wrong = [level for level in expected if numbers[level] != expected[level]]
    broken += [BrokenLink(chain="tree", sequence=level, what="tiles") for level in wrong]


def check_checkpoints(rows: Sequence[Checkpoint], tree: Recomputed, broken: list[BrokenLink]) -> None:
    """Check signature, key, stamp and root of each checkpoint, and that none is missing that the witness file has."""
    known, authority = keys.known(), timestamps.authority()
    for row in rows:
        what = _signed_wrongly(row, known)
        if what is None and tree.root(last_id=row.last_id) != (row.size, bytes.fromhex(row.root)):
            what = "root"
        if what is None and row.token and authority:
            stamped = timestamps.stamped(checkpoints.said(row), token=bytes(row.token), root=authority)
            what = None if stamped else "stamp"
        if what:
            broken.append(BrokenLink(chain="checkpoint", sequence=row.size, what=what))
    there = {(row.size, row.signature) for row in rows}
    broken += [
        BrokenLink(chain="checkpoint", sequence=size, what="log")
        for size, signature in witness.signatures()
        if (size, signature) not in there
    ]


def check_signature(row: Checkpoint) -> list[BrokenLink]:
    """Check signature and key of one checkpoint."""
    what = _signed_wrongly(row, keys.known())
    return [BrokenLink(chain="checkpoint", sequence=row.size, what=what)] if what else []


def _signed_wrongly(row: Checkpoint, known: set[str]) -> str | None:
    if not keys.signed(checkpoints.said(row), signature=row.signature, public=row.public):
        return "signature"
    return None if row.public in known else "key"
