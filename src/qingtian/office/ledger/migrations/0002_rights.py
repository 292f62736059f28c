"""Make the ledger append-only: by right for the application's role, by trigger for everybody.

The application's role may read and write all other tables, now and later (default privileges); it owns none.
"""

from __future__ import annotations

from django.db import migrations

from qingtian.office.database import APPLICATION_ROLE

ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {APPLICATION_ROLE} LOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
"""
RIGHTS = f"""
GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION_ROLE};
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry FROM {APPLICATION_ROLE};
REVOKE DELETE, TRUNCATE ON ledger_chain FROM {APPLICATION_ROLE};
"""  # noqa: S608 - the role is a constant of ours

TRIGGER = """
CREATE FUNCTION ledger_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(ROLE), migrations.RunSQL(RIGHTS), migrations.RunSQL(TRIGGER)]
