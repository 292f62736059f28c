"""What can be wrong with the ledger, in words, and how the parts of chains from several stretches are joined. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingtian.office.ledger import kernels
from qingtian.office.ledger.runs import Runs

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
    "paper": ("文书“{about}”与此处登记的摘要不符", "the paper {about} is not as it was recorded here"),
    "paper_gone": ("此处登记的文书“{about}”已不在案卷中", "the paper {about}, recorded here, is gone from the file"),
    "volume": (
        "归档卷“{about}”与此处登记的不符：卷内文书已被更换或抽取",
        "the volume {about}, filed here, is not as recorded: a paper in it was changed or taken out",
    ),
    "object_gone": (
        "此处登记的文件 {about} 已不在对象存储中",
        "the file {about} of this entry is gone from the store",
    ),
    "object_changed": (
        "此处登记的文件 {about} 已被改动或损坏，与摘要不符",
        "the file {about}, recorded here, was changed or has decayed: it does not have its digest",
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
    """The first entry of a chain that does not hold; of ``tree`` a tile, of ``file`` a byte. ``about``: what it names.

    Of ``checkpoint`` and ``kept`` (one that was kept elsewhere) its size.
    """

    chain: str
    sequence: int
    what: str
    expected: int = 0
    about: str = ""

    def sentence(self, language: str = "zh") -> str:
        chinese = language.startswith("zh")
        place = PLACES.get(self.chain, CHAIN)[not chinese].format(chain=self.chain, place=self.sequence)
        what = WHAT[self.what][not chinese].format(expected=self.expected, about=self.about)
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


def fault_of_link(sequence: int, previous: str, *, after: tuple[int, str]) -> str | None:
    """Say what is wrong between an entry and the one before it (sequence, hash), if anything."""
    if sequence != after[0] + 1:
        return "gap"
    return None if previous == after[1] else "previous"


def joined(parts: Sequence[Runs], heads: Iterable[tuple[NDArray[np.uint8], int]]) -> tuple[int, list[BrokenLink]]:
    """Join the runs of all stretches, in their order, and hold them against the heads, as they are copied out.

    Returns how many chains there are, and the first broken link of each that does not hold.
    """
    runs = parts[0]
    for part in parts[1:]:
        runs.absorb(part)
    _check_beginnings(runs)
    verdicts, gone, count = _hold_heads(runs, heads)
    broken = [
        BrokenLink(chain=runs.name(chain), sequence=sequence, what=what)
        for chain, (sequence, what) in sorted(runs.faults.items())
    ]
    for chain in np.flatnonzero(verdicts[0]).tolist():
        if chain not in runs.faults:
            what = VERDICTS[int(verdicts[0, chain])]
            expected = int(verdicts[1, chain]) if what == "tail" else 0
            broken.append(BrokenLink(chain=runs.name(chain), sequence=runs.last(chain), what=what, expected=expected))
    return count, [*broken, *gone]


VERDICTS = {kernels.MISSING_TAIL: "tail", kernels.OTHER_HEAD: "head_hash", kernels.NO_HEAD: "head"}


def _check_beginnings(runs: Runs) -> None:
    """A chain begins with entry 1, which has nothing before it; that comes before any other fault."""
    known = runs.chains[: len(runs)]
    late = known[:, kernels.FIRST_SEQUENCE] != 1
    after = known[:, kernels.ODD] & kernels.FIRST_IS_ODD != 0
    after |= runs.ends[: len(runs), : kernels.WORDS].any(axis=1)
    for chain in np.flatnonzero(late | after).tolist():
        runs.faults[chain] = (int(known[chain, kernels.FIRST_SEQUENCE]), "gap" if late[chain] else "previous")


def _hold_heads(
    runs: Runs, heads: Iterable[tuple[NDArray[np.uint8], int]]
) -> tuple[NDArray[np.int64], list[BrokenLink], int]:
    """Return verdicts and expected sequences by chain, heads whose entries are gone, and how many chains there are."""
    verdicts = np.zeros((2, len(runs)), np.int64)
    verdicts[0] = kernels.NO_HEAD
    words, at, count = np.zeros(kernels.WORDS, np.uint64), kernels.HEADER, len(runs)
    broken = []
    for raw, most in heads:
        gone = np.zeros(most, np.int64)
        known = (runs.slots, runs.names, runs.chains, runs.ends)
        missing = kernels.hold_heads(raw, at, *known, verdicts[0], verdicts[1], gone, words)
        at = 0
        broken += [_cut_off(raw, place) for place in gone[:missing].tolist()]
    return verdicts, broken, count + len(broken)


def _cut_off(raw: NDArray[np.uint8], at: int) -> BrokenLink:
    """A head without any entry left: everything was cut off."""
    (size,) = struct.unpack(">i", raw[at + 2 : at + 6].tobytes())
    name = raw[at + 6 : at + 6 + size].tobytes().decode(errors="replace")
    (sequence,) = struct.unpack(">q", raw[at + 10 + size : at + 18 + size].tobytes())
    return BrokenLink(chain=name, sequence=0, what="tail", expected=sequence)
