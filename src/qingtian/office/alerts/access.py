"""Episodes as people may see them: lists by filter, one page's worth each, one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.office.alerts import events
from qingtian.office.alerts.finding import SUSPICION
from qingtian.office.alerts.models import Episode, EpisodeState, FindingRecord, Severity
from qingtian.office.ledger import api as ledger
from qingtian.office.pages import Pages
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import NotFoundHere, history_within

PAGE = 50
LIVE = (EpisodeState.OPEN, EpisodeState.RECOVERED)


def _in_scope(user: User) -> QuerySet[Episode]:
    rows = Episode.objects.filter(Scope.of(user).q())
    # what is suspected of a firm is not for the firm to read
    return rows.exclude(level=SUSPICION) if user.role == Role.ENTERPRISE else rows


def episodes(user: User, *, before: int | None = None, limit: int = PAGE, **wish: Any) -> list[Episode]:
    """Return episodes in scope, newest first, with outlet, enterprise, answer and task at hand. One query.

    ``wish``: as in `_fitting`; ``before`` is the id after which the next page goes on.
    """
    rows = _fitting(user, **wish)
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def episode_pages(user: User, *, most: int, **wish: Any) -> Pages[Episode]:
    """Return the same as a list that is read as far as somebody looks."""
    return Pages(_fitting(user, **wish), most=most)


def _fitting(
    user: User,
    *,
    state: str = "",
    severity: int | None = None,
    district: str = "",
    outlet: str = "",
    level: str = "",
    enterprise: str = "",
    search: str = "",
) -> QuerySet[Episode]:
    """Return the query of what fits; ``state`` is a state, ``live`` (not closed) or empty."""
    rows = _in_scope(user).select_related("outlet", "enterprise", "district", "answer", "task")
    if state:
        rows = rows.filter(state__in=LIVE) if state == "live" else rows.filter(state=state)
    if severity:
        rows = rows.filter(severity__gte=severity)
    if district:
        rows = rows.filter(district_id=district)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if level:
        rows = rows.filter(level=level)
    if enterprise:
        rows = rows.filter(enterprise_id=enterprise)
    if search:
        rows = rows.filter(
            Q(number__icontains=search)
            | Q(outlet__name__icontains=search)
            | Q(enterprise__name__icontains=search)
            | Q(outlet__code__iexact=search)
        )
    return rows.order_by("-pk")


def opened(user: User, *, since: datetime) -> list[datetime]:
    """Return when the episodes in scope were opened since then, whatever has become of them. One query."""
    return list(_in_scope(user).filter(opened_at__gte=since).values_list("opened_at", flat=True))


def episode(user: User, episode_id: int) -> Episode:
    """Return one episode with what its page shows; findings are prefetched, oldest first.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    rows = _in_scope(user).select_related(
        "outlet", "enterprise", "district", "grid", "answer", "task", "acknowledged_by", "closed_by", "lead"
    )
    found = rows.prefetch_related("findings").filter(pk=episode_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="预警", en="alert"), code=episode_id)
    return found


def timeline(user: User, episode_id: int) -> list[ledger.Line]:
    """Return the history of an episode.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    return history_within(_in_scope(user), episode_id, what=Term(zh="预警", en="alert"), chain=events.chain(episode_id))


def open_by_enterprise(user: User) -> dict[str, int]:
    """Return how many episodes go on at each enterprise in scope, by its code; none is not listed. One query."""
    rows = _in_scope(user).filter(state=EpisodeState.OPEN).values_list("enterprise_id")
    return dict(rows.annotate(Count("pk")))


@dataclass(frozen=True, kw_only=True)
class AlertCounts:
    """The figures of the strip: live episodes, by loudness, and what waits."""

    open: int
    recovered: int
    breach: int
    unacknowledged: int
    unconfirmed: int
    opened_today: int


def alert_counts(user: User, *, at: datetime) -> AlertCounts:
    """Return the figures in scope. One query."""
    live = Q(state__in=LIVE)
    # the day is the Beijing day
    today = at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    figures = _in_scope(user).aggregate(
        open=Count("pk", Q(state=EpisodeState.OPEN)),
        recovered=Count("pk", Q(state=EpisodeState.RECOVERED)),
        breach=Count("pk", Q(state=EpisodeState.OPEN, severity__gte=Severity.BREACH)),
        unacknowledged=Count("pk", live & Q(acknowledged_at=None)),
        unconfirmed=Count("pk", live & Q(answer__isnull=False, answer__confirmed_at=None)),
        opened_today=Count("pk", Q(opened_at__gte=today)),
    )
    return AlertCounts(**figures)


def over_limit_between(
    *, outlet: str, start: datetime, end: datetime, before: datetime, factor: str = ""
) -> list[datetime]:
    """Return the data times of findings over a limit of an outlet (and factor) in a stretch of time that were taken
    before an instant."""
    rows = FindingRecord.objects.filter(episode__outlet_id=outlet, event__in=("opened", "worsened"))
    rows = rows.filter(data_time__gte=start, data_time__lt=end, taken_at__lt=before).exclude(payload__limit=None)
    rows = rows.filter(episode__factor=factor) if factor else rows
    return list(rows.order_by("data_time").values_list("data_time", flat=True))
