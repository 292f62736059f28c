"""``python -m qingtian.entry.migrate``: bring the tables of the office up to date, as their owner."""

from __future__ import annotations

import sys

from django.core import management

from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError
from qingtian.entry.process import log_to_stderr
from qingtian.office import start


def main() -> int:
    """Migrate; safe to run again and again."""
    log_to_stderr("migrate")
    try:
        start.start(as_owner=True)
    except QingtianError as error:
        print(error.sentence(base_settings.from_environment().language), file=sys.stderr)
        return 1
    management.call_command("migrate", interactive=False, verbosity=1, no_color=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
