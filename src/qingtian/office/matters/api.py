"""The face of matters: open, act, see, list; effects and what the worker does."""

from __future__ import annotations

from qingtian.office.matters.access import figures, offers, saved_views
from qingtian.office.matters.acting import ChangedMeanwhile, IsMerged, MatterReasonMissing
from qingtian.office.matters.actions import Bulk, Refused, do_act, do_acts
from qingtian.office.matters.calendars import current as calendar_now
from qingtian.office.matters.changes import (
    CannotLink,
    CannotMergeMatters,
    CannotMigrate,
    ViewRefused,
    drop_view,
    figures_now,
    link,
    merge,
    migrate_version,
    save_view,
)
from qingtian.office.matters.citing import Cited
from qingtian.office.matters.citing import numbers as citable
from qingtian.office.matters.counting import MOST as MOST_COUNTED
from qingtian.office.matters.counting import MOST_OVERDUE, InboxCounts, inbox_counts, overdue_count
from qingtian.office.matters.drafts import DraftGone, confirm_draft, forget_drafts, put_draft
from qingtian.office.matters.dues import BUCKETS
from qingtian.office.matters.effects import carry_out
from qingtian.office.matters.erasing import StillNeeded, chain_of, erase, kind_of
from qingtian.office.matters.escalation import escalate
from qingtian.office.matters.events import CHANGED, chain, record
from qingtian.office.matters.feeds import end_feed, feed, feed_of, make_feed
from qingtian.office.matters.importing import (
    Checked,
    ImportChanged,
    ImportedBefore,
    ImportRefused,
    Preview,
    blank_register,
    import_register,
    preview_import,
)
from qingtian.office.matters.inbox import Waiting, inbox
from qingtian.office.matters.issuing import TYPES as FILE_TYPES
from qingtian.office.matters.issuing import NoSuchFile, PaperFile, draft, draft_file, pages, versions
from qingtian.office.matters.issuing import brought as brought_file
from qingtian.office.matters.issuing import file as paper_file
from qingtian.office.matters.issuing import made as made_paper
from qingtian.office.matters.kinds import in_force as kinds_in_force
from qingtian.office.matters.lists import FAR, SORTS, matters
from qingtian.office.matters.looking import (
    OneMatter,
    Openings,
    RunningClock,
    arisen,
    candidates,
    matter,
    numbered,
    openable,
    openings,
    paper,
)
from qingtian.office.matters.models import (
    LinkKind,
    Matter,
    MatterClock,
    MatterEffect,
    MatterFigure,
    MatterLink,
    MatterPaper,
    MatterPerson,
    PaperOrigin,
    SavedView,
    Secrecy,
)
from qingtian.office.matters.moving import Moved
from qingtian.office.matters.moving import Preview as DayPreview
from qingtian.office.matters.moving import preview as preview_day
from qingtian.office.matters.numbering import Authority, authorities, authority
from qingtian.office.matters.offers import OfferTaken, drop_offer, offered
from qingtian.office.matters.opening import NothingOpens, open_matter
from qingtian.office.matters.overrides import DayRefused, clear_day, recount, set_day
from qingtian.office.matters.overrides import days as calendar_days
from qingtian.office.matters.own_figures import FigureRefused, may_set, set_figure
from qingtian.office.matters.own_figures import Standing as FigureStanding
from qingtian.office.matters.own_figures import history as figures_history
from qingtian.office.matters.own_figures import place as authority_named
from qingtian.office.matters.own_figures import standing as figures_standing
from qingtian.office.matters.persons import PersonUnknown
from qingtian.office.matters.picking import Candidate, pickable
from qingtian.office.matters.places import Origin
from qingtian.office.matters.programs import act_by_itself
from qingtian.office.matters.proving import Held, prove_files
from qingtian.office.matters.requests import Answer, KeyTooLong, KeyUsed, once
from qingtian.office.matters.requests import forget as forget_requests
from qingtian.office.matters.rights import may, require
from qingtian.office.matters.seeing import Viewer, viewer
from qingtian.office.matters.tabular import WorkbookUnreadable
from qingtian.office.matters.taking import may_take_over
from qingtian.office.matters.together import MOST_AT_ONCE, Group, Shared, preview_acts, together
from qingtian.office.matters.typesetting import TYPESET, typeset_waiting

__all__ = [
    "BUCKETS",
    "CHANGED",
    "FAR",
    "FILE_TYPES",
    "MOST_AT_ONCE",
    "MOST_COUNTED",
    "MOST_OVERDUE",
    "SORTS",
    "TYPESET",
    "Answer",
    "Authority",
    "Bulk",
    "Candidate",
    "CannotLink",
    "CannotMergeMatters",
    "CannotMigrate",
    "ChangedMeanwhile",
    "Checked",
    "Cited",
    "DayPreview",
    "DayRefused",
    "DraftGone",
    "FigureRefused",
    "FigureStanding",
    "Group",
    "Held",
    "ImportChanged",
    "ImportRefused",
    "ImportedBefore",
    "InboxCounts",
    "IsMerged",
    "KeyTooLong",
    "KeyUsed",
    "LinkKind",
    "Matter",
    "MatterClock",
    "MatterEffect",
    "MatterFigure",
    "MatterLink",
    "MatterPaper",
    "MatterPerson",
    "MatterReasonMissing",
    "Moved",
    "NoSuchFile",
    "NothingOpens",
    "OfferTaken",
    "OneMatter",
    "Openings",
    "Origin",
    "PaperFile",
    "PaperOrigin",
    "PersonUnknown",
    "Preview",
    "Refused",
    "RunningClock",
    "SavedView",
    "Secrecy",
    "Shared",
    "StillNeeded",
    "ViewRefused",
    "Viewer",
    "Waiting",
    "WorkbookUnreadable",
    "act_by_itself",
    "arisen",
    "authorities",
    "authority",
    "authority_named",
    "blank_register",
    "brought_file",
    "calendar_days",
    "calendar_now",
    "candidates",
    "carry_out",
    "chain",
    "chain_of",
    "citable",
    "clear_day",
    "confirm_draft",
    "do_act",
    "do_acts",
    "draft",
    "draft_file",
    "drop_offer",
    "drop_view",
    "end_feed",
    "erase",
    "escalate",
    "feed",
    "feed_of",
    "figures",
    "figures_history",
    "figures_now",
    "figures_standing",
    "forget_drafts",
    "forget_requests",
    "import_register",
    "inbox",
    "inbox_counts",
    "kind_of",
    "kinds_in_force",
    "link",
    "made_paper",
    "make_feed",
    "matter",
    "matters",
    "may",
    "may_set",
    "may_take_over",
    "merge",
    "migrate_version",
    "numbered",
    "offered",
    "offers",
    "once",
    "open_matter",
    "openable",
    "openings",
    "overdue_count",
    "pages",
    "paper",
    "paper_file",
    "pickable",
    "preview_acts",
    "preview_day",
    "preview_import",
    "prove_files",
    "put_draft",
    "record",
    "recount",
    "require",
    "save_view",
    "saved_views",
    "set_day",
    "set_figure",
    "together",
    "typeset_waiting",
    "versions",
    "viewer",
]
