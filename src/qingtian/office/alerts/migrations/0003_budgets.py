"""Groups of episodes, notices that were held back, quiet hours, silences."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HELD = [
    ("silenced", "静默"),
    ("grouped", "归组"),
    ("quiet", "免打扰"),
    ("budget", "超出当日通知预算"),
]
KINDS = [
    ("opened", "新预警"),
    ("worsened", "预警升级"),
    ("recovered", "已恢复"),
    ("task", "任务"),
    ("returned", "任务退回"),
    ("overdue", "超时"),
    ("digest", "摘要"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0002_unread_notices"),
        ("sites", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "episode",
            "lead",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="followers", to="alerts.episode"
            ),
        ),
        migrations.AlterField("notice", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.AddField("notice", "held", models.CharField(blank=True, choices=HELD, default="", max_length=12)),
        migrations.AddField("notice", "basis", models.JSONField(default=dict)),
        migrations.AddField(
            "notice",
            "digest",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="gathered", to="alerts.notice"
            ),
        ),
        migrations.RemoveIndex("notice", "alerts_notice_unread"),
        migrations.AddIndex(
            "notice",
            models.Index(
                condition=models.Q(("held", ""), ("read_at", None)), fields=["user"], name="alerts_notice_unread"
            ),
        ),
        migrations.AddIndex(
            "notice",
            models.Index(
                condition=models.Q(models.Q(("held", ""), _negated=True), ("digest", None)),
                fields=["user"],
                name="alerts_notice_waiting",
            ),
        ),
        migrations.CreateModel(
            "QuietHours",
            [
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="quiet_hours",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
            ],
        ),
        migrations.CreateModel(
            "Silence",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("factor", models.CharField(blank=True, default="", max_length=16)),
                ("detector", models.CharField(blank=True, default="", max_length=32)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reason", models.TextField()),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "outlet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="silences", to="sites.outlet"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["outlet", "-until"], name="alerts_silence_outlet")]},
        ),
    ]
