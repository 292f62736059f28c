"""Registers that are entered by workbook 登记表 as well as by form: what was sent is read, or why not is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

from qingtian.base.errors import QingtianError, Term
from qingtian.office.sites.api import BookRefused
from qingtian.portals.listing import Listing, answer
from qingtian.portals.templatetags.parts import language

Row = TypeVar("Row")
Wanted = TypeVar("Wanted")
REFUSED = 422


def sent(request: HttpRequest, read: Callable[[bytes], Sequence[Wanted]]) -> Sequence[Wanted]:
    """Return what the rows of the workbook say that was sent (field ``file``).

    :raises BookRefused: if there is none, no row is filled in, or ``read`` cannot read it.
    """
    file = request.FILES.get("file")
    if file is None:
        raise BookRefused(why=Term(zh="没有选择文件", en="no file was chosen"))
    wanted = read(file.read())
    if not wanted:
        raise BookRefused(why=Term(zh="表中没有填写任何一行", en="no row is filled in"))
    return wanted


def told(problem: QingtianError | None) -> dict[str, str] | None:
    """Return why something was not entered, as a page shows it."""
    return {"sentence": problem.sentence(language()), "code": problem.code} if problem else None


def listed(
    request: HttpRequest,
    listing: Listing[Row],
    rows: Sequence[Row],
    *,
    template: str,
    problem: QingtianError | None,
    entered: int,
    **context: object,
) -> HttpResponse:
    """Answer with the register; above it how many rows were ``entered``, or the ``problem`` (status 422)."""
    shown = answer(request, listing, rows, template=template, problem=told(problem), entered=entered, **context)
    if problem is not None:
        shown.status_code = REFUSED
    return shown
