"""Tables of the trace. Entries are append-only by database right and by trigger (migration 0002)."""

from __future__ import annotations

from django.db import models


class Chain(models.Model):
    """The head of one object's chain (``episode:12``, ``task:7``, ``user:3`` …). Its row is the lock."""

    name = models.CharField(max_length=80, primary_key=True)
    head_sequence = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="")


class Entry(models.Model):
    """One act on one object. ``content`` is canonical JSON, kept as text because the hash is over these very bytes."""

    chain = models.CharField(max_length=80)
    sequence = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64, help_text="username, or the process for acts of the system")
    actor_name = models.CharField(max_length=64)
    act = models.CharField(max_length=48)
    content = models.TextField()
    algorithm = models.CharField(max_length=8)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="ledger_entry_once")]


class Numbering(models.Model):
    """The last number of a kind in a year (编号), taken inside the transaction that uses it: no gaps."""

    kind = models.CharField(max_length=16)
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="ledger_numbering_once")]
