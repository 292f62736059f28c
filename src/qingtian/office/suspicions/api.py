"""The face of suspicions: the board, clues, what else could explain them; explain one, have one looked into."""

from __future__ import annotations

from qingtian.office.suspicions.access import Board, Seen, Suspected, board, charts, may_see, suspicion
from qingtian.office.suspicions.actions import (
    NoAlert,
    NotForYou,
    ReasonMissing,
    explain_suspicion,
    look_into,
    may_act,
)
from qingtian.office.suspicions.clues import NoClue, clear_away, take_clue
from qingtian.office.suspicions.models import Clue, Explanation
from qingtian.office.suspicions.weighing import Weighing, causes, innocent, weighing

__all__ = [
    "Board",
    "Clue",
    "Explanation",
    "NoAlert",
    "NoClue",
    "NotForYou",
    "ReasonMissing",
    "Seen",
    "Suspected",
    "Weighing",
    "board",
    "causes",
    "charts",
    "clear_away",
    "explain_suspicion",
    "innocent",
    "look_into",
    "may_act",
    "may_see",
    "suspicion",
    "take_clue",
    "weighing",
]
