"""What is done to a matter besides its kind's acts: link, merge, take to another version; views of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.machine import record
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import State, day_of
from qingtian.office.matters import acting, events, kinds, numbering, own_figures, rows, seeing, tables, writing
from qingtian.office.matters.models import LinkKind, Matter, MatterLink, MatterTurn, SavedView
from qingtian.office.matters.tables import Rows
from qingtian.office.people.api import NotYours, User, standing
from qingtian.office.sites.api import NotFoundHere

HEAD, CLERK = "head", "clerk"


class CannotLink(QingtianError):
    code = "matters.cannot_link"
    zh = "不能与 {other} 关联：{why}。请核对后重选。"
    en = "It cannot be linked with {other}: {why}. Check, and choose again."


class CannotMergeMatters(QingtianError):
    code = "matters.cannot_merge"
    zh = "不能并入 {other}：{why}。请选择同类的另一件在办事项。"
    en = "It cannot be merged into {other}: {why}. Choose another live matter of the same kind."


class CannotMigrate(QingtianError):
    code = "matters.cannot_migrate"
    zh = "{number} 不能迁移到第 {version} 版：{why}。请按原版本办理，或先调整新版定义。"
    en = "{number} cannot be taken to version {version}: {why}. Go on under its own, or correct the new definition."


class ViewRefused(QingtianError):
    code = "matters.view_refused"
    zh = "视图未保存：请填写 48 字以内的名称，筛选条件不超过 500 字符。"
    en = "The view was not saved: give it a name of at most 48 characters, and filters of at most 500."


def link(*, acting_user: User, matter_id: int, other_id: int, kind: str, at: datetime, reason: str = "") -> MatterLink:
    """Link a matter with another (关联); both chains say so.

    :raises NotFoundHere: if the person may not see both.
    :raises CannotLink: for a kind of link that is none or has an act of its own, itself, or one that is there.
    """
    with transaction.atomic():
        matter, other = _both(acting_user, matter_id, other_id, at)
        if kind not in LinkKind.values or kind == LinkKind.MERGED_INTO:
            raise CannotLink(other=other.number, why=Term(zh="没有这种关联", en="there is no such kind of link"))
        if matter.pk == other.pk:
            raise CannotLink(other=other.number, why=Term(zh="是同一事项", en="it is the same matter"))
        if MatterLink.objects.filter(matter=matter, other=other, kind=kind).exists():
            raise CannotLink(other=other.number, why=Term(zh="已经关联", en="they are linked already"))
        return _linked(matter, other, kind, acting_user, at, reason)


def merge(*, acting_user: User, matter_id: int, into_id: int, reason: str, at: datetime) -> Matter:
    """Merge a live matter into another of the same kind (并案); it goes on there, and its clocks are told of no more.

    :raises NotFoundHere, NotYours, MatterReasonMissing, IsMerged, CannotMergeMatters:
    """
    said = Term(zh="并案", en="merge matters")
    _require(acting_user, {HEAD, CLERK}, said, at)
    reason = acting.because(reason, said)
    with transaction.atomic():
        matter, other = _both(acting_user, matter_id, into_id, at)
        acting.agree(matter, None)
        acting.agree(other, None)
        if matter.pk == other.pk or matter.code != other.code:
            raise CannotMergeMatters(
                other=other.number, why=Term(zh="是同一事项或不同类", en="itself, or of another kind")
            )
        if matter.closed or other.closed:
            raise CannotMergeMatters(other=other.number, why=Term(zh="其中一件已终结", en="one of them has ended"))
        matter.merged_into, matter.next_due, matter.next_clock = other, None, ""
        matter.save(update_fields=["merged_into", "next_due", "next_clock"])
        MatterTurn.objects.filter(matter=matter).delete()
        _linked(matter, other, LinkKind.MERGED_INTO, acting_user, at, reason)
    return matter


def _both(user: User, one: int, other: int, at: datetime) -> tuple[Matter, Matter]:
    """Lock both, in the order of their keys, so that two who link crosswise do not wait for each other."""
    held = acting.locked(seeing.viewer(user, at=at), [one, other])
    for key in (one, other):
        if key not in held:
            raise NotFoundHere(what=Term(zh="事项", en="matter"), code=key)
    return held[one], held[other]


def _linked(matter: Matter, other: Matter, kind: str, user: User, at: datetime, reason: str) -> MatterLink:
    made = MatterLink.objects.create(
        matter=matter, other=other, kind=kind, at=at, by=user.username, reason=reason.strip()[:255]
    )
    for mine, its, way in ((matter, other, "to"), (other, matter, "from")):
        content = {"link": kind, "direction": way, "other": its.number, "reason": reason.strip()}
        events.record(mine, acting_user=user, act="link", at=at, content=content)
    return made


def _require(user: User, posts: set[str], act: Term, at: datetime) -> None:
    if not standing(user, day=at.astimezone(BEIJING).date()).posts & posts:
        raise NotYours(role=user.role_term, act=act)


def migrate_version(
    *, acting_user: User, matter_id: int, version: int, reason: str, at: datetime, revision: int | None = None
) -> Matter:
    """Take a live matter to another version of its kind (版本迁移): an act of the head, never by itself.

    With the version it takes up the figures that count at the authority today; those alone, if it has the version.

    :raises NotFoundHere, NotYours, MatterReasonMissing, IsMerged, ChangedMeanwhile: as for any act.
    :raises UnknownKind: if there is no such version.
    :raises CannotMigrate: if its stage, facts, papers, people or history have no place in the other version.
    """
    said = Term(zh="迁移事项版本", en="take a matter to another version")
    _require(acting_user, {HEAD}, said, at)
    reason = acting.because(reason, said)
    with transaction.atomic():
        matter = acting.hold(seeing.viewer(acting_user, at=at), matter_id)
        acting.agree(matter, revision)
        definition, target = kinds.of(matter), figures_now(matter, version, at=at)
        state = record.read(definition, matter.state)
        same = version == matter.version and target.figures == {**definition.figures, **state.settings}
        why = "；".join(_misfits(state, target)) if not state.closed else "事项已终结 / it has ended"
        if why or same:
            raise CannotMigrate(number=matter.number, version=version, why=why or "已是该版本 / it is that version")
        before, matter.version = matter.version, version
        # read back under the other version: types of facts are settled as that has them
        moved = record.read(target, record.written(replace(state, version=version, settings=target.figures)))
        matter.state = record.written(moved)
        matter.changed_at = at
        rows.standing(matter, target, moved)
        found = Rows(changed=[matter])
        writing.turned(found, matter, target, moved, writing.keys_of(rows.names(moved)))
        tables.put(found)
        figures = {name: str(value) for name, value in target.figures.items()}
        content = {"from_version": before, "to_version": version, "reason": reason.strip(), "settings": figures}
        events.record(matter, acting_user=acting_user, act="migrate_version", at=at, content=content)
    return matter


def figures_now(matter: Matter, version: int, *, at: datetime) -> Definition:
    """Return a version of the matter's kind with the figures that count at its authority today. At most one query.

    :raises UnknownKind: if there is no such version.
    """
    issuer = numbering.authority(matter.district_id, day=day_of(at))
    return own_figures.applied(kinds.version(matter.code, version), issuer, day=day_of(at))


def _misfits(state: State, target: Definition) -> Iterator[str]:
    """Yield what the other version does not know."""
    known = {
        "阶段 stage": ({state.stage}, target.stages),
        "事实 facts": (state.facts, target.facts),
        "文书 papers": ({paper.name for paper in state.papers}, target.papers),
        "角色 roles": (state.acted, target.roles),
        "行为 acts": ({done.act for done in state.history}, target.acts),
    }
    for what, (used, there) in known.items():
        missing = sorted(set(used) - set(there))
        if missing:
            yield f"{what}: {', '.join(missing)}"


PAGES = ("inbox", "matters")
"""The lists that views are kept of."""


def save_view(*, acting_user: User, page: str, name: str, query: str) -> SavedView:
    """Keep a list's filters under a name, for oneself; the same name is written over. ``page``: of `PAGES`.

    :raises ViewRefused:
    """
    name, query = name.strip(), query.strip().lstrip("?")
    if page not in PAGES or not name or len(name) > 48 or len(query) > 500:
        raise ViewRefused
    view, _ = SavedView.objects.update_or_create(user=acting_user, page=page, name=name, defaults={"query": query})
    return view


def drop_view(*, acting_user: User, page: str, name: str) -> None:
    """Forget a view of one's own; one that is not there is forgotten already."""
    SavedView.objects.filter(user=acting_user, page=page, name=name).delete()
