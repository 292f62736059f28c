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
    "tile": ("与台账记录不符", "it does not match the entries"),
    "tiles": ("该层有块缺失或多余", "a tile of this level is missing or one too many"),
    "root": ("根与台账不符", "its root does not match the entries"),
    "signature": ("签名不成立", "its signature does not hold"),
    "key": ("由未知的密钥签名", "it is signed with a key unknown here"),
    "stamp": ("时间戳不成立", "its time stamp does not hold"),
    "unproven": ("无法证明在检查点之内", "it cannot be proven to stand under the checkpoint"),
    "file": ("与导出时的写法不同", "it is not as it was written"),
    "signed": ("文件签名不成立，文件头被改动", "the file's signature does not hold; its head was changed"),
    "shorter": (
        "最新检查点只有 {expected} 条：其后的记录已被截去，或数据库是旧备份",
        "the newest checkpoint holds {expected} only: entries were cut off since, or the database is an old backup",
    ),
    "rewritten": (
        "台账的开头已不是它：此前的记录被改写",
        "the ledger no longer begins with it: entries were rewritten",
    ),
    "log": ("已不在数据库中，但见于检查点记录文件", "it is gone from the database, but the file of checkpoints has it"),
}

PLACES = {
    "tree": ("默克尔树第 {place} 块", "Merkle tree, tile {place}"),
    "checkpoint": ("前 {place} 条的检查点", "Checkpoint over {place} entries"),
    "kept": ("另存的检查点（前 {place} 条）", "The checkpoint kept elsewhere, over {place} entries"),
    "file": ("文件第 {place} 字节", "File, byte {place}"),
}
CHAIN = ("{chain} 第 {place} 条", "{chain}, entry {place}")


@dataclass(frozen=True, kw_only=True)
class BrokenLink:
    """The first entry of a chain that does not hold; of ``tree`` a tile, of ``file`` a byte.

    Of ``checkpoint`` and ``kept`` (one that was kept elsewhere) its size.
    """

    chain: str
    sequence: int
    what: str
    expected: int = 0

    def sentence(self, language: str = "zh") -> str:
        chinese = language.startswith("zh")
        place = PLACES.get(self.chain, CHAIN)[not chinese].format(chain=self.chain, place=self.sequence)
        what = WHAT[self.what][not chinese].format(expected=self.expected)
        return f"{place}：{what}" if chinese else f"{place}: {what}"


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
