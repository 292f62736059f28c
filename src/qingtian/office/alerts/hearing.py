"""Who is to hear of an episode, and what they have been told already: one statement, planned once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.alerts import silences
from qingtian.office.alerts.delivery import Hearer, Situation
from qingtian.office.alerts.models import Episode, NoticeKind
from qingtian.office.people.api import CARING

OF_ALERTS = [
    kind.value for kind in (NoticeKind.OPENED, NoticeKind.WORSENED, NoticeKind.RECOVERED, NoticeKind.SUPERSEDED)
]
"""What the budget counts; tasks are duties and always told."""

HEARERS = f"""
WITH caring AS ({CARING})
SELECT caring.id, caring.role, q.begins, q.ends,
    (SELECT count(*) FROM alerts_notice n
     WHERE n.user_id = caring.id AND n.held = '' AND n.at >= %(today)s AND n.kind = ANY(%(of_alerts)s::text[])),
    EXISTS (SELECT FROM alerts_notice n WHERE n.user_id = caring.id AND n.held = '' AND n.episode_id = lead.id),
    lead.number, lead.severity, ({silences.OVER})
FROM caring LEFT JOIN alerts_quiethours q ON q.user_id = caring.id
LEFT JOIN alerts_episode lead ON lead.id = %(lead)s
ORDER BY caring.id
"""  # noqa: S608 - statements of this program


def hearers(episode: Episode, roles: Sequence[str], *, at: datetime) -> tuple[Situation, dict[int, Hearer]]:
    """Return the situation an episode is told in, and who of these roles hears of it, by key. One query.

    What was told is what was told to them on this Beijing day, and of the lead of the episode's group.
    """
    rows = statements.run(
        HEARERS,
        roles=list(roles),
        district=episode.district_id,
        grid=episode.grid_id,
        enterprise=episode.enterprise_id,
        outlet=episode.outlet_id,
        factor=episode.factor,
        detector=episode.detector,
        lead=episode.lead_id,
        of_alerts=OF_ALERTS,
        today=at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0),
        at=at,
    )
    lead, lead_severity, silence = rows[0][-3:] if rows else (None, None, None)
    situation = Situation(severity=episode.severity, silence=silence, lead=lead, lead_severity=lead_severity or 0)
    people = {
        key: Hearer(role=role, told_today=today, quiet=(begins, ends) if begins else None, told_of_lead=of_lead)
        for key, role, begins, ends, today, of_lead, *_ in rows
    }
    return situation, people
