"""Offers 待开启事项: what a matter's effect may open. An offer is taken once, or dropped with the reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.matters import acting, events, kinds, seeing
from qingtian.office.matters.acting import Acting
from qingtian.office.matters.models import LinkKind, Matter, MatterEffect, MatterLink
from qingtian.office.matters.places import Place
from qingtian.office.people.api import Scope, User


class OfferTaken(QingtianError):
    code = "matters.offer_taken"
    zh = "该待开启事项已由他人开启或已作罢，请刷新页面查看。"
    en = "That matter has been opened by somebody else, or dropped. Reload the page."


def offered(user: User, key: str, *, code: str) -> MatterEffect:
    """Return an offer that still stands, with the matter it comes from. One query.

    :raises OfferTaken: if it is gone, of another kind, or not at this person's place.
    """
    rows = MatterEffect.objects.select_related("matter__district", "matter__enterprise").exclude(done_at=None)
    return _standing(rows.filter(name=code), user, key)


def _standing(rows: QuerySet[MatterEffect], acting_user: Acting, key: str) -> MatterEffect:
    """:raises OfferTaken: if none of these is an offer that still stands, at a place of the acting user."""
    found = rows.filter(pk=key, kind="open", opened=None, dropped_at=None).first()
    if found is None or not _may_take(acting_user, found.matter):
        raise OfferTaken
    return found


def _may_take(acting_user: Acting, before: Matter) -> bool:
    """An offer is for who may open the kind, at that place; the matter it comes from may be closed to them."""
    if not isinstance(acting_user, User):
        return True
    return Scope.of(acting_user).contains(
        district=before.district_id, grid=before.grid_id, enterprise=before.enterprise_id
    )


def place_it(place: Place, acting_user: Acting, offer: str, *, code: str) -> None:
    """Let a matter of the kind lie where the offer's own does, and come from it; the offer is locked.

    :raises OfferTaken: as `offered` does.
    """
    rows = MatterEffect.objects.select_for_update(of=("self",)).select_related("matter__district", "matter__enterprise")
    place.offer = found = _standing(rows.filter(name=code), acting_user, offer)
    before = found.matter
    place.district, place.grid_id = before.district, before.grid_id
    place.enterprise, place.outlet = before.enterprise, before.outlet
    place.episode, place.task = before.episode, before.task
    place.source = place.source or before.code
    place.reference = place.reference or before.number


def take(offer: MatterEffect, matter: Matter, *, acting_user: Acting, at: datetime) -> None:
    """Note that the matter was opened from the offer."""
    offer.opened = matter
    offer.save(update_fields=["opened"])
    MatterLink.objects.create(
        matter=matter, other=offer.matter, kind=LinkKind.OPENED_FROM, at=at, by=acting_user.username
    )
    content = {"link": LinkKind.OPENED_FROM, "other": matter.number, "effect": offer.pk}
    events.record(offer.matter, acting_user=acting_user, act="gave_rise", at=at, content=content)


def drop_offer(*, acting_user: User, offer: str, reason: str, at: datetime) -> None:
    """Note that nothing is opened from an offer, with the reason (不开启).

    :raises OfferTaken: if it is gone, or not for this person.
    :raises MatterReasonMissing:
    """
    reason = acting.because(reason, Term(zh="不开启", en="open nothing"))
    with transaction.atomic():
        rows = MatterEffect.objects.select_for_update(of=("self",)).select_related("matter")
        found = _standing(rows, acting_user, offer)
        if not _may_open(acting_user, found.name, at):
            raise OfferTaken
        found.dropped_at = at
        found.save(update_fields=["dropped_at"])
        content = {"effect": found.pk, "open": found.name, "reason": reason}
        events.record(found.matter, acting_user=acting_user, act="drop_offer", at=at, content=content)


def _may_open(user: User, code: str, at: datetime) -> bool:
    definition = kinds.on(code, day=at.astimezone(BEIJING).date())
    return bool(kinds.opening_posts(definition) & seeing.viewer(user, at=at).standing.posts)
