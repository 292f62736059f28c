"""Acts of people on themselves: preferences (语言、主题、关怀模式)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import api as ledger
from qingtian.office.people.models import Language, Theme, User


class NoSuchPreference(QingtianError):
    code = "people.no_such_preference"
    zh = "没有“{value}”这个选项，设置没有改变。请从列出的选项中选择。"
    en = "There is no choice {value!r}; nothing was changed. Choose one of those listed."


def set_preferences(*, acting_user: User, language: str, theme: str, care_mode: bool, at: datetime) -> None:
    """Keep how this person wants to see pages.

    :raises NoSuchPreference: if the language or the theme is none of those there are.
    """
    for value, choices in ((language, Language), (theme, Theme)):
        if value not in choices.values:
            raise NoSuchPreference(value=value)
    with transaction.atomic():
        acting_user.language, acting_user.theme, acting_user.care_mode = language, theme, care_mode
        acting_user.save(update_fields=["language", "theme", "care_mode"])
        ledger.append(
            chain=f"user:{acting_user.pk}",
            acting_user=acting_user,
            act="set_preferences",
            at=at,
            content={"language": language, "theme": theme, "care_mode": care_mode},
        )
