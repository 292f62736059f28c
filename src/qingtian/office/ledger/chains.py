"""What can be wrong with the ledger, in words, and how the parts of chains from several stretches are joined. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qingtian.office.ledger.scan import Found, fault_of_link

WHAT = {
    "hash": ("内容与其哈希不符", "its content does not match its hash"),
    "gap": ("序号不连续", "the sequence has a gap before it"),
    "previous": ("与上一条的哈希不衔接", "it does not continue from the entry before it"),
    "tail": ("链尾缺失，应有 {expected} 条", "entries are missing after it; the chain should have {expected}"),
    "head": ("缺少链头记录", "the row with the chain's head is missing"),
    "head_hash": ("链头哈希与最后一条不符", "the chain's head does not match this last entry"),
    "personal": ("个人信息与其摘要不符", "a personal field does not match its digest"),
    "personal_missing": ("个人信息缺失且没有删除记录", "a personal field is gone and no entry says it was erased"),
    "missing": ("检查点内编号 {expected} 的记录已缺失", "the entry with id {expected}, under a checkpoint, is missing"),
    "added": ("检查点内多出编号 {expected} 的记录", "the entry with id {expected} was put in under a checkpoint"),
    "tile": ("默克尔树节点与台账记录不符", "this node of the Merkle tree does not match the entries"),
    "tiles": ("默克尔树节点缺失或多余", "a node of the Merkle tree is missing or one too many"),
    "root": ("检查点的根与台账不符", "the root of this checkpoint does not match the entries"),
    "signature": ("检查点的签名不成立", "the signature of this checkpoint does not hold"),
    "key": ("检查点由本系统未知的密钥签名", "this checkpoint is signed with a key unknown here"),
    "stamp": ("检查点的时间戳不成立", "the time stamp of this checkpoint does not hold"),
    "log": ("检查点记录文件与数据库不符", "the file of checkpoints has one that the database has not"),
}

TREE, CHECKPOINT = "默克尔树", "检查点"
NAMES = {"tree": (TREE, "Merkle tree"), "checkpoint": (CHECKPOINT, "Checkpoint")}


@dataclass(frozen=True, kw_only=True)
class BrokenLink:
    """The first entry of a chain that does not hold; or of ``tree`` a tile, of ``checkpoint`` its size."""

    chain: str
    sequence: int
    what: str
    expected: int = 0

    def sentence(self, language: str = "zh") -> str:
        zh, en = WHAT[self.what]
        names = NAMES.get(self.chain, (self.chain, self.chain))
        if language.startswith("zh"):
            return f"{names[0]} 第 {self.sequence} 条：{zh.format(expected=self.expected)}"
        return f"{names[1]}, entry {self.sequence}: {en.format(expected=self.expected)}"


@dataclass(kw_only=True)
class Proof:
    """What was checked, and what did not hold (empty: all of it holds). ``covered``: entries under a checkpoint."""

    chains: int = 0
    entries: int = 0
    checkpoints: int = 0
    covered: int = 0
    broken: list[BrokenLink] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken


@dataclass(kw_only=True)
class _Chain:
    sequence: int = 0
    hash: str = ""
    fault: tuple[int, str] | None = None


def joined(parts: Sequence[Found], heads: Mapping[str, tuple[int, str]]) -> tuple[int, list[BrokenLink]]:
    """Join the runs of all stretches, in their order, and hold them against the heads.

    Returns how many chains there are, and the first broken link of each that does not hold.
    """
    chains: dict[str, _Chain] = {}
    for part in parts:
        for name, run in part.runs.items():
            chain = chains.setdefault(name, _Chain())
            if chain.fault is None:
                what = fault_of_link(run.first_sequence, run.first_previous, after=(chain.sequence, chain.hash))
                chain.fault = (run.first_sequence, what) if what else run.fault
            chain.sequence, chain.hash = run.sequence, run.hash
    broken = [_against_head(name, chain, heads.get(name)) for name, chain in chains.items()]
    # a head without any entry left: everything was cut off
    gone = [
        BrokenLink(chain=name, sequence=0, what="tail", expected=sequence)
        for name, (sequence, _hash) in heads.items()
        if sequence and name not in chains
    ]
    return len(chains.keys() | heads.keys()), [link for link in (*broken, *gone) if link]


def _against_head(name: str, chain: _Chain, head: tuple[int, str] | None) -> BrokenLink | None:
    if chain.fault:
        return BrokenLink(chain=name, sequence=chain.fault[0], what=chain.fault[1])
    if head is None:
        return BrokenLink(chain=name, sequence=chain.sequence, what="head")
    if head[0] > chain.sequence:
        return BrokenLink(chain=name, sequence=chain.sequence, what="tail", expected=head[0])
    if head != (chain.sequence, chain.hash):
        return BrokenLink(chain=name, sequence=chain.sequence, what="head_hash")
    return None
