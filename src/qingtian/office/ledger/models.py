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


class Tile(models.Model):
    """A complete subtree of the Merkle tree over all entries by id: 256 leaves, or 256 lower tiles.

    ``level`` 0 covers 256 entries, 1 covers 256², and so on; ``ids`` are those of a level-0 tile, 64 bits each, so
    that a missing entry can be named.
    """

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    ids = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="ledger_tile_once")]
        indexes = [models.Index(fields=["level", "last_id"], name="ledger_tile_last_id")]


class Checkpoint(models.Model):
    """A signed root (检查点) over the first ``size`` entries, up to ``last_id``; with a time stamp, if asked for."""

    size = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    public = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    token = models.BinaryField(null=True, help_text="the answer of a time-stamping authority (RFC 3161), DER")


class Personal(models.Model):
    """A personal field of an entry in clear (个人信息). The entry holds its salted digest only, so it can be erased."""

    entry = models.ForeignKey(Entry, models.PROTECT, db_constraint=False, related_name="personal")
    name = models.CharField(max_length=48)
    salt = models.CharField(max_length=32, null=True)
    value = models.TextField(null=True)
    erased_by = models.BigIntegerField(null=True, help_text="the entry that says who erased it, and why")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="ledger_personal_once")]
