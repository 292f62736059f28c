"""Prove the ledger: every hash, every link, every personal digest, the Merkle tree and its signed checkpoints.

Entries are streamed in the order of their ids as one snapshot; the memory grows with the number of chains, not with the
length of the ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

from django.db.models import Max

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import merkle, sealing, stretches, tiles, trees
from qingtian.office.ledger.chains import BrokenLink, Proof, joined
from qingtian.office.ledger.models import Checkpoint, Entry, Personal
from qingtian.office.ledger.scan import Found, Stretch

FIELDS = ("chain", "sequence", "at", "actor", "actor_name", "act", "content", "algorithm", "previous", "hash")
AT_ONCE = 5000
PROCESSES = max(1, (os.cpu_count() or 1) // 2)
"""Each has the server's own process beside it, which does as much."""


class ChainUnknown(QingtianError):
    code = "ledger.chain_unknown"
    zh = "台账中没有名为 {chain} 的链。请核对名称，例如 task:12、episode:7。"
    en = "The ledger has no chain named {chain}. Check the name; it looks like task:12 or episode:7."


def verify(*, chain: str | None = None, processes: int = PROCESSES) -> Proof:
    """Check one chain, or all of them, the tree and the checkpoints; a long ledger is read by ``processes`` processes.

    :raises ChainUnknown: if a chain is named that has neither a head nor an entry.
    """
    with stretches.snapshot():
        return _one(chain) if chain else _all(processes)


def _one(chain: str) -> Proof:
    parts = stretches.read([Stretch()], chain=chain)
    count, broken = joined([parts[0].runs], stretches.heads(chain))
    if not count:
        raise ChainUnknown(chain=chain)
    proof = Proof(chains=count, entries=parts[0].entries, broken=broken or _check_personal(parts, chain=chain))
    row = Checkpoint.objects.order_by("-size").first()
    if row and proof.holds:
        proof.checkpoints = 1
        proof.broken += trees.check_signature(row)
    if row and proof.holds:
        proof.covered = _check_inclusion(chain, row, proof.broken)
    return proof


def _check_inclusion(chain: str, row: Checkpoint, broken: list[BrokenLink]) -> int:
    """Prove that each entry of the chain stands under the checkpoint; return how many do."""
    tree, root = tiles.Tree(last_id=row.last_id), bytes.fromhex(row.root)
    under = Entry.objects.filter(chain=chain, pk__lte=row.last_id).order_by("pk")
    entries = under.values_list("pk", "sequence", "hash")
    for pk, sequence, stated in entries:
        index = tree.index(pk)
        path = merkle.inclusion(index=index, size=row.size, node=tree.node) if index < row.size else []
        if not merkle.included(leaf=tiles.leaf(pk, stated), index=index, size=row.size, path=path, root=root):
            broken.append(BrokenLink(chain=chain, sequence=sequence, what="root"))
            break
    return len(entries)


def _all(processes: int) -> Proof:
    rows = list(Checkpoint.objects.order_by("size"))
    last = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    shares = stretches.cut(
        ends=trees.ends(), cuts=sorted({row.last_id for row in rows}), last=last, processes=processes
    )
    parts = stretches.read(shares)
    count, broken = joined([part.runs for part in parts], stretches.heads())
    tree = trees.recomputed(parts, trees.stored_tiles(), broken)
    trees.check_upper_tiles(tree, broken)
    trees.check_checkpoints(rows, tree, broken)
    broken += _check_personal(parts)
    covered = rows[-1].size if rows else 0
    entries = sum(part.entries for part in parts)
    return Proof(chains=count, entries=entries, checkpoints=len(rows), covered=covered, broken=broken)


def _check_personal(parts: Sequence[Found], *, chain: str | None = None) -> list[BrokenLink]:
    """Hold the clear text of personal fields against the digests in the entries; one fault per entry."""
    sealed = {key: value for part in parts for key, value in part.sealed.items()}
    missing = {(key, name) for key, (_chain, _sequence, digests) in sealed.items() for name in digests}
    rows = Personal.objects.filter(entry__chain=chain) if chain else Personal.objects.all()
    broken: dict[int, BrokenLink] = {}
    for row in rows.order_by("pk").iterator(AT_ONCE):
        missing.discard((row.entry_id, row.name))
        name, sequence, digests = sealed.get(row.entry_id, ("?", row.entry_id, {}))
        if not _personal_holds(row, name, sequence, digests):
            broken[row.entry_id] = BrokenLink(chain=name, sequence=sequence, what="personal")
    for key, _name in sorted(missing):
        broken.setdefault(key, BrokenLink(chain=sealed[key][0], sequence=sealed[key][1], what="personal_missing"))
    return list(broken.values())


def _personal_holds(row: Personal, chain: str, sequence: int, digests: Mapping[str, str]) -> bool:
    if row.erased_by is not None:
        return row.salt is None and row.value is None and row.name in digests and _said_erased(row, chain, sequence)
    if row.salt is None or row.value is None:
        return False
    return digests.get(row.name) == sealing.Sealed(name=row.name, salt=row.salt, value=row.value).digest


def _said_erased(row: Personal, chain: str, sequence: int) -> bool:
    """Say whether the entry that is named says in the same chain that this field was erased."""
    entries = Entry.objects.filter(pk=row.erased_by or 0, act="erase", chain=chain)
    said = entries.values_list("content", flat=True).first()
    told = json.loads(said) if said else {}
    return told.get("entry") == sequence and row.name in told.get("fields", ())
