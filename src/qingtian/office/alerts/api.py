"""The face of alerts: take findings; see, acknowledge, answer and close episodes; notices."""

from __future__ import annotations

from qingtian.office.alerts.access import (
    AlertCounts,
    alert_counts,
    episode,
    episode_pages,
    episodes,
    open_by_enterprise,
    opened,
    over_limit_between,
    timeline,
)
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
)
from qingtian.office.alerts.events import chain
from qingtian.office.alerts.finding import SUSPICION, NoFinding
from qingtian.office.alerts.grading import NoSuchCause, Route, causes, factor_class, require_cause
from qingtian.office.alerts.handing_over import handing_over
from qingtian.office.alerts.history import findings_between
from qingtian.office.alerts.models import (
    EnterpriseAnswer,
    Episode,
    EpisodeState,
    FindingRecord,
    HeldBecause,
    Notice,
    NoticeKind,
    Severity,
    Silence,
)
from qingtian.office.alerts.notices import gather, mark_read, notices, notify, quiet_hours, unread_count
from qingtian.office.alerts.preferences import set_quiet_hours
from qingtian.office.alerts.register import Held, hold, hold_those_of
from qingtian.office.alerts.silences import MAY_SILENCE, AlreadyLifted, SilenceRefused, lift, silence, silences
from qingtian.office.alerts.suspected import WithoutCharts, charts_of, suspicions
from qingtian.office.alerts.taking import OutletUnknown, Taken, route, take_findings
from qingtian.office.alerts.why import Why, everybody, why

__all__ = [
    "MAY_SILENCE",
    "SUSPICION",
    "AlertCounts",
    "AlreadyDone",
    "AlreadyLifted",
    "EnterpriseAnswer",
    "Episode",
    "EpisodeState",
    "FindingRecord",
    "HasTask",
    "Held",
    "HeldBecause",
    "NoAnswerAsked",
    "NoFinding",
    "NoSuchCause",
    "Notice",
    "NoticeKind",
    "OutletUnknown",
    "Route",
    "Severity",
    "Silence",
    "SilenceRefused",
    "StillRunning",
    "Taken",
    "TextMissing",
    "Why",
    "WithoutCharts",
    "acknowledge",
    "alert_counts",
    "causes",
    "chain",
    "charts_of",
    "close_episode",
    "close_with_task",
    "confirm",
    "episode",
    "episode_pages",
    "episodes",
    "everybody",
    "explain",
    "factor_class",
    "findings_between",
    "gather",
    "handing_over",
    "hold",
    "hold_those_of",
    "lift",
    "mark_read",
    "notices",
    "notify",
    "open_by_enterprise",
    "opened",
    "over_limit_between",
    "quiet_hours",
    "require_cause",
    "route",
    "set_quiet_hours",
    "silence",
    "silences",
    "suspicions",
    "take_findings",
    "timeline",
    "unread_count",
    "why",
]
