"""An index for the count of unread notices, which every page shows."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["user"], condition=models.Q(("read_at", None)), name="alerts_notice_unread"),
        )
    ]
