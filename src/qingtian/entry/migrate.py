"""``python -m qingtian.entry.migrate``: bring the tables of the office up to date, as their owner."""

from __future__ import annotations

from django.core import management

from qingtian.entry.process import log_to_stderr
from qingtian.office import start


def migrate() -> None:
    """Migrate; safe to run again and again."""
    management.call_command("migrate", interactive=False, verbosity=1, no_color=True)


if __name__ == "__main__":
    log_to_stderr("migrate")
    raise SystemExit(start.program(migrate, as_owner=True))
