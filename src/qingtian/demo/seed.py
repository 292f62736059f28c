"""``python -m qingtian.demo.seed``: put the demo city into the registers and publish its plan. Safe to run again."""

from __future__ import annotations

import logging
import sys

from django.db import transaction

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.demo import cast, city
from qingtian.office import start

log = logging.getLogger(__name__)


def main() -> int:
    """Seed the database that the settings name. Exit code 1 if there is none."""
    try:
        start.start()
    except QingtianError as error:
        print(error.sentence(base_settings.from_environment().language), file=sys.stderr)  # noqa: T201
        return 1
    # the registers are Django's, so they can be named only after the start
    from qingtian.demo import registers  # noqa: PLC0415

    with transaction.atomic():
        registers.put_districts(city.districts())
        registers.put_people(cast.PEOPLE)
        registers.put_firms(city.firms())
    plan = registers.publish(at=times.now())
    log.info("the demo city is in the registers; plan %s", plan)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
