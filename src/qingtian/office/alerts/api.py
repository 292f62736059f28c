"""The face of alerts: take findings; see, acknowledge, answer and close episodes; notices."""

from __future__ import annotations

from qingtian.office.alerts.access import AlertCounts, alert_counts, episode, episodes, open_by_enterprise, timeline
from qingtian.office.alerts.actions import (
    AlreadyDone,
    HasTask,
    NoAnswerAsked,
    StillRunning,
    TextMissing,
    acknowledge,
    close_episode,
    close_with_task,
    confirm,
    explain,
    hand_over,
)
from qingtian.office.alerts.events import chain
from qingtian.office.alerts.finding import NoFinding
from qingtian.office.alerts.grading import NoSuchCause, Route, causes, factor_class, require_cause
from qingtian.office.alerts.models import (
    EnterpriseAnswer,
    Episode,
    EpisodeState,
    FindingRecord,
    Notice,
    NoticeKind,
    Severity,
)
from qingtian.office.alerts.notices import mark_read, notices, notify, unread_count
from qingtian.office.alerts.taking import OutletUnknown, Taken, hold, route, take_finding

__all__ = [
    "AlertCounts",
    "AlreadyDone",
    "EnterpriseAnswer",
    "Episode",
    "EpisodeState",
    "FindingRecord",
    "HasTask",
    "NoAnswerAsked",
    "NoFinding",
    "NoSuchCause",
    "Notice",
    "NoticeKind",
    "OutletUnknown",
    "Route",
    "Severity",
    "StillRunning",
    "Taken",
    "TextMissing",
    "acknowledge",
    "alert_counts",
    "causes",
    "chain",
    "close_episode",
    "close_with_task",
    "confirm",
    "episode",
    "episodes",
    "explain",
    "factor_class",
    "hand_over",
    "hold",
    "mark_read",
    "notices",
    "notify",
    "open_by_enterprise",
    "require_cause",
    "route",
    "take_finding",
    "timeline",
    "unread_count",
]
