"""Every act on an episode leaves an entry in its chain and tells an event; what they say stands here, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.office.alerts.finding import SUSPICION
from qingtian.office.alerts.models import Episode
from qingtian.office.ledger import api as ledger

OPENED = "alert.opened"
CHANGED = "alert.changed"


def chain(episode_id: int) -> str:
    """Return the name of an episode's chain."""
    return f"episode:{episode_id}"


def draft(episode: Episode, *, act: str, at: datetime, content: Mapping[str, Any]) -> ledger.Draft:
    """Return the entry of an act on an episode, to be appended."""
    return ledger.Draft(chain=chain(episode.pk), act=act, at=at, content={"number": episode.number, **content})


def event(episode: Episode, *, entry: int, kind: str = CHANGED) -> dict[str, Any]:
    """Return the event that tells of an entry."""
    return {
        "kind": kind,
        "id": entry,
        "episode": episode.pk,
        "outlet": episode.outlet_id,
        "district": episode.district_id,
        "grid": episode.grid_id,
        # what is suspected of a firm is told to no page of the firm
        "enterprise": None if episode.level == SUSPICION else episode.enterprise_id,
        "severity": episode.severity,
        "state": episode.state,
        "received_us": episode.received_us,
    }


def record(episode: Episode, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]) -> int:
    """Append the entry, tell the event, return the entry's id. Inside the caller's transaction."""
    (entry,) = ledger.append_all(
        [draft(episode, act=act, at=at, content=content)],
        acting_user=acting_user,
        telling=lambda entry: event(episode, entry=entry.pk),
    )
    return entry.pk
