"""What an officer said to a suspicion; the suspicion itself is a finding and stays as it was found."""

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
