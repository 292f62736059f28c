"""What lies in the file of a matter 卷内文件: volume by volume, in the order of the rule, each paper with its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Definition
from qingtian.office.casefiles import order
from qingtian.office.casefiles.order import Place
from qingtian.office.matters import api as matters
from qingtian.office.matters.api import Matter, MatterPaper, PaperOrigin
from qingtian.office.objects import api as objects
from qingtian.office.papers import api as papers

PDF = "application/pdf"
ON_PAPER = Term(zh="纸质文书，见实体案卷", en="kept on paper only; see the file on the shelf")
NOT_BOUND = Term(zh="文件无法装入，另存原件", en="the file cannot be bound in; its original is kept apart")
NOT_THERE = Term(zh="存储中缺失或已损坏，请核验", en="missing from the store or damaged; run a verification")
NOT_MADE = Term(zh="尚未制成", en="not made yet")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A file of a paper, and how many sheets it takes; ``why``: a sheet stands for it, because it cannot be set in.

    ``sha256`` empty: there is no file. ``bytes``: its size; 0 where it could not be read.
    """

    sha256: str = ""
    name: str = ""
    media_type: str = ""
    pages: int = 1
    bytes: int = 0
    why: Term | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """A paper in its volume 卷内文件: ``number`` 顺序号, ``author`` 责任者, ``first`` its first page 页号."""

    number: int
    paper: MatterPaper
    title: Words
    author: str
    place: Place
    leaves: tuple[Leaf, ...]
    first: int
    newer: int = 0
    """The version that took its place; 0: none did."""

    @property
    def pages(self) -> int:
        return sum(leaf.pages for leaf in self.leaves)

    @property
    def last(self) -> int:
        return self.first + self.pages - 1

    @property
    def day(self) -> date:
        return self.paper.at.astimezone(BEIJING).date()

    @property
    def remarks(self) -> list[Term]:
        """What has to be known of it 备注."""
        found = list(dict.fromkeys(leaf.why for leaf in self.leaves if leaf.why))
        if self.newer:
            found.append(Term(zh=f"已由第 {self.newer} 版替代", en=f"superseded by version {self.newer}"))
        return found


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume: ``main`` 正卷 or ``side`` 副卷."""

    name: str
    items: tuple[Item, ...]

    @property
    def pages(self) -> int:
        return sum(item.pages for item in self.items)

    @property
    def bytes(self) -> int:
        return sum(leaf.bytes for item in self.items for leaf in item.leaves)


def laid(definition: Definition, matter: Matter, rows: Iterable[MatterPaper], *, at: datetime) -> list[Volume]:
    """Return the volumes that have papers, these rows in their order. Papers that wait are typeset first.

    Reads each file once in the life of the process, to count its pages.
    """
    by = order.order_of(matter.code, day=at.astimezone(BEIJING).date())
    found = [_Laid.of(definition, row, order_name=by) for row in rows]
    newest = {each.row.name: max(o.row.version for o in found if o.row.name == each.row.name) for each in found}
    volumes = []
    for name in order.VOLUMES:
        mine = sorted((each for each in found if each.volume == name), key=_Laid.key)
        if mine:
            items = tuple(_items(definition, matter, mine, newest, at=at))
            volumes.append(Volume(name=name, items=items))
    return volumes


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """A paper with the volume and the place that it lies in."""

    row: MatterPaper
    title: Words
    volume: str
    place: Place

    @classmethod
    def of(cls, definition: Definition, row: MatterPaper, *, order_name: str) -> _Laid:
        known = definition.papers.get(row.name)
        title = known.title if known else Words(zh=row.name, en=row.name)
        # what the kind does not know any more is nobody's to read but the authority's
        volume = known.volume if known else "side"
        day = row.at.astimezone(BEIJING).date()
        place = order.place_of(title.zh, order=order_name, volume=volume, day=day)
        return cls(row=row, title=title, volume=volume, place=place)

    def key(self) -> tuple[int, datetime, int]:
        return self.place.number, self.row.at, self.row.pk


def _items(
    definition: Definition, matter: Matter, mine: Sequence[_Laid], newest: dict[str, int], *, at: datetime
) -> Iterator[Item]:
    first = 1
    for number, each in enumerate(mine, start=1):
        newer = newest[each.row.name] if newest[each.row.name] > each.row.version else 0
        paper, leaves = _leaves(each.row, at=at)
        item = Item(
            number=number,
            paper=paper,
            title=each.title,
            author=_author(definition, matter, each.row),
            place=each.place,
            leaves=leaves,
            first=first,
            newer=newer,
        )
        yield item
        first += item.pages


def _author(definition: Definition, matter: Matter, row: MatterPaper) -> str:
    """Return who answers for a paper 责任者: the authority, or the firm that applies; of others nobody knows here."""
    if row.origin == PaperOrigin.MADE or (row.name in definition.papers and papers.own(definition, row.name)):
        return matters.authority(matter.district_id, day=row.at.astimezone(BEIJING).date()).zh
    applies = row.name in definition.papers and papers.form_of(definition.papers[row.name]) == "application"
    return matter.enterprise.name if applies and matter.enterprise else ""


def _leaves(row: MatterPaper, *, at: datetime) -> tuple[MatterPaper, tuple[Leaf, ...]]:
    """Return a paper as it is typeset, with its files."""
    if row.origin != PaperOrigin.MADE:
        given = tuple(_leaf(each["sha256"], each["name"], each["media_type"]) for each in row.files)
        return row, given or (Leaf(why=ON_PAPER),)
    try:
        made = matters.made_paper(row, at=at)
    except QingtianError:
        return row, (Leaf(why=NOT_MADE),)
    return made, (_leaf(made.pdf, "", PDF) if made.pdf else Leaf(why=NOT_MADE),)


def _leaf(sha256: str, name: str, media_type: str) -> Leaf:
    try:
        pages, size = _measured(sha256, media_type)
    except (objects.ObjectMissing, objects.ObjectDamaged):
        return Leaf(sha256=sha256, name=name, media_type=media_type, why=NOT_THERE)
    why = None if pages else NOT_BOUND
    return Leaf(sha256=sha256, name=name, media_type=media_type, pages=pages or 1, bytes=size, why=why)


@lru_cache(8192)
def _measured(sha256: str, media_type: str) -> tuple[int | None, int]:
    """Return pages and bytes of a file; under its digest it is for ever the same."""
    content = objects.get(sha256)
    return papers.pages_in(content, media_type=media_type), len(content)


def by_place(volume: Volume) -> list[tuple[Place, list[Item]]]:
    """Return the papers of a volume group by group."""
    return [(place, list(some)) for place, some in groupby(volume.items, key=lambda item: item.place)]
