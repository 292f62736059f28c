from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_pages_of_views")]

    operations = [
        migrations.AddField(model_name="matterpaper", name="particulars", field=models.JSONField(default=dict)),
        *(
            migrations.AddField(
                model_name="matterpaper", name=name, field=models.CharField(blank=True, default="", max_length=64)
            )
            for name in ("template", "pdf", "docx")
        ),
        migrations.AddField(model_name="matterpaper", name="typeset_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="matterpaper",
            index=models.Index(
                condition=models.Q(("origin", "made"), ("typeset_at", None)),
                fields=["id"],
                name="matters_paper_untypeset",
            ),
        ),
    ]
