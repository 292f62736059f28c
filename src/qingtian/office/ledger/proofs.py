"""Proofs out of the Merkle tree (RFC 6962) for who keeps a checkpoint: that an entry stands under it, that it grew.

Whoever has the checkpoint of last year and that of today proves with `consistency` that nothing before was rewritten,
and with `inclusion` that an entry is part of it, without reading the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import merkle, stretches, tiles
from qingtian.office.ledger.checkpoints import latest
from qingtian.office.ledger.models import Checkpoint, Entry
from qingtian.office.ledger.verify import ChainUnknown


class NotCovered(QingtianError):
    code = "ledger.not_covered"
    zh = "台账 {chain} 第 {sequence} 条比最近的检查点更新，尚不能证明。检查点每五分钟生成一次，请稍后再取。"
    en = (
        "Entry {sequence} of {chain} is newer than the last checkpoint and cannot be proved yet. "
        "A checkpoint is made every five minutes; ask again then."
    )


class NoSuchSize(QingtianError):
    code = "ledger.no_such_size"
    zh = "没有含 {size} 条的检查点可比：最近的检查点含 {newest} 条。请给出 1 至 {newest} 之间的数。"
    en = "There is nothing of size {size} to compare: the newest checkpoint holds {newest}. Give 1 to {newest}."


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """That the leaf (SHA-256, hex) stands at ``index`` under the root of ``checkpoint``: the path, lowest first."""

    entry_id: int
    entry_hash: str
    leaf: str
    index: int
    path: list[str]
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """That the tree of ``checkpoint`` begins with that of the first ``size`` entries, whose root is ``root``."""

    size: int
    root: str
    path: list[str]
    checkpoint: Checkpoint


def inclusion(*, chain: str, sequence: int) -> Inclusion:
    """Prove an entry under the newest checkpoint.

    :raises ChainUnknown: if there is no such entry.
    :raises NotCovered: if no checkpoint holds it yet.
    """
    with stretches.snapshot():
        entry = Entry.objects.filter(chain=chain, sequence=sequence).only("pk", "hash").first()
        if entry is None:
            raise ChainUnknown(chain=f"{chain} #{sequence}")
        newest = latest()
        if newest is None or entry.pk > newest.last_id:
            raise NotCovered(chain=chain, sequence=sequence)
        tree = tiles.Tree(last_id=newest.last_id)
        index = tree.index(entry.pk)
        path = merkle.inclusion(index=index, size=newest.size, node=tree.node)
    return Inclusion(
        entry_id=entry.pk,
        entry_hash=entry.hash,
        leaf=tiles.leaf(entry.pk, entry.hash).hex(),
        index=index,
        path=[told.hex() for told in path],
        checkpoint=newest,
    )


def consistency(*, size: int) -> Consistency:
    """Prove that the newest checkpoint begins with the first ``size`` entries.

    :raises NoSuchSize: if it holds fewer, or there is none.
    """
    with stretches.snapshot():
        newest = latest()
        if newest is None or not 0 < size <= newest.size:
            raise NoSuchSize(size=size, newest=newest.size if newest else 0)
        tree = tiles.Tree(last_id=newest.last_id)
        path = merkle.consistency(old=size, new=newest.size, node=tree.node)
        root = merkle.root(size=size, node=tree.node)
    return Consistency(size=size, root=root.hex(), path=[told.hex() for told in path], checkpoint=newest)
