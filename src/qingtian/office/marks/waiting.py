"""A word to those who review marks 标记待审: a mark waits, above all one that covers what was found before it."""

from __future__ import annotations

from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.marks import labels
from qingtian.office.marks.models import Mark, State
from qingtian.office.people.api import caring_for


def tell(mark: Mark, *, at: datetime) -> None:
    """Tell who is to hear of it that a mark waits for a review, and why. Inside the act's transaction."""
    if mark.state != State.TO_REVIEW:
        return
    day, outlet = at.astimezone(BEIJING).date(), mark.outlet
    people = caring_for(
        roles=labels.reviewers(mark.suspicions, day=day),
        district=outlet.district_id,
        grid=outlet.grid_id,
        enterprise=outlet.enterprise_id,
    )
    reasons = {language: _reasons(mark, language, at) for language in ("zh", "en")}
    subject = f"{outlet.name} {mark.label}标记待审核：{reasons['zh']}"
    basis = {"outlet": outlet.pk, "outlet_en": outlet.name_en, "mark": mark.pk, "why": reasons["en"]}
    alerts.notify(people, kind=alerts.NoticeKind.MARK_WAITS, subject=subject, at=at, basis=basis)


def _reasons(mark: Mark, language: str, at: datetime) -> str:
    words = labels.suspicion_words(language=language, day=at.astimezone(BEIJING).date())
    return {"zh": "；", "en": "; "}[language].join(words[code] for code in mark.suspicions)
