"""Acts on the register: enter checks, correct, withdraw and review them; say how an instrument is kept under control.

Each is one transaction with an entry in the ledger; what then stands is told to the log and to the alerts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.law.quality import kinds
from qingtian.law.quality.judging import OUT
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.quality import register
from qingtian.office.quality.entering import (
    CheckRefused,
    Wanted,
    attach,
    chain,
    device_of,
    enter,
    keep,
    known_instead,
    require_measured,
    row_of,
)
from qingtian.office.quality.models import Check, Instrument, State
from qingtian.office.quality.settling import covers_findings, settle
from qingtian.office.sites.api import NotFoundHere, Outlet

MAY_RECORD = (Role.ENTERPRISE, Role.OFFICER, Role.DUTY_DESK)
MAY_REVIEW = (Role.OFFICER, Role.REVIEWER, Role.DUTY_DESK, Role.LEADER)
MAY_SET = (Role.OFFICER, Role.ADMINISTRATOR)
LIVE = (State.STANDING, State.TO_REVIEW)
COVERS = Term(
    zh="它会使此前已发现超标的数据变为无效，须由执法人员处理",
    en="it would undo data that were found over a limit before, so an officer has to do it",
)


GONE = Term(
    zh="它所更正的记录已另行更正或撤回，只能审核不通过",
    en="the record it corrects was corrected otherwise or withdrawn meanwhile, so it can only be rejected",
)


class CheckNotLive(QingtianError):
    code = "quality.not_live"
    zh = "这条质控记录的状态是“{state}”，不能再{act}。请刷新页面查看最新状态。"
    en = "This record is {state}; one cannot {act} it any more. Reload the page to see how it stands."


def record_check(*, acting_user: User, outlet_code: str, wanted: Wanted, at: datetime, once: bool = False) -> Check:
    """Enter a check (登记质控记录); ``once``: see `record_checks`.

    :raises NotYours, NotFoundHere, CheckRefused, CheckNotJudged, UploadRefused:
    """
    return record_checks(acting_user=acting_user, wanted=[(outlet_code, wanted)], at=at, once=once)[0]


def record_checks(
    *, acting_user: User, wanted: Sequence[tuple[str, Wanted]], at: datetime, once: bool = False
) -> list[Check]:
    """Enter checks of any outlets, all or none. Failed ones of a firm that undo known findings wait for a review.

    ``once``: one that is registered already just so, and in force, is returned instead of entered again.

    :raises NotYours, NotFoundHere, CheckRefused, CheckNotJudged, UploadRefused:
    """
    _require(acting_user, MAY_RECORD, Term(zh="登记质控记录", en="enter checks of quality control"))
    with transaction.atomic():
        outlets = {code: _outlet(acting_user, code) for code in sorted({code for code, _ in wanted})}
        made = [row_of(acting_user, outlets[code], one, at) for code, one in wanted]
        if once:
            made = known_instead(made)
        fresh = {id(row): (row, one.files) for row, (_, one) in zip(made, wanted, strict=True) if row.pk is None}
        for outlet in outlets.values():
            mine = [row for row, _files in fresh.values() if row.outlet_id == outlet.pk]
            if mine:
                _keep(acting_user, outlet, mine, at=at)
        for row, files in fresh.values():
            attach(row, files, at)
    return made


def _keep(acting_user: User, outlet: Outlet, rows: Sequence[Check], *, at: datetime) -> None:
    waits = _waits(acting_user, outlet, beside=rows, at=at)
    for row in rows:
        # what was passed undoes nothing
        state = State.TO_REVIEW if waits and row.verdict == OUT else State.STANDING
        keep(row, state, acting_user, "record_check", at)
    settle(outlet, at=at)


def correct_check(*, acting_user: User, check_id: int, wanted: Wanted, at: datetime) -> Check:
    """Put a corrected record in the place of one (更正); the first stays in the register as it was.

    :raises NotYours, NotFoundHere, CheckRefused, CheckNotLive, CheckNotJudged, UploadRefused:
    """
    _require(acting_user, MAY_RECORD, Term(zh="更正质控记录", en="correct checks of quality control"))
    with transaction.atomic():
        old = _live(acting_user, check_id, Term(zh="更正", en="correct"))
        row = row_of(acting_user, old.outlet, wanted, at)
        row.supersedes = old
        waits = _waits(acting_user, old.outlet, beside=[row], without=[old], at=at)
        if not waits or old.state == State.TO_REVIEW:
            _turn(old, State.SUPERSEDED)
        keep(row, State.TO_REVIEW if waits else State.STANDING, acting_user, "correct_check", at)
        attach(row, wanted.files, at)
        settle(old.outlet, at=at)
    return row


def withdraw_check(*, acting_user: User, check_id: int, reason: str, at: datetime) -> Check:
    """Take a record back (撤回), with the reason. A firm cannot if that undoes data found over a limit.

    :raises NotYours, NotFoundHere, CheckRefused, CheckNotLive:
    """
    _require(acting_user, MAY_RECORD, Term(zh="撤回质控记录", en="withdraw checks of quality control"))
    _require_words(reason)
    with transaction.atomic():
        row = _live(acting_user, check_id, Term(zh="撤回", en="withdraw"))
        if row.state == State.STANDING and _waits(acting_user, row.outlet, without=[row], at=at):
            raise CheckRefused(why=COVERS)
        _turn(row, State.WITHDRAWN)
        enter(row, acting_user, "withdraw_check", at, {"reason": reason.strip()})
        settle(row.outlet, at=at)
    return row


def review_check(*, acting_user: User, check_id: int, accept: bool, opinion: str, at: datetime) -> Check:
    """Accept or reject a record that waits (审核). Whoever made it cannot; an opinion is needed.

    :raises NotYours, NotFoundHere, CheckRefused, CheckNotLive:
    """
    act = Term(zh="审核", en="review")
    _require(acting_user, MAY_REVIEW, Term(zh="审核质控记录", en="review checks of quality control"))
    _require_words(opinion)
    with transaction.atomic():
        row = _live(acting_user, check_id, act)
        if row.state != State.TO_REVIEW:
            raise CheckNotLive(state=_state(row), act=act)
        if row.made_by_id == acting_user.pk:
            raise CheckRefused(why=Term(zh="登记人不能审核自己的记录", en="who made a record cannot review it"))
        if accept and row.supersedes is not None:
            if row.supersedes.state not in LIVE:
                raise CheckRefused(why=GONE)
            _turn(row.supersedes, State.SUPERSEDED)
        row.state = State.STANDING if accept else State.REJECTED
        row.reviewed_by, row.reviewed_at, row.opinion = acting_user, at, opinion.strip()
        row.save(update_fields=["state", "reviewed_by", "reviewed_at", "opinion"])
        enter(row, acting_user, "review_check", at, {"accepted": accept, "opinion": row.opinion})
        settle(row.outlet, at=at)
    return row


def set_regime(
    *, acting_user: User, outlet_code: str, mn: str, factor: str, regime: str, since: date, at: datetime
) -> Instrument:
    """Say from which day on an instrument is kept under control in which way (质控方式); empty: it no longer is.

    :raises NotYours, NotFoundHere, CheckRefused:
    """
    _require(acting_user, MAY_SET, Term(zh="登记质控方式", en="say how instruments are kept under control"))
    with transaction.atomic():
        outlet = _outlet(acting_user, outlet_code)
        mn = device_of(outlet, mn)
        require_measured(outlet, factor, day=since)
        known = {one.code for one in kinds.regimes(factor, medium=outlet.medium, day=since)}
        if regime and regime not in known:
            raise CheckRefused(why=Term(zh="该因子没有这种质控方式", en="there is no such regime for the factor"))
        row = Instrument.objects.create(
            outlet=outlet, mn=mn, factor=factor, regime=regime, since=since, made_by=acting_user, made_at=at
        )
        content = {"mn": mn, "factor": factor, "regime": regime, "since": since.isoformat()}
        ledger.append(chain=chain(outlet.pk), acting_user=acting_user, act="set_regime", at=at, content=content)
        settle(outlet, at=at)
    return row


def _waits(
    acting_user: User, outlet: Outlet, *, beside: Sequence[Check] = (), without: Sequence[Check] = (), at: datetime
) -> bool:
    """Say whether what a firm wants has to be looked at first: it would undo what was found over a limit before."""
    if acting_user.role != Role.ENTERPRISE:
        return False
    before = register.undone(outlet, register.checks_of(outlet))
    after = register.undone(outlet, register.checks_of(outlet, beside=beside, without=without))
    return covers_findings(outlet, before, after, at=at)


def _turn(row: Check, state: State) -> None:
    row.state = state
    row.save(update_fields=["state"])


def _outlet(user: User, code: str) -> Outlet:
    rows = Outlet.objects.select_for_update(of=("self",)).prefetch_related("devices")
    found = rows.filter(Scope.of(user).q(), pk=code).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="排放口", en="outlet"), code=code)
    return found


def _live(user: User, check_id: int, act: Term) -> Check:
    found = Check.objects.filter(Scope.of(user).q("outlet__"), pk=check_id).values_list("outlet_id", flat=True).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="质控记录", en="record of quality control"), code=check_id)
    outlet = _outlet(user, found)
    row = Check.objects.select_for_update(of=("self",)).select_related("supersedes").get(pk=check_id)
    row.outlet = outlet
    if row.state not in LIVE:
        raise CheckNotLive(state=_state(row), act=act)
    return row


def _state(row: Check) -> Term:
    return Term(zh=str(State(row.state).label), en=row.state.replace("_", " "))


def _require(user: User, roles: Sequence[str], act: Term) -> None:
    if user.role not in roles:
        raise NotYours(role=user.role_term, act=act)


def _require_words(text: str) -> None:
    if not text.strip():
        raise CheckRefused(why=Term(zh="须写明理由", en="a reason is needed"))
