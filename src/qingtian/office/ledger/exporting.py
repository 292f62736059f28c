"""A chain as one file that proves itself (台账导出): entries, what is not erased, proofs, checkpoint, signature."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from qingtian.office.ledger import exported, keys, merkle, stretches, tiles
from qingtian.office.ledger.canonical import instant
from qingtian.office.ledger.checkpoints import latest
from qingtian.office.ledger.models import Checkpoint, Entry, Personal
from qingtian.office.ledger.verify import FIELDS, ChainUnknown


def export(*, chain: str, at: datetime) -> bytes:
    """Return the file of a chain, with proofs up to the newest checkpoint.

    :raises ChainUnknown: if there is no such chain.
    :raises KeyUnreadable: if the installation's key cannot be read.
    """
    signer = keys.signer()
    with stretches.snapshot():
        body = _body(chain, at)
    return exported.written(body, public=signer.public, sign=signer.sign)


def _body(chain: str, at: datetime) -> dict[str, Any]:
    row = latest()
    rows = list(Entry.objects.filter(chain=chain).order_by("pk").values("pk", *FIELDS))
    if not rows:
        raise ChainUnknown(chain=chain)
    personal = _personal(chain)
    tree = tiles.Tree(last_id=row.last_id) if row else None
    entries = []
    for fields in rows:
        pk = fields.pop("pk")
        proof = _proof(tree, pk, row) if row and tree and pk <= row.last_id else None
        told = {**fields, "at": instant(fields["at"]), "id": pk}
        entries.append({**told, "proof": proof, "personal": personal.get(pk, {})})
    return {
        "kind": exported.KIND,
        "chain": chain,
        "made_at": instant(at),
        "entries": entries,
        "checkpoint": _checkpoint(row) if row else None,
    }


def _personal(chain: str) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in Personal.objects.filter(entry__chain=chain).order_by("name"):
        told = None if row.erased_by else {"salt": row.salt, "value": row.value}
        found.setdefault(row.entry_id, {})[row.name] = told
    return found


def _proof(tree: tiles.Tree, entry_id: int, row: Checkpoint) -> dict[str, Any]:
    index = tree.index(entry_id)
    path = merkle.inclusion(index=index, size=row.size, node=tree.node)
    return {"index": index, "path": [told.hex() for told in path]}


def _checkpoint(row: Checkpoint) -> dict[str, Any]:
    token = base64.b64encode(bytes(row.token)).decode() if row.token else None
    names = ("size", "last_id", "root", "public", "signature")
    return {**{name: getattr(row, name) for name in names}, "at": instant(row.at), "token": token}
