"""What a bound volume has besides its papers: cover 卷宗封面, contents 卷内文件目录, closing sheet 卷内备考表, digests.

After GB/T 9705-2008 文书档案案卷格式 (from memory, 待核): cover with title, time, keeping and extent; contents with
number, document number, author, title, date (eight digits), page and remark, the last paper with its first and last
page; the closing sheet with what has to be known of the volume, who bound it, who checked it, and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Archive
from qingtian.office.casefiles.access import CaseFile
from qingtian.office.casefiles.contents import Item, Volume
from qingtian.office.matters import api as matters
from qingtian.office.papers import api as papers
from qingtian.office.papers.api import Grid, Part, TextLine
from qingtian.office.people.api import Role

NAMES = {"main": "正卷", "side": "副卷"}
BLANK = "＿＿＿＿＿＿"
CONTENTS = ("序号", "文号", "责任者", "题名", "日期", "页号", "备注")
CONTENTS_MM = (11, 29, 24, 36, 20, 14, 22)
DIGESTS = ("页号", "题名", "文件", "SHA-256 摘要")
DIGESTS_MM = (14, 46, 36, 60)
GROUP = 16
"""Letters of a digest that stand together, so that a line can end between them."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """By whom and when a volume is bound for good; None where it is only looked at."""

    by: str
    at: datetime


def front(file: CaseFile, volume: Volume) -> list[Part]:
    """Return cover and contents."""
    return [*_cover(file, volume), *_contents(volume)]


def back(file: CaseFile, volume: Volume, binding: Binding | None) -> list[Part]:
    """Return the closing sheet, and the digests of all that lies in the volume."""
    return [*_closing(file, volume, binding), *_digests(file, volume)]


def whole(file: CaseFile, volumes: Sequence[Volume], binding: Binding | None) -> list[Part]:
    """Return cover, contents and closing sheet of these volumes, as one document."""
    found: list[Part] = []
    for volume in volumes:
        first, *others = front(file, volume)
        assert isinstance(first, TextLine)
        fresh = TextLine(text=first.text, style=first.style, fresh=bool(found))
        found += [fresh, *others, *_fresh(back(file, volume, binding))]
    return found


def _fresh(parts: list[Part]) -> list[Part]:
    first = parts[0]
    assert isinstance(first, TextLine)
    return [TextLine(text=first.text, style=first.style, fresh=True), *parts[1:]]


def made(file: CaseFile, parts: Sequence[Part], title: str, *, at: datetime) -> tuple[bytes, bytes]:
    """Return these parts as a Word file, and as the PDF of that.

    :raises FontMissing: if set-up has not fetched the fonts.
    """
    word = papers.word(parts, title=title, authority=file.authority, made_at=at)
    return word, papers.set_word(word, title=title, authority=file.authority, made_at=at)


def _cover(file: CaseFile, volume: Volume) -> Iterator[Part]:
    yield TextLine(text=file.authority, style="机关")
    yield TextLine(text=f"{file.one.definition.manifest.words.zh}案卷", style="文书标题")
    yield TextLine(text=f"（{NAMES[volume.name]}）", style="文号")
    yield Grid(widths=(42, 114), rows=list(_about(file, volume)), height=14, labels=1)


def _about(file: CaseFile, volume: Volume) -> Iterator[tuple[str, str]]:
    one, matter = file.one, file.one.matter
    yield "案卷题名", matter.title
    yield "案号", matter.number
    yield "当事人", matter.enterprise.name if matter.enterprise else str(one.facts.get("party") or BLANK)
    yield "开始日期", _day(matter.opened_at)
    ended = f"{_day(matter.closed_at)}（{one.definition.words.of('stages', matter.stage).zh}）"
    yield "办结日期", ended if matter.closed_at else "尚未办结"
    yield "承办人", "、".join(_handlers(file)) or BLANK
    yield "保管期限", _kept(one.definition.manifest.archive)
    yield "件数、页数", f"{len(volume.items)} 件 {volume.pages} 页"
    yield "归档号、档号", BLANK


def _handlers(file: CaseFile) -> list[str]:
    named = [row.user for row in file.one.people]
    return list(dict.fromkeys(user.name for user in named if user.role != Role.ENTERPRISE))


def _kept(archive: Archive) -> str:
    return "永久" if archive.years is None else f"{archive.years} 年"


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y%m%d}" if at else ""


def _contents(volume: Volume) -> Iterator[Part]:
    yield TextLine(text="卷内文件目录", style="文书标题", fresh=True)
    rows = [_row(item, last=item is volume.items[-1]) for item in volume.items]
    yield Grid(widths=CONTENTS_MM, head=CONTENTS, rows=rows, labels=1)


def _row(item: Item, *, last: bool) -> tuple[str, ...]:
    page = f"{item.first}-{item.last}" if last else str(item.first)
    remarks = "；".join(each.zh for each in item.remarks)
    day = f"{item.day:%Y%m%d}"
    return str(item.number), item.paper.number, item.author, item.title.zh, day, page, remarks


def _closing(file: CaseFile, volume: Volume, binding: Binding | None) -> Iterator[Part]:
    yield TextLine(text="卷内备考表", style="文书标题")
    said = "\n".join(_said(file, volume, binding))
    rows = [
        ("本卷情况说明", said),
        ("立卷人", binding.by if binding else BLANK),
        ("检查人", BLANK),
        ("立卷时间", f"{binding.at.astimezone(BEIJING):%Y年%m月%d日}" if binding else BLANK),
    ]
    yield Grid(widths=(42, 114), rows=rows, height=14, labels=1)


def _said(file: CaseFile, volume: Volume, binding: Binding | None) -> Iterator[str]:
    """Yield what has to be known of a volume."""
    yield f"本卷共 {len(volume.items)} 件 {volume.pages} 页，按“{volume.items[0].place.source}”排列。"
    pictures = sum(leaf.media_type.startswith("image/") for item in volume.items for leaf in item.leaves)
    if pictures:
        yield f"其中照片 {pictures} 张，每张一页。"
    for item in volume.items:
        yield from (f"第 {item.number} 件《{item.title.zh}》：{each.zh}。" for each in item.remarks)
    if binding is None:
        yield "本件为阅览本，未归档；页号以归档卷为准。"
        if file.withheld:
            yield f"另有 {file.withheld} 件不在阅览人可阅范围，未列入。"


def _digests(file: CaseFile, volume: Volume) -> Iterator[Part]:
    yield TextLine(text="电子文件摘要", style="文书标题", fresh=True)
    chain = matters.chain(file.one.matter.pk)
    command = f"qingtian verify --chain {chain}"
    yield TextLine(text=f"每个文件的摘要同时登记在台账 {chain} 中，可用 {command} 逐一核验。", style="表格")
    rows = [
        (str(item.first), item.title.zh, leaf.name or "PDF", spaced(leaf.sha256))
        for item in volume.items
        for leaf in item.leaves
        if leaf.sha256
    ]
    yield Grid(widths=DIGESTS_MM, head=DIGESTS, rows=rows, labels=1)


def spaced(sha256: str) -> str:
    """Return a digest in groups, so that a line can end between them."""
    return " ".join(sha256[place : place + GROUP] for place in range(0, len(sha256), GROUP))
