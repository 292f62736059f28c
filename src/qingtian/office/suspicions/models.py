"""What an officer said to a suspicion, which itself stays as it was found; clues, which are no alerts."""

from __future__ import annotations

from django.db import models

from qingtian.office.people.models import User
from qingtian.office.sites.models import Outlet


class Explanation(models.Model):
    """A suspicion is explained (疑点解释): by whom, with which cause and why. Of several, the last counts.

    ``finding``: the run's identifier on the log; ``cause``: a code of rules/suspicions/causes.yaml.
    """

    finding = models.CharField(max_length=32, db_index=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=32)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.cause}"


class Clue(models.Model):
    """A suspicion too light for an alarm (线索), as the log told it last: on the board alone, nobody is told of it.

    ``number`` of the event among the finding's own; ``state``: running, recovered or superseded; ``payload``: the
    message (docs/architecture.md). Rows are cleared away after some days; the lake keeps every event.
    """

    finding = models.CharField(max_length=32, primary_key=True)
    number = models.IntegerField()
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+")
    detector = models.CharField(max_length=32)
    weight = models.FloatField(help_text="of the evidence, 0 to 1; no probability")
    state = models.CharField(max_length=12)
    end = models.DateTimeField()
    payload = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["outlet", "-end"], name="suspicions_clue_outlet")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.detector}"
