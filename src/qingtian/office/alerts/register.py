"""What the register holds when a finding comes: its run, the episode that it may go on, the lead of its group.

Statements that are planned once, since each alert waits for them (`office.statements`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from qingtian.office import statements
from qingtian.office.alerts.finding import RECOVERED, Finding
from qingtian.office.alerts.models import Episode
from qingtian.office.sites.api import PLACE_COLUMNS, Place

# a run that was opened again long after its end has several episodes: it goes on in the newest
KNOWN = """
SELECT EXISTS (SELECT FROM alerts_findingrecord f WHERE f.id = %(event)s),
    (SELECT max(f.episode_id) FROM alerts_findingrecord f WHERE f.finding = %(run)s),
    (SELECT max(e.id) FROM alerts_episode e
     WHERE e.outlet_id = %(outlet)s AND e.factor = %(factor)s AND e.detector = %(detector)s AND e.state <> 'closed'),
    (SELECT min(e.id) FROM alerts_episode e
     WHERE e.outlet_id = %(outlet)s AND e.lead_id IS NULL AND e.state = 'open' AND e.opened_at >= %(grouped)s),
    nextval('alerts_episode_id_seq')
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a finding event: whether it was taken; the episode of its run; the newest of its factor that is
    not closed; the lead (归组), the first of those that opened at its outlet a short while ago and go on; the key of
    the next episode, drawn in vain if the event needs none."""

    taken: bool
    of_run: int | None
    current: int | None
    lead: int | None
    next: int


def known(finding: Finding, *, grouped: datetime) -> Known:
    """Return what is known of an event whose outlet is held. ``grouped``: who opened since then may lead. One query."""
    kind = {"outlet": finding.outlet, "factor": finding.factor, "detector": finding.detector}
    (row,) = statements.run(KNOWN, event=finding.id, run=finding.finding, grouped=grouped, **kind)
    taken, of_run, current, lead, key = row
    return Known(taken=taken, of_run=of_run, current=current, lead=lead, next=key)


@dataclass(frozen=True, kw_only=True)
class Held:
    """An episode whose row is locked until the caller's transaction ends, and the outlet it is about."""

    episode: Episode
    place: Place


FIELDS = [field.attname for field in Episode._meta.concrete_fields]
LIMIT = FIELDS.index("limit")
HOLD = f"""
SELECT {", ".join(f'e."{name}"' for name in statements.columns(Episode))}, {PLACE_COLUMNS}
FROM alerts_episode e JOIN sites_outlet o ON o.code = e.outlet_id WHERE e.id """  # noqa: S608 - names of columns
LOCKED = "ORDER BY e.id FOR NO KEY UPDATE OF e"
BY_KEY = f"{HOLD} = %(key)s {LOCKED}"
BY_EVENT = f"""
{HOLD} IN (SELECT f.episode_id FROM alerts_findingrecord f WHERE f.id = ANY(%(events)s::text[])) {LOCKED}
"""  # noqa: S608


def hold(key: int) -> Held:
    """Lock an episode that is there. One query."""
    (row,) = statements.run(BY_KEY, key=key)
    return _held(row)


def hold_those_of(events: Collection[str]) -> list[Held]:
    """Lock the episodes of these finding events, each once and in the order of their keys. One query."""
    return [_held(row) for row in statements.run(BY_EVENT, events=sorted(events))]


def _held(row: Sequence[Any]) -> Held:
    columns = list(row[: len(FIELDS)])
    columns[LIMIT] = orjson.loads(columns[LIMIT])
    return Held(episode=Episode.from_db("default", FIELDS, columns), place=Place.of(row[len(FIELDS) :]))


RUNS = f"""
SELECT f.finding, count(*) FILTER (WHERE f.event = 'opened'),
    count(*) FILTER (WHERE f.event = 'closed' AND NOT f.payload ? 'corrected'),
    bool_or(f.event = 'closed' AND f.payload->>'reason' = '{RECOVERED}')
FROM alerts_findingrecord f WHERE f.episode_id = %(episode)s GROUP BY f.finding
"""  # noqa: S608 - a word of this program


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The runs of an episode: whether one has not been closed, and whether one ended with values within the limits."""

    go_on: bool
    recovered: bool


def runs(episode: Episode, finding: Finding) -> Runs:
    """Return how the runs of an episode stand with this event, which is not among them yet. One query.

    A run may be opened again after its end; an end that is told again with another time ends nothing.
    """
    rows = statements.run(RUNS, episode=episode.pk)
    opened = {run: begun for run, begun, _, _ in rows}
    closed = {run: ended for run, _, ended, _ in rows}
    run, ends = finding.finding, finding.event == "closed"
    opened[run] = opened.get(run, 0) + (finding.event == "opened")
    closed[run] = closed.get(run, 0) + (ends and "corrected" not in finding.payload)
    return Runs(
        go_on=any(max(begun, 1) > closed[run] for run, begun in opened.items()),
        recovered=any(row[-1] for row in rows) or (ends and finding.payload.get("reason") == RECOVERED),
    )
