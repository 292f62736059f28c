"""The register of evidence packages (证据包): who made which of what, under which digest. Never changed."""

from __future__ import annotations

from django.db import models

from qingtian.office.alerts.models import Episode
from qingtian.office.people.models import User


class EvidencePackage(models.Model):
    """A package; its bytes are in the object store under ``sha256``. ``manifest_sha256`` stands in the ledger too."""

    number = models.CharField(max_length=24, unique=True)
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="packages")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    packets = models.IntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    manifest_sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.number
