"""``python -m qingtian.demo.casework``: let the cast work. Checks, matters of every kind, one out of the first task.

Run behind the start, so that nobody waits for it. Safe to run again, and after it was killed.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import datetime

from django.db import transaction

from qingtian.base import times
from qingtian.demo import histories
from qingtian.law import calendar
from qingtian.office import start

log = logging.getLogger(__name__)

CHAIN, CHECKS = "demo:casework", "demo:checks"
PATIENCE_S, PAUSE_S = 900.0, 3.0
"""How long the first task is waited for: devices have to exceed a limit before there is one."""


def work() -> None:
    """Work on the database that the settings name."""
    # whoever looks at the pages goes first
    os.nice(10)
    log.info("%d checks of quality control put in", put_checks(at=times.now()))
    log.info("%d matters put in", put_matters(at=times.now()))
    log.info("the case of the first task: %s", wait_for_a_case() or "none came")


def put_checks(*, at: datetime) -> int:
    """Put in the register of quality control of a few outlets, once; return how many checks."""
    from qingtian.demo import quality, registers  # noqa: PLC0415
    from qingtian.office.ledger import api as ledger  # noqa: PLC0415

    if ledger.history(CHECKS):
        return 0
    with transaction.atomic():
        done = quality.put(at=at)
        ledger.append(chain=CHECKS, acting_user=registers.SEED, act="put_checks", at=at, content={"checks": done})
    return done


def put_matters(*, at: datetime) -> int:
    """Put in the matters of the demo city, once; return how many."""
    # Django's models can be named only after the start
    from qingtian.demo import matters, registers  # noqa: PLC0415
    from qingtian.office.ledger import api as ledger  # noqa: PLC0415

    if ledger.history(CHAIN):
        return 0
    told = list(histories.histories(now=at, calendar=calendar.official()))
    done = matters.put(told, at=at)
    with transaction.atomic():
        ledger.append(chain=CHAIN, acting_user=registers.SEED, act="put_matters", at=at, content={"matters": done})
    return done


def wait_for_a_case() -> str:
    """Open a penalty out of the first task of the cast's officer, once; return its number, or empty if none came."""
    from qingtian.demo import matters  # noqa: PLC0415

    until = time.monotonic() + PATIENCE_S
    while not (number := matters.open_case(at=times.now())) and time.monotonic() < until:
        time.sleep(PAUSE_S)
    return number


if __name__ == "__main__":
    raise SystemExit(start.program(work))
