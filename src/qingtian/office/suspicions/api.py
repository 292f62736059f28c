"""The face of suspicions: the board, what else could explain them; explain one, have one looked into."""

from __future__ import annotations

from qingtian.office.suspicions.access import Board, Suspected, board, may_see, suspicion
from qingtian.office.suspicions.actions import (
    NotForYou,
    ReasonMissing,
    explain_suspicion,
    look_into,
    may_act,
)
from qingtian.office.suspicions.models import Explanation
from qingtian.office.suspicions.weighing import Weighing, causes, innocent, weighing

__all__ = [
    "Board",
    "Explanation",
    "NotForYou",
    "ReasonMissing",
    "Suspected",
    "Weighing",
    "board",
    "causes",
    "explain_suspicion",
    "innocent",
    "look_into",
    "may_act",
    "may_see",
    "suspicion",
    "weighing",
]
