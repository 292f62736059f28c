"""Prove the ledger: recompute every hash, in order, and name the first broken link of each chain.

Entries are streamed with a server-side cursor, so the memory does not grow with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from qingtian.base.errors import QingtianError
from qingtian.office.ledger.canonical import entry_hash
from qingtian.office.ledger.models import Chain, Entry

FIELDS = (
    "chain",
    "sequence",
    "at",
    "actor",
    "actor_name",
    "act",
    "content",
    "algorithm",
    "previous",
    "hash",
)
AT_ONCE = 2000

WHAT = {
    "hash": ("内容与其哈希不符", "its content does not match its hash"),
    "gap": ("序号不连续", "the sequence has a gap before it"),
    "previous": ("与上一条的哈希不衔接", "it does not continue from the entry before it"),
    "tail": ("链尾缺失，应有 {expected} 条", "entries are missing after it; the chain should have {expected}"),
    "head": ("缺少链头记录", "the row with the chain's head is missing"),
    "head_hash": ("链头哈希与最后一条不符", "the chain's head does not match this last entry"),
}


class ChainUnknown(QingtianError):
    code = "ledger.chain_unknown"
    zh = "台账中没有名为 {chain} 的链。请核对名称，例如 task:12、episode:7。"
    en = "The ledger has no chain named {chain}. Check the name; it looks like task:12 or episode:7."


@dataclass(frozen=True, kw_only=True)
class BrokenLink:
    """The first entry of a chain that does not hold. ``what`` is a key of `WHAT`."""

    chain: str
    sequence: int
    what: str
    expected: int = 0

    def sentence(self, language: str = "zh") -> str:
        zh, en = WHAT[self.what]
        if language.startswith("zh"):
            return f"{self.chain} 第 {self.sequence} 条：{zh.format(expected=self.expected)}"
        return f"{self.chain}, entry {self.sequence}: {en.format(expected=self.expected)}"


@dataclass(kw_only=True)
class Proof:
    """What was checked, and what did not hold (empty: all of it holds)."""

    chains: int = 0
    entries: int = 0
    broken: list[BrokenLink] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken


def verify(*, chain: str | None = None) -> Proof:
    """Check one chain, or all of them.

    :raises ChainUnknown: if a chain is named that has neither a head nor an entry.
    """
    heads = Chain.objects.filter(pk=chain) if chain else Chain.objects.all()
    unseen = {name: (sequence, head) for name, sequence, head in heads.values_list().iterator(AT_ONCE)}
    proof = Proof()
    for name, rows in groupby(_entries(chain), key=lambda row: str(row["chain"])):
        proof.chains += 1
        broken = _check(name, rows, unseen.pop(name, None), proof)
        if broken:
            proof.broken.append(broken)
    if chain and not unseen and not proof.chains:
        raise ChainUnknown(chain=chain)
    # a head without any entry left: everything was cut off
    for name, (sequence, _) in unseen.items():
        proof.chains += 1
        if sequence:
            proof.broken.append(BrokenLink(chain=name, sequence=0, what="tail", expected=sequence))
    return proof


def _entries(chain: str | None) -> Iterator[dict[str, Any]]:
    entries = Entry.objects.filter(chain=chain) if chain else Entry.objects.all()
    yield from entries.order_by("chain", "sequence").values(*FIELDS).iterator(AT_ONCE)


def _check(name: str, rows: Iterator[dict[str, Any]], head: tuple[int, str] | None, proof: Proof) -> BrokenLink | None:
    previous, sequence, broken = "", 0, None
    for row in rows:
        proof.entries += 1
        broken = broken or _check_entry(name, row, previous, sequence)
        previous, sequence = row["hash"], row["sequence"]
    return broken or _check_head(name, sequence, previous, head)


def _check_entry(name: str, row: dict[str, Any], previous: str, sequence: int) -> BrokenLink | None:
    stated = row.pop("hash")
    recomputed = entry_hash(**row)
    row["hash"] = stated
    if row["sequence"] != sequence + 1:
        what = "gap"
    elif row["previous"] != previous:
        what = "previous"
    elif recomputed != stated:
        what = "hash"
    else:
        return None
    return BrokenLink(chain=name, sequence=row["sequence"], what=what)


def _check_head(name: str, sequence: int, last: str, head: tuple[int, str] | None) -> BrokenLink | None:
    if head is None:
        return BrokenLink(chain=name, sequence=sequence, what="head")
    if head[0] > sequence:
        return BrokenLink(chain=name, sequence=sequence, what="tail", expected=head[0])
    if head != (sequence, last):
        return BrokenLink(chain=name, sequence=sequence, what="head_hash")
    return None
