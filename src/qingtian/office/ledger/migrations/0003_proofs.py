"""Tiles and checkpoints of the Merkle tree, append-only like the entries; personal fields, which can only be erased."""

from __future__ import annotations

from django.db import migrations, models

from qingtian.office.database import APPLICATION_ROLE

RIGHTS = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_tile, ledger_checkpoint, ledger_personal FROM {APPLICATION_ROLE};
GRANT UPDATE (salt, value, erased_by) ON ledger_personal TO {APPLICATION_ROLE};
"""

TRIGGERS = """
CREATE TRIGGER ledger_tile_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_append_only();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_append_only();
CREATE FUNCTION ledger_personal_is_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.value IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.erased_by IS NULL OR OLD.erased_by IS NOT NULL THEN
        RAISE EXCEPTION 'personal fields of the ledger are only erased, once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_personal_only_erased BEFORE UPDATE ON ledger_personal
    FOR EACH ROW EXECUTE FUNCTION ledger_personal_is_only_erased();
"""

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rights")]
    operations = [
        migrations.CreateModel(
            name="Tile",
            fields=[
                ID,
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("ids", models.BinaryField(default=b"")),
            ],
            options={
                "indexes": [models.Index(fields=["level", "last_id"], name="ledger_tile_last_id")],
                "constraints": [models.UniqueConstraint(fields=("level", "number"), name="ledger_tile_once")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ID,
                ("size", models.BigIntegerField(unique=True)),
                ("last_id", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("public", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128)),
                (
                    "token",
                    models.BinaryField(help_text="the answer of a time-stamping authority (RFC 3161), DER", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Personal",
            fields=[
                ID,
                ("name", models.CharField(max_length=48)),
                ("salt", models.CharField(max_length=32, null=True)),
                ("value", models.TextField(null=True)),
                (
                    "erased_by",
                    models.BigIntegerField(help_text="the entry that says who erased it, and why", null=True),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.deletion.PROTECT,
                        related_name="personal",
                        to="ledger.entry",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("entry", "name"), name="ledger_personal_once")],
            },
        ),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(TRIGGERS),
    ]
