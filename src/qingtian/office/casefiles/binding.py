"""Bind volumes of a case file into one PDF 合订: cover, contents, papers with their files, closing sheet, digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from qingtian.base.errors import QingtianError
from qingtian.office.casefiles import pages
from qingtian.office.casefiles.access import CaseFile
from qingtian.office.casefiles.contents import Item, Leaf, Volume
from qingtian.office.casefiles.pages import NAMES, Binding
from qingtian.office.objects import api as objects
from qingtian.office.papers import api as papers

MOST_BYTES = 256 * 2**20
"""Of the files of one binding: all of them are in memory while it is set."""


class FileTooLarge(QingtianError):
    code = "casefiles.too_large"
    zh = "案卷的文件共 {size} MB，超过一次合订的上限 {most} MB，未生成合订本。请分卷下载，或逐件下载文书。"
    en = (
        "The files of this case file are {size} MB, more than the {most} MB that are bound at once; nothing was bound. "
        "Take one volume at a time, or the papers one by one."
    )


class FileEmpty(QingtianError):
    code = "casefiles.empty"
    zh = "卷内没有您可以阅览的文书，没有可装订的内容。请先办理会产生文书的步骤。"
    en = (
        "There is no paper in this file that you may read, so nothing can be bound. Do an act that makes a paper first."
    )


def bind(file: CaseFile, volumes: Sequence[Volume], *, at: datetime, binding: Binding | None = None) -> bytes:
    """Return the volumes as one PDF. ``binding``: bound for good, so the closing sheet says by whom.

    :raises FileEmpty, FileTooLarge: if there is nothing to bind, or too much.
    :raises FontMissing, PaperRefused: if it cannot be set.
    :raises ObjectMissing, ObjectDamaged, StoreUnreachable: if a file cannot be read any more.
    """
    if not volumes:
        raise FileEmpty
    size = sum(volume.bytes for volume in volumes)
    if size > MOST_BYTES:
        raise FileTooLarge(size=-(-size // 2**20), most=MOST_BYTES // 2**20)
    bound = [_volume(file, volume, at, binding) for volume in volumes]
    return papers.bound(bound, title=file.one.matter.number, authority=file.authority, made_at=at)


def _volume(file: CaseFile, volume: Volume, at: datetime, binding: Binding | None) -> papers.Volume:
    name = NAMES[volume.name]
    _, front = pages.made(file, pages.front(file, volume), f"{name} 卷内文件目录", at=at)
    _, back = pages.made(file, pages.back(file, volume, binding), f"{name} 卷内备考表", at=at)
    return papers.Volume(mark=name, front=front, sheets=_sheets(volume), back=back)


def _sheets(volume: Volume) -> Iterator[papers.Sheets]:
    for item in volume.items:
        first = item.first
        for place, leaf in enumerate(item.leaves, start=1):
            yield _sheet(item, leaf, place, first)
            first += leaf.pages


def _sheet(item: Item, leaf: Leaf, place: int, first: int) -> papers.Sheets:
    mark = f"{item.number} {item.title.zh}" if place == 1 else ""
    named = [part for part in (item.title.zh, item.paper.number, leaf.name) if part]
    if leaf.why is not None:
        lines = [*named, f"{leaf.why.zh}。", *([f"SHA-256 {pages.spaced(leaf.sha256)}"] if leaf.sha256 else [])]
        return papers.Sheets(first=first, pages=leaf.pages, lines=lines, mark=mark)
    return papers.Sheets(
        first=first,
        pages=leaf.pages,
        media_type=leaf.media_type,
        content=objects.get(leaf.sha256),
        lines=named,
        mark=mark,
    )
