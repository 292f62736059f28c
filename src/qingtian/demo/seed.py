"""``python -m qingtian.demo.seed``: put the demo city into the registers and publish its plan. Safe to run again."""

from __future__ import annotations

import logging

from django.db import transaction

from qingtian.base import times
from qingtian.demo import cast, city
from qingtian.office import start

log = logging.getLogger(__name__)


def seed() -> None:
    """Seed the database that the settings name."""
    # the registers are Django's, so they can be named only after the start
    from qingtian.demo import registers  # noqa: PLC0415

    with transaction.atomic():
        registers.put_districts(city.districts())
        registers.put_people(cast.PEOPLE)
        registers.put_firms(city.firms())
    plan = registers.publish(at=times.now())
    log.info("the demo city is in the registers; plan %s", plan)


if __name__ == "__main__":
    raise SystemExit(start.program(seed))
