"""Papers are found by their number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0007_figures_and_taken_over")]

    operations = [
        migrations.AddIndex(
            model_name="matterpaper",
            index=models.Index(
                fields=["number"], condition=models.Q(("number", ""), _negated=True), name="matters_paper_number"
            ),
        ),
    ]
