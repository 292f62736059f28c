"""The face of matters: open, act, see, list; effects and what the worker does."""

from __future__ import annotations

from qingtian.office.matters.access import (
    SOON,
    SORTS,
    InboxCounts,
    Waiting,
    figures,
    inbox,
    inbox_counts,
    matters,
    offers,
    saved_views,
)
from qingtian.office.matters.acting import ChangedMeanwhile, IsMerged
from qingtian.office.matters.actions import Bulk, Refused, do_act, do_acts
from qingtian.office.matters.effects import carry_out
from qingtian.office.matters.events import CHANGED, chain
from qingtian.office.matters.looking import OneMatter, RunningClock, candidates, matter, openable, paper
from qingtian.office.matters.models import (
    LinkKind,
    Matter,
    MatterClock,
    MatterEffect,
    MatterLink,
    MatterPaper,
    MatterPerson,
    PaperOrigin,
    SavedView,
    Secrecy,
)
from qingtian.office.matters.numbering import Authority, authority
from qingtian.office.matters.opening import NothingOpens, OfferTaken, Origin, drop_offer, open_matter
from qingtian.office.matters.persons import PersonUnknown

__all__ = [
    "CHANGED",
    "SOON",
    "SORTS",
    "Authority",
    "Bulk",
    "ChangedMeanwhile",
    "InboxCounts",
    "IsMerged",
    "LinkKind",
    "Matter",
    "MatterClock",
    "MatterEffect",
    "MatterLink",
    "MatterPaper",
    "MatterPerson",
    "NothingOpens",
    "OfferTaken",
    "OneMatter",
    "Origin",
    "PaperOrigin",
    "PersonUnknown",
    "Refused",
    "RunningClock",
    "SavedView",
    "Secrecy",
    "Waiting",
    "authority",
    "candidates",
    "carry_out",
    "chain",
    "do_act",
    "do_acts",
    "drop_offer",
    "figures",
    "inbox",
    "inbox_counts",
    "matter",
    "matters",
    "offers",
    "open_matter",
    "openable",
    "paper",
    "saved_views",
]
