"""Who holds which post and which certificate (任职与证件), for the administrator; nobody else reads these lists."""

from __future__ import annotations

from datetime import date

from qingtian.office.ledger import api as ledger
from qingtian.office.people.appointing import NoSuchPerson, require
from qingtian.office.people.models import Certificate, Post, User

ACTS = ("give_post", "end_post", "record_certificate", "withdraw_certificate")


def appointments(user: User) -> list[Post]:
    """Return the posts given by name, those that have ended too, newest first. One query.

    :raises NotYours: if it is not the administrator.
    """
    require(user)
    return list(Post.objects.select_related("user").order_by("-since", "-pk"))


def certificates(user: User) -> list[Certificate]:
    """Return all certificates, those that end first on top. One query.

    :raises NotYours: if it is not the administrator.
    """
    require(user)
    rows = Certificate.objects.select_related("user")
    return sorted(rows, key=lambda row: (row.until or date.max, row.pk))


def person(user: User, user_id: int) -> User:
    """Return somebody with district, grid, posts and certificates at hand. Three queries.

    :raises NotYours: if it is not the administrator.
    :raises NoSuchPerson: if there is nobody of this key.
    """
    require(user)
    rows = User.objects.select_related("district", "grid").prefetch_related("posts", "certificates")
    found = rows.filter(pk=user_id).first()
    if found is None:
        raise NoSuchPerson(username=user_id)
    return found


def appointed(user: User, user_id: int) -> list[ledger.Line]:
    """Return what was given to somebody and taken back, as the ledger has it. One query.

    :raises NotYours: if it is not the administrator.
    """
    require(user)
    return ledger.history(f"user:{user_id}", acts=ACTS)
