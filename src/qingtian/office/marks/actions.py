"""Acts on marks: file, correct, withdraw, review. Each recomputes what stands of the outlet, and says it to the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.marks import labels, running_out, telling, waiting
from qingtian.office.marks.models import Mark, State
from qingtian.office.marks.standing import STANDS
from qingtian.office.marks.suspicions import COVERS_FINDING, LATE, SHORT, suspicions
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.sites.api import NotFoundHere, Outlet

MAY_FILE = (Role.ENTERPRISE, Role.OFFICER, Role.DUTY_DESK)
MAY_REVIEW = (Role.OFFICER, Role.REVIEWER, Role.DUTY_DESK, Role.LEADER)
LONGEST = timedelta(days=366)
LONGEST_CODE = 16
LIVE = (*STANDS, State.TO_REVIEW)


class MarkRefused(QingtianError):
    code = "marks.refused"
    zh = "标记未保存：{why}。请改正后再提交。"
    en = "The mark was not kept: {why}. Correct it and submit again."


class MarkNotLive(QingtianError):
    code = "marks.not_live"
    zh = "这条标记的状态是“{state}”，不能再{act}。请刷新页面查看最新状态。"
    en = "This mark is {state}; one cannot {act} it any more. Reload the page to see how it stands."


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a mark says: kind and label of rules/periods/mark_effects.yaml, a stretch of time, whom it concerns, why."""

    kind: str
    label: str
    start: datetime
    end: datetime
    reason: str
    factors: Sequence[str] = ()
    mn: str = ""


def file_mark(*, acting_user: User, outlet_code: str, words: Words, at: datetime, once: bool = False) -> Mark:
    """File a mark (标记). In time it stands at once; late, or suspicious, it waits for a review.

    ``once``: the same mark that this person has filed already is returned instead, if it is in force.

    :raises NotYours, NotFoundHere, NoSuchLabel, MarkRefused:
    """
    _require(acting_user, MAY_FILE, Term(zh="标记", en="mark data"))
    with transaction.atomic():
        outlet = _outlet(acting_user, outlet_code)
        same = _same(acting_user, outlet, words) if once else None
        return same or _file(acting_user, outlet, words, at, supersedes=None)


def correct_mark(*, acting_user: User, mark_id: int, words: Words, at: datetime) -> Mark:
    """Replace a mark by a corrected one (更正); the first stays in the register as it was.

    :raises NotYours, NotFoundHere, NoSuchLabel, MarkRefused, MarkNotLive:
    """
    _require(acting_user, MAY_FILE, Term(zh="更正标记", en="correct marks"))
    with transaction.atomic():
        old = _live(acting_user, mark_id, Term(zh="更正", en="correct"))
        old.state = State.SUPERSEDED
        old.save(update_fields=["state"])
        return _file(acting_user, old.outlet, words, at, supersedes=old)


def withdraw_mark(*, acting_user: User, mark_id: int, reason: str, at: datetime) -> Mark:
    """Take a mark back (撤回), with the reason.

    :raises NotYours, NotFoundHere, MarkRefused, MarkNotLive:
    """
    _require(acting_user, MAY_FILE, Term(zh="撤回标记", en="withdraw marks"))
    _require_reason(reason)
    with transaction.atomic():
        mark = _live(acting_user, mark_id, Term(zh="撤回", en="withdraw"))
        mark.state = State.WITHDRAWN
        mark.save(update_fields=["state"])
        _record(mark, acting_user, "withdraw_mark", at, {"reason": reason.strip()})
        telling.settle(mark.outlet, at=at)
    return mark


def review_mark(*, acting_user: User, mark_id: int, accept: bool, opinion: str, at: datetime) -> Mark:
    """Accept or reject a mark (审核). Whoever made it cannot; an opinion is needed.

    :raises NotYours, NotFoundHere, MarkRefused, MarkNotLive:
    """
    act = Term(zh="审核", en="review")
    _require(acting_user, MAY_REVIEW, Term(zh="审核标记", en="review marks"))
    _require_reason(opinion)
    with transaction.atomic():
        mark = _live(acting_user, mark_id, act)
        if mark.made_by_id == acting_user.pk:
            raise MarkRefused(why=Term(zh="标记人不能审核自己的标记", en="who made a mark cannot review it"))
        mark.state = State.ACCEPTED if accept else State.REJECTED
        mark.reviewed_by, mark.reviewed_at, mark.opinion = acting_user, at, opinion.strip()
        mark.save(update_fields=["state", "reviewed_by", "reviewed_at", "opinion"])
        content = {"accepted": accept, "opinion": mark.opinion, "suspicions": mark.suspicions}
        _record(mark, acting_user, "review_mark", at, content)
        telling.settle(mark.outlet, at=at)
        running_out.warn(mark, at=at)
    return mark


def _file(acting_user: User, outlet: Outlet, words: Words, at: datetime, *, supersedes: Mark | None) -> Mark:
    day = words.start.astimezone(BEIJING).date()
    labels.label(words.kind, words.label, day=day)
    _check(outlet, words, at)
    mark = Mark(
        outlet=outlet,
        kind=words.kind,
        label=words.label,
        factors=list(words.factors),
        mn=words.mn,
        start=words.start,
        end=words.end,
        reason=words.reason.strip(),
        made_by=acting_user,
        made_at=at,
        supersedes=supersedes,
    )
    mark.suspicions = _suspicions(mark, outlet)
    # an officer's own mark is not late; what an enterprise files late, against a finding, or of some minutes, waits
    waits = acting_user.role == Role.ENTERPRISE and {LATE, COVERS_FINDING, SHORT} & set(mark.suspicions)
    mark.state = State.TO_REVIEW if waits else State.FILED
    mark.save()
    content = {
        "kind": mark.kind,
        "label": mark.label,
        "start": mark.start,
        "end": mark.end,
        "factors": mark.factors,
        "mn": mark.mn,
        "reason": mark.reason,
        "state": mark.state,
        "suspicions": mark.suspicions,
        "supersedes": supersedes.pk if supersedes else None,
    }
    _record(mark, acting_user, "file_mark", at, content)
    telling.settle(outlet, at=at)
    running_out.warn(mark, at=at)
    waiting.tell(mark, at=at)
    return mark


def _same(acting_user: User, outlet: Outlet, words: Words) -> Mark | None:
    names = ("kind", "label", "mn", "start", "end")
    rows = Mark.objects.filter(outlet=outlet, made_by=acting_user, state__in=LIVE, reason=words.reason.strip())
    said = {name: getattr(words, name) for name in names} | {"factors": list(words.factors)}
    return rows.filter(**said).order_by("pk").first()


def _check(outlet: Outlet, words: Words, at: datetime) -> None:
    _require_reason(words.reason)
    if words.end <= words.start:
        raise MarkRefused(why=Term(zh="结束时间须晚于开始时间", en="it must end after it begins"))
    if words.start > at:
        raise MarkRefused(why=Term(zh="开始时间不能晚于现在", en="it cannot begin in the future"))
    if words.end - words.start > LONGEST:
        raise MarkRefused(why=Term(zh="一条标记不能超过一年", en="one mark cannot last more than a year"))
    if any(len(code) > LONGEST_CODE for code in words.factors):
        raise MarkRefused(why=Term(zh="没有这样的监测因子", en="there is no such factor"))
    if words.mn and not outlet.devices.filter(pk=words.mn).exists():
        raise MarkRefused(why=Term(zh=f"该排放口没有设备 {words.mn}", en=f"the outlet has no device {words.mn}"))


def _suspicions(mark: Mark, outlet: Outlet) -> list[str]:
    day = mark.start.astimezone(BEIJING).date()
    year = Q(start__gte=mark.start - LONGEST) & Q(start__lt=mark.end + LONGEST)
    others = list(Mark.objects.filter(year, outlet=outlet, state__in=LIVE))
    found = alerts.over_limit_between(outlet=outlet.pk, start=mark.start, end=mark.end, before=mark.made_at)
    return suspicions(
        mark,
        source_type=outlet.source_type,
        others=others,
        budgets=labels.budgets(source_type=outlet.source_type, day=day),
        found=found,
    )


def _outlet(user: User, code: str) -> Outlet:
    found = Outlet.objects.select_for_update(of=("self",)).filter(Scope.of(user).q(), pk=code).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="排放口", en="outlet"), code=code)
    return found


def _live(user: User, mark_id: int, act: Term) -> Mark:
    rows = Mark.objects.select_for_update(of=("self",)).select_related("outlet")
    mark = rows.filter(Scope.of(user).q("outlet__"), pk=mark_id).first()
    if mark is None:
        raise NotFoundHere(what=Term(zh="标记", en="mark"), code=mark_id)
    if mark.state not in LIVE:
        state = Term(zh=str(State(mark.state).label), en=mark.state.replace("_", " "))
        raise MarkNotLive(state=state, act=act)
    return mark


def _require(user: User, roles: Sequence[str], act: Term) -> None:
    if user.role not in roles:
        raise NotYours(role=user.role_term, act=act)


def _require_reason(text: str) -> None:
    if not text.strip():
        raise MarkRefused(why=Term(zh="须写明原因", en="a reason is needed"))


def _record(mark: Mark, acting_user: User, act: str, at: datetime, content: dict[str, object]) -> None:
    ledger.append(
        chain=chain(mark.outlet_id), acting_user=acting_user, act=act, at=at, content={"mark": mark.pk, **content}
    )


def chain(outlet_code: str) -> str:
    """Return the chain that holds the marks of an outlet."""
    return f"marks:{outlet_code}"
