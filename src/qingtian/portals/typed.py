"""What a form carries, read (表单内容): days, figures, keys, and the name of an act; else the request cannot be read.

A browser checks these fields before it sends them, so that nobody who fills in a page meets such a refusal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.core.exceptions import BadRequest

Named = TypeVar("Named")
Fields = Mapping[str, str]
"""What was sent, by the names of the fields; the last value of each."""
KEY_DIGITS, WHOLE_DIGITS = 18, 9
"""So many digits fit into a key of the database, and into any other whole number of it."""


def day(form: Fields, name: str) -> date | None:
    """Return the day of a ``date`` field, None if it is empty.

    :raises BadRequest: if it says anything else.
    """
    text = form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadRequest(name) from error


def needed_day(form: Fields, name: str) -> date:
    """Return the day of a ``date`` field that may not be empty.

    :raises BadRequest: if it says no day.
    """
    found = day(form, name)
    if found is None:
        raise BadRequest(name)
    return found


def decimal(form: Fields, name: str) -> Decimal | None:
    """Return a figure as it was written, None if the field is empty. It may be no finite one.

    :raises BadRequest: if it is none.
    """
    text = form.get(name, "").strip()
    try:
        return Decimal(text) if text else None
    except InvalidOperation as error:
        raise BadRequest(name) from error


def number(form: Fields, name: str) -> float | None:
    """Return a finite number, None if the field is empty.

    :raises BadRequest: if it is none.
    """
    written = decimal(form, name)
    found = None if written is None else float(written)
    if found is not None and not math.isfinite(found):
        raise BadRequest(name)
    return found


def key(form: Fields, name: str) -> int:
    """Return the key of a row.

    :raises BadRequest: if it is none, or is missing.
    """
    return whole(form, name, digits=KEY_DIGITS)


def whole(form: Fields, name: str, *, digits: int = WHOLE_DIGITS) -> int:
    """Return a whole number that is not negative, as a revision.

    :raises BadRequest: if it is none, is missing, or has more digits.
    """
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise BadRequest(name)
    return int(text)


def one_of(known: Mapping[str, Named], name: str) -> Named:
    """Return what goes by a name, as the act that an address names.

    :raises BadRequest: if nothing does.
    """
    try:
        return known[name]
    except KeyError as error:
        raise BadRequest(name) from error
