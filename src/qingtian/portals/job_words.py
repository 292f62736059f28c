"""What the jobs of the worker are called and do (后台作业), and the states they are in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingtian.office.jobs import api
from qingtian.portals.system_words import Named
from qingtian.portals.words import State

JOBS = {
    "escalate": Named(word=_("Escalation of tasks"), does=_("tells those next in line when a clock ran out")),
    "send_digests": Named(word=_("Digests"), does=_("sends what was held back, at the hours of the digest")),
    "advance_backfill": Named(
        word=_("Back-fill"), does=_("asks devices for records that are missing, settles answers")
    ),
    "look_for_gaps": Named(word=_("Gaps"), does=_("finds minute, hour and day records that never came")),
    "checkpoint": Named(word=_("Checkpoint of the ledger"), does=_("signs the root over all entries so far")),
    "tidy_lake": Named(word=_("Tidying the lake"), does=_("merges small files")),
    "clear_away": Named(word=_("Clearing away"), does=_("deletes sessions, notices, drafts and jobs that are over")),
    "end_cut_off": Named(
        word=_("Jobs cut off"), does=_("ends jobs whose worker was killed, so that none waits for them")
    ),
    "clear_clues": Named(word=_("Old clues"), does=_("deletes clues older than the rule keeps at hand")),
    "carry_out_effects": Named(word=_("Effects of matters"), does=_("carries out what acts had asked for")),
    "typeset_papers": Named(word=_("Typesetting papers"), does=_("makes the files of papers")),
    "watch_quality": Named(word=_("Watch on quality control"), does=_("tells of checks that are overdue")),
    "watch_matters": Named(word=_("Watch on matters"), does=_("counts clocks anew, reminds of due dates")),
}

STATES = {
    api.WAITING: State(word=_("Queued"), tone="silent", shape="clock"),
    api.RUNNING: State(word=_("Running"), tone="brand"),
    api.FAILED: State(word=_("Failed"), tone="breach", shape="breach"),
    api.DONE: State(word=_("Finished"), tone="normal", shape="done"),
    api.ENDED: State(word=_("Ended early"), tone="attention", shape="attention"),
}


def named(name: str) -> Named:
    """Return how a job is called and what it does; one that is not known here by its raw name."""
    return JOBS.get(name, Named(word=name, does=""))
