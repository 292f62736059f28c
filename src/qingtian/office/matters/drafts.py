"""Registers between preview and confirmation (导入草稿): the file is kept for its person, so that it is sent once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.matters.importing import Preview, import_register, preview_import
from qingtian.office.matters.models import Matter, RegisterDraft
from qingtian.office.people.api import User

KEPT = timedelta(days=1)


class DraftGone(QingtianError):
    code = "matters.draft_gone"
    zh = "没有等待确认的台账：已导入、已被新的上传取代，或已超过一天。没有导入；请重新上传并预览。"
    en = (
        "No register waits to be confirmed: it was taken in, replaced by another, or is older than a day. "
        "Nothing was imported; upload it again and look at the preview."
    )


def put_draft(*, acting_user: User, code: str, act: str, name: str, content: bytes, at: datetime) -> Preview:
    """Preview a register, and keep it until it is confirmed; a former one of this person is forgotten.

    :raises WorkbookUnreadable: if it is none of the kind; then nothing is kept.
    """
    found = preview_import(acting_user=acting_user, code=code, content=content, at=at, act=act)
    kept = {"code": code, "act": act, "name": name[:160], "digest": found.digest, "content": content, "at": at}
    RegisterDraft.objects.update_or_create(user=acting_user, defaults=kept)
    return found


def confirm_draft(*, acting_user: User, code: str, digest: str, at: datetime) -> list[Matter]:
    """Take in the register that this person has previewed; ``digest`` is that of the preview. Then it is forgotten.

    :raises DraftGone: if none of the kind waits.
    :raises ImportChanged, ImportRefused: as `import_register` does; then it goes on waiting.
    """
    with transaction.atomic():
        draft = RegisterDraft.objects.select_for_update().filter(user=acting_user, code=code).first()
        if draft is None:
            raise DraftGone
        content = bytes(draft.content)
        opened = import_register(
            acting_user=acting_user, code=code, content=content, digest=digest, at=at, act=draft.act
        )
        draft.delete()
    return opened


def forget_drafts(*, at: datetime) -> int:
    """Forget registers that nobody has confirmed for a day; return how many. They hold people's names."""
    return RegisterDraft.objects.filter(at__lt=at - KEPT).delete()[0]
