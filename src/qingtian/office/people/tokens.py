"""Tokens 访问令牌 for programs: made by their owner, shown once, kept as a digest, revocable; acts on the ledger."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import api as ledger
from qingtian.office.people.models import Token, User

SCOPES = (
    *("alerts:read", "tasks:read", "tasks:act", "outlets:read", "matters:read", "matters:act", "papers:read"),
    *("ledger:read", "ledger:erase", "marks:read", "marks:act", "quality:read", "quality:act"),
)
"""What a token may be for; it never opens more than its owner may see and do."""
PREFIX = "qt_"
LONGEST_DAYS = 366


class TokenRefused(QingtianError):
    code = "people.token_refused"
    zh = "令牌没有生成：请填写名称，至少选择一项权限，有效期 1 至 {most} 天。"
    en = "The token was not made: give it a name, at least one scope that exists, and 1 to {most} days."


class NoSuchToken(QingtianError):
    code = "people.no_such_token"
    zh = "您没有这个有效的令牌，未作改动。请刷新页面后核对。"
    en = "You have no such live token; nothing was changed. Load the page again and check."


def make_token(*, acting_user: User, name: str, scopes: Collection[str], days: int, at: datetime) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is not kept and cannot be shown again.

    :raises TokenRefused: without a name, with a scope that does not exist or none, or for too long.
    """
    name = name.strip()[:64]
    if not name or not scopes or not set(scopes) <= set(SCOPES) or not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(most=LONGEST_DAYS)
    secret = PREFIX + secrets.token_urlsafe(32)
    said = " ".join(scope for scope in SCOPES if scope in scopes)
    with transaction.atomic():
        made = Token.objects.create(
            user=acting_user,
            name=name,
            scopes=said,
            digest=_digest(secret),
            made_at=at,
            expires_at=at + timedelta(days=days),
        )
        content = {"token": made.pk, "name": name, "scopes": said, "until": made.expires_at}
        _record(acting_user, "make_token", at, content)
    return made, secret


def revoke_token(*, acting_user: User, token_id: int, at: datetime) -> None:
    """Let one's own token open nothing any more.

    :raises NoSuchToken: if it is another's, or revoked already.
    """
    with transaction.atomic():
        if not Token.objects.filter(pk=token_id, user=acting_user, revoked_at=None).update(revoked_at=at):
            raise NoSuchToken
        _record(acting_user, "revoke_token", at, {"token": token_id})


def tokens(user: User) -> list[Token]:
    """Return one's own tokens, newest first."""
    return list(Token.objects.filter(user=user).order_by("-pk"))


def holder(secret: str, *, at: datetime) -> Token | None:
    """Return the live token of this secret with its owner, if there is one. One query."""
    live = Token.objects.select_related("user", "user__district", "user__grid").filter(
        digest=_digest(secret), revoked_at=None, expires_at__gt=at, user__is_active=True
    )
    return live.first()


def _digest(secret: str) -> str:
    # a secret of 256 random bits needs no salt and no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(user: User, act: str, at: datetime, content: dict[str, object]) -> None:
    ledger.append(chain=f"user:{user.pk}", acting_user=user, act=act, at=at, content=content)
