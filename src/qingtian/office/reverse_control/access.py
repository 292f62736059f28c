"""Commands as people may see them: lists by filter, one with its answers, counts of what is open."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingtian.base.errors import Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Scope, User
from qingtian.office.reverse_control import events, rights
from qingtian.office.reverse_control.models import OPEN, DeviceCommand
from qingtian.office.sites.api import NotFoundHere, history_within

PAGE = 50


def _in_scope(user: User) -> QuerySet[DeviceCommand]:
    if not rights.may_watch(user):
        return DeviceCommand.objects.none()
    return DeviceCommand.objects.filter(Scope.of(user).q("outlet__"))


def commands(
    user: User,
    *,
    state: str = "",
    origin: str = "",
    cn: int | None = None,
    outlet: str = "",
    mn: str = "",
    search: str = "",
    limit: int = PAGE,
) -> list[DeviceCommand]:
    """Return commands in scope, newest first, with outlet and enterprise. One query.

    ``state`` is a state, ``open`` (not ended) or empty.
    """
    rows = _in_scope(user).select_related("outlet__enterprise")
    if state:
        rows = rows.filter(state__in=OPEN) if state == "open" else rows.filter(state=state)
    if origin:
        rows = rows.filter(origin=origin)
    if cn is not None:
        rows = rows.filter(cn=cn)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if mn:
        rows = rows.filter(device_id=mn)
    if search:
        rows = rows.filter(
            Q(device__mn__icontains=search)
            | Q(qn=search)
            | Q(outlet__name__icontains=search)
            | Q(outlet__code__iexact=search)
            | Q(outlet__enterprise__name__icontains=search)
            | Q(actor_name__icontains=search)
        )
    return list(rows.order_by("-created", "-qn")[:limit])


def command(user: User, command_id: str) -> DeviceCommand:
    """Return one command with outlet, enterprise and its answers (prefetched, in the order they were told).

    :raises NotFoundHere: if there is none in the user's scope.
    """
    rows = _in_scope(user).select_related("outlet__enterprise", "outlet__district", "device")
    found = rows.prefetch_related("answers").filter(pk=command_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="反控命令", en="command"), code=command_id)
    return found


def timeline(user: User, command_id: str) -> list[ledger.Line]:
    """Return the history of a command.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    return history_within(
        _in_scope(user), command_id, what=Term(zh="反控命令", en="command"), chain=events.chain(command_id)
    )


def open_count(user: User, *, outlet: str = "") -> int:
    """Return how many commands in scope (to one outlet, if given) have not ended. One query, none for who sees none."""
    if not rights.may_watch(user):
        return 0
    rows = _in_scope(user).filter(state__in=OPEN)
    return rows.filter(outlet_id=outlet).count() if outlet else rows.count()
