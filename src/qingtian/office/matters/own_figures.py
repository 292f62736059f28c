"""Figures that an authority sets for itself (本机关设定): dated rows, never changed; the latest of a day counts.

An authority of a district that has set nothing has what the city's has set; where that has none, the kind's default
counts. A figure that a newer version of the kind does not allow any more counts no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.law.machine.definition import Definition, Setting
from qingtian.law.machine.state import day_of
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import kinds, numbering, rights
from qingtian.office.matters.models import MatterFigure
from qingtian.office.matters.numbering import Authority
from qingtian.office.people.api import NotYours, Scope, User
from qingtian.office.sites.api import NotFoundHere

ACT = "set_figure"
SAID = Term(zh="调整本机关设定", en="set a figure of the authority")
DECIMALS: Mapping[str, int] = {"CNY": 2, "%": 2, "分": 2}
"""Decimal places that a figure of a unit may have; days, people, times are whole."""
UNITS: Mapping[str, Term] = {"CNY": Term(zh="元", en="yuan")}
BROADEST = Decimal(10) ** 14


class FigureRefused(QingtianError):
    code = "matters.figure_refused"
    zh = "没有设定“{setting.zh}”：{why}。请改正后再提交。"
    en = "“{setting.en}” was not set: {why}. Correct it and send it again."


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What counts for a setting at an authority on a day. ``row`` None: the kind's default does.

    ``of``: the authority that set it: its own, or the city's.
    """

    setting: Setting
    value: Decimal
    row: MatterFigure | None
    of: Authority | None


def standing(definition: Definition, authority: Authority, *, day: date) -> list[Standing]:
    """Return what counts for each setting of the kind. At most one query."""
    settings = definition.manifest.settings
    if not settings:
        return []
    city = numbering.authorities(day=day)[0]
    places = {city.code: city, authority.code: authority}
    rows = MatterFigure.objects.filter(code=definition.manifest.code, authority__in=list(places), since__lte=day)
    latest = {(row.authority, row.name): row for row in rows.order_by("since", "pk")}
    return [
        _standing(setting, [latest.get((code, name)) for code in places], places) for name, setting in settings.items()
    ]


def _standing(setting: Setting, rows: list[MatterFigure | None], places: Mapping[str, Authority]) -> Standing:
    """``rows``: the city's, then the authority's own."""
    for row in reversed(rows):
        if row is not None and row.value is not None and not out_of_bounds(setting, row.value):
            return Standing(setting=setting, value=row.value.normalize() + 0, row=row, of=places[row.authority])
    return Standing(setting=setting, value=setting.value, row=None, of=None)


def applied(definition: Definition, authority: Authority, *, day: date) -> Definition:
    """Return the kind with the figures that count at the authority on a day. At most one query."""
    found = standing(definition, authority, day=day)
    own = {each.setting.name: each.value for each in found if each.row is not None}
    return definition.with_settings(own) if own else definition


def history(code: str) -> list[MatterFigure]:
    """Return all rows of a kind, the newest first. One query."""
    return list(MatterFigure.objects.filter(code=code).order_by("-pk"))


def may_set(user: User, authority: Authority, *, at: datetime) -> bool:
    """Say whether the person may set figures of the authority: by post, and at their own place. One query."""
    return _at_home(user, authority) and rights.may(user, ACT, at=at)


def _at_home(user: User, authority: Authority) -> bool:
    scope = Scope.of(user)
    return scope.everything or (bool(authority.district) and scope.district == authority.district)


def set_figure(
    *,
    acting_user: User,
    code: str,
    name: str,
    authority: str,
    value: Decimal | None,
    since: date,
    reason: str,
    document: str,
    at: datetime,
) -> MatterFigure:
    """Set a figure of an authority from a day on; ``value`` None: nothing of its own counts from then on.

    Matters that are open keep the figures they were opened under; see `changes.migrate_version`.

    :raises NotYours: if the person's posts or place do not allow it (rules/office_rights.yaml).
    :raises UnknownKind, NoVersionInForce: if there is no such kind on that day.
    :raises FigureRefused: for a setting, an authority, a figure or a day that cannot be; nothing is changed.
    """
    rights.require(acting_user, ACT, SAID, at=at)
    definition = kinds.on(code, day=max(since, day_of(at)))
    said = definition.words.of("settings", name)
    setting, place = definition.manifest.settings.get(name), _named(authority, since)
    if setting is None or place is None:
        raise FigureRefused(
            setting=said, why=Term(zh="没有这项设定或这个机关", en="there is no such setting or authority")
        )
    if not _at_home(acting_user, place):
        raise NotYours(role=acting_user.role_term, act=SAID)
    with transaction.atomic():
        why = _why_not(definition, setting, place, value, since, reason, document, at)
        if why is not None:
            raise FigureRefused(setting=said, why=why)
        row = MatterFigure.objects.create(
            code=code, name=name, authority=place.code, value=value, since=since, reason=reason.strip()[:255],
            document=document.strip()[:128], by=acting_user.username, by_name=acting_user.name, at=at,
        )  # fmt: skip
        content = {
            "kind": code, "setting": name, "authority": place.code, "value": None if value is None else str(value),
            "default": str(setting.value), "since": since, "reason": row.reason, "document": row.document,
        }  # fmt: skip
        ledger.append(chain=f"kind:{code}", acting_user=acting_user, act=ACT, at=at, content=content)
    return row


def _named(code: str, day: date) -> Authority | None:
    return next((each for each in numbering.authorities(day=day) if each.code == code), None)


def place(code: str, *, day: date) -> Authority:
    """Return the authority of that code; empty: the city's.

    :raises NotFoundHere: if there is none.
    """
    found = _named(code, day) if code else numbering.authorities(day=day)[0]
    if found is None:
        raise NotFoundHere(what=Term(zh="机关", en="authority"), code=code)
    return found


def _why_not(
    definition: Definition,
    setting: Setting,
    place: Authority,
    value: Decimal | None,
    since: date,
    reason: str,
    document: str,
    at: datetime,
) -> Term | None:
    if since < day_of(at):
        return Term(
            zh="生效日不能早于今天，已办理的行为不能改判", en="it cannot count before today: what was done stays judged"
        )
    if not reason.strip() or not document.strip():
        return Term(zh="请写明理由和文号", en="give the reason and the number of the document")
    wrong = None if value is None else wrong_figure(setting, value)
    if wrong is not None:
        return wrong
    now = next(each for each in standing(definition, place, day=since) if each.setting.name == setting.name)
    own = now.row.value if now.row is not None and now.row.authority == place.code else None
    if own == value:
        return Term(zh="与届时已有的设定相同", en="it is what counts on that day already")
    return None


def wrong_figure(setting: Setting, value: Decimal) -> Term | None:
    """Say what is wrong with a figure for a setting; None: nothing."""
    places = DECIMALS.get(setting.unit, 0)
    if not value.is_finite() or not 0 <= value < BROADEST:
        return Term(zh="应为不小于零的数", en="it has to be a number that is not below zero")
    if value != round(value, places):
        zh, en = (
            ("应为整数", "it has to be a whole number")
            if not places
            else ("最多两位小数", "it has at most two decimals")
        )
        return Term(zh=zh, en=en)
    if out_of_bounds(setting, value):
        least, most = ("…" if bound is None else f"{bound:,}" for bound in (setting.least, setting.most))
        unit = UNITS.get(setting.unit, Term(zh=setting.unit, en=setting.unit))
        return Term(
            zh=f"超出法定范围 {least}～{most} {unit.zh}（{setting.source}）",
            en=f"the law leaves {least} to {most} {unit.en} ({setting.source})",
        )
    return None


def out_of_bounds(setting: Setting, value: Decimal) -> bool:
    """Say whether the kind does not let an authority go so far."""
    return (setting.least is not None and value < setting.least) or (setting.most is not None and value > setting.most)
