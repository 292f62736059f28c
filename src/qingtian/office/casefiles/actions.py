"""File a case away 归档: its volumes are bound once for good, with all their papers; the ledger says what is in them.

After that the page, the volume and every digest in it can be held against the entry (`proving`). Files that are bound
lie in the object store before the entry is written: killed between them, the file is not filed, and can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.office.casefiles import access, binding, contents, pages
from qingtian.office.casefiles.access import CaseFile, Filed
from qingtian.office.casefiles.contents import Item, Volume
from qingtian.office.casefiles.pages import Binding
from qingtian.office.matters import api as matters
from qingtian.office.matters.api import Matter, MatterPaper
from qingtian.office.objects import api as objects
from qingtian.office.people.api import User
from qingtian.office.sites.api import NotFoundHere

RIGHT = "file_away"
SAID = Term(zh="归档", en="file a case away")


class NotToBeFiled(QingtianError):
    code = "casefiles.not_to_be_filed"
    zh = "{number} 未归档：{why}。{what}"
    en = "{number} was not filed away: {why}. {what}"


OPEN = (
    Term(zh="事项尚未办结", en="it has not ended"),
    Term(zh="请办结后再归档。", en="File it when it has ended."),
)
FILED_BEFORE = (
    Term(zh="已经归档，归档后不得增加、抽取、修改", en="it was filed before; nothing may be added to it or taken out"),
    Term(zh="请直接下载归档卷。", en="Take the volumes that were filed."),
)
UNMADE = (
    Term(zh="有文书尚未制成或文件缺失", en="a paper is not made yet, or a file is missing"),
    Term(zh="请按目录备注逐件处理后重试。", en="See the remarks in the contents, mend them, and try again."),
)


def file_away(*, acting_user: User, matter_id: int, at: datetime) -> Filed:
    """File the case away. Who may: rules/office_rights.yaml, for matters in their own place.

    :raises NotFoundHere, NotYours: if it is not one of theirs, or they have no right to.
    :raises NotToBeFiled: if it has not ended, is filed as it is, or something in it is missing.
    :raises FileEmpty, FileTooLarge, FontMissing, PaperRefused, StoreUnreachable: if it cannot be bound.
    """
    file = access.case_file(acting_user, matter_id, at=at)
    _mine(acting_user, file, at=at)
    volumes = _all(file, at=at)
    _to_be_filed(file, volumes)
    by = Binding(by=acting_user.name, at=at)
    kept = [_kept(file, volume, by) for volume in volumes]
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=matter_id)
        if access.filed(matter_id) is not None:
            raise _refused(matter, FILED_BEFORE)
        entry = {access.ENTRY: {"volumes": kept}}
        matters.record(matter, acting_user=acting_user, act=access.FILED, at=at, content=entry)
        found = access.filed(matter_id)
    assert found is not None
    return found


def may_file(user: User, file: CaseFile, *, at: datetime) -> bool:
    """Say whether the person is offered to file the case away now."""
    ended = file.one.state.closed and bool(file.volumes)
    here = file.one.may_see_around(file.one.matter)
    return ended and file.filed is None and here and matters.may(user, RIGHT, at=at)


def _mine(user: User, file: CaseFile, *, at: datetime) -> None:
    matters.require(user, RIGHT, SAID, at=at)
    if not file.one.may_see_around(file.one.matter):
        raise NotFoundHere(what=Term(zh="事项", en="matter"), code=file.one.matter.pk)


def _all(file: CaseFile, *, at: datetime) -> list[Volume]:
    """Return the volumes with every paper of the matter: who files need not be one who may read them all."""
    rows = MatterPaper.objects.filter(matter=file.one.matter).order_by("at", "pk")
    return contents.laid(file.one.definition, file.one.matter, rows, at=at)


def _to_be_filed(file: CaseFile, volumes: Sequence[Volume]) -> None:
    if not file.one.state.closed:
        raise _refused(file.one.matter, OPEN)
    if not volumes:
        raise binding.FileEmpty
    gone = {contents.NOT_MADE, contents.NOT_THERE}
    if any(leaf.why in gone for volume in volumes for item in volume.items for leaf in item.leaves):
        raise _refused(file.one.matter, UNMADE)
    if file.filed:
        raise _refused(file.one.matter, FILED_BEFORE)


def _refused(matter: Matter, why: tuple[Term, Term]) -> NotToBeFiled:
    return NotToBeFiled(number=matter.number, why=why[0], what=why[1])


def _kept(file: CaseFile, volume: Volume, by: Binding) -> dict[str, Any]:
    """Bind and keep a volume; return what the ledger says of it."""
    whole = replace(file, withheld=0)
    word, _ = pages.made(whole, pages.whole(whole, [volume], by), pages.NAMES[volume.name], at=by.at)
    return {
        "volume": volume.name,
        "pdf": objects.put(binding.bind(whole, [volume], at=by.at, binding=by)),
        "docx": objects.put(word),
        "pages": volume.pages,
        "items": [_item(item) for item in volume.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "name": item.paper.name,
        "version": item.paper.version,
        "digest": item.paper.digest,
        "first": item.first,
        "pages": item.pages,
        "files": [leaf.sha256 for leaf in item.leaves if leaf.sha256],
    }
