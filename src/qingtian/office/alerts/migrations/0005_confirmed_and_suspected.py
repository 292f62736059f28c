"""What is confirmed and what is suspected: an episode may have a weight and no value; a finding may be superseded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0004_notices_of_matters"),
    ]

    operations = [
        migrations.AddField(
            model_name="episode",
            name="weight",
            field=models.FloatField(help_text="of the evidence of a suspicion, 0 to 1; no probability", null=True),
        ),
        migrations.AddField(
            model_name="episode",
            name="support",
            field=models.CharField(
                blank=True, default="", help_text="of what is confirmed: warn, penalty", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="episode",
            name="superseded",
            field=models.BooleanField(default=False, help_text="new data, a mark or a plan left nothing of it"),
        ),
        migrations.AlterField(
            model_name="episode",
            name="value",
            field=models.FloatField(help_text="none of a suspicion", null=True),
        ),
        migrations.AlterField(
            model_name="episode",
            name="peak",
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name="findingrecord",
            name="value",
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "新预警"),
                    ("worsened", "预警升级"),
                    ("recovered", "已恢复"),
                    ("superseded", "已更正"),
                    ("task", "任务"),
                    ("returned", "任务退回"),
                    ("overdue", "超时"),
                    ("matter", "事项"),
                    ("due", "临期"),
                    ("digest", "摘要"),
                ],
                max_length=12,
            ),
        ),
    ]
