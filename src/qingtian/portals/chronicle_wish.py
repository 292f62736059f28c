"""What a history page is asked for: which factor, which stretch of time, how fine. All of it stands in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from qingtian.base.times import BEIJING
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Outlet
from qingtian.portals import asked
from qingtian.portals.words import Word

LONGEST = timedelta(days=3660)
RANGES: dict[str, tuple[timedelta, Word]] = {
    "6h": (timedelta(hours=6), _("6 hours")),
    "24h": (timedelta(hours=24), _("24 hours")),
    "7d": (timedelta(days=7), _("7 days")),
    "30d": (timedelta(days=30), _("30 days")),
    "1y": (timedelta(days=365), _("1 year")),
    "3y": (timedelta(days=1096), _("3 years")),
}
STEPS: dict[str, Word] = {
    "auto": _("as fits"),
    "real": _("real-time"),
    "minute": _("minutes"),
    "hour": _("hours"),
    "day": _("days"),
}
FINE = ((timedelta(hours=6), "real"), (timedelta(days=8), "minute"), (timedelta(days=400), "hour"))
"""Up to which length of time which step fits; beyond, days. So some 10,000 points are drawn at once."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """``step`` is what was asked for; `fitting` the step that is read. ``end`` is exclusive; both carry zones."""

    factor: str
    factors: Sequence[str]
    start: datetime
    end: datetime
    step: str
    chosen: str

    @property
    def fitting(self) -> str:
        if self.step != "auto":
            return self.step
        return next((step for longest, step in FINE if self.end - self.start <= longest), "day")


def factors_of(outlet: Outlet) -> list[str]:
    """Return the factors with a limit, then the others that devices sent last. No query for a prefetched outlet."""
    limited = sorted({row.factor for row in outlet.limits.all()})
    statuses = [getattr(device, "status", None) for device in outlet.devices.all()]
    sent = sorted({code for status in statuses if status for code in status.values})
    return limited + [code for code in sent if code not in limited]


def wish(query: QueryDict, outlet: Outlet, *, now: datetime) -> Wish:
    """Read the URL; what it does not say is the usual: the last seven days of the first factor.

    :raises AskedUnknown: for a factor, range or step that there is not; not for a stretch that cannot be (`cannot_be`).
    """
    factors = factors_of(outlet)
    factor = asked.option(query, "factor", [*factors, *sites.factors()], usual=next(iter(factors), ""))
    start, end, chosen = stretch(query, now=now)
    return Wish(
        factor=factor,
        factors=factors,
        start=start,
        end=end,
        step=asked.option(query, "step", STEPS, usual="auto"),
        chosen=chosen,
    )


def stretch(query: QueryDict, *, now: datetime) -> tuple[datetime, datetime, str]:
    """Return start and end, and the name of the range if it is one of `RANGES`.

    :raises AskedUnknown: for a range that there is not.
    """
    start, end = _instant(query.get("from", "")), _instant(query.get("to", ""), last=True)
    if start and end and start < end:
        return max(start, end - LONGEST), end, ""
    chosen = asked.option(query, "range", RANGES, usual="7d")
    end = (now + timedelta(minutes=1)).replace(second=0, microsecond=0)
    return end - RANGES[chosen][0], end, chosen


def cannot_be(query: QueryDict) -> bool:
    """Say whether the stretch that the URL names cannot be read, or ends before it begins: then another is shown."""
    first, last = query.get("from", ""), query.get("to", "")
    start, end = _instant(first), _instant(last, last=True)
    return bool(first or last) and not (start and end and start < end)


def refuse_what_cannot_be(query: QueryDict) -> None:
    """:raises AskedUnknown: for a stretch that cannot be, where nothing would say that another is shown."""
    if cannot_be(query):
        zh = "from 与 to 须同为日期（如 2026-12-01）或时刻，且先后有序"
        en = "from and to both have to be days such as 2026-12-01, or instants, in their order"
        raise asked.unknown("from", query.get("from", ""), zh, en)


def _instant(text: str, *, last: bool = False) -> datetime | None:
    """Read a day (as ``to``: its end) or an instant; without a zone it is Beijing time."""
    try:
        if len(text) == len("2026-01-01"):
            day = date.fromisoformat(text)
            # no calendar has a day after the last one
            day += timedelta(days=last and day < date.max)
            return datetime.combine(day, time(), BEIJING)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)
