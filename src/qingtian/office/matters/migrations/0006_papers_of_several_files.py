"""A paper that is brought may have several files, in their order; what has one keeps it."""

from django.db import migrations, models

TAKEN_OVER = """
UPDATE matters_matterpaper SET files = jsonb_build_array(
    jsonb_build_object('sha256', file, 'name', file_name, 'media_type', media_type, 'bytes', bytes)
) WHERE file <> ''
"""
GIVEN_BACK = """
UPDATE matters_matterpaper SET file = files->0->>'sha256', file_name = files->0->>'name',
    media_type = files->0->>'media_type', bytes = (files->0->>'bytes')::bigint
WHERE files <> '[]'::jsonb
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0005_register_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="matterpaper",
            name="files",
            field=models.JSONField(default=list),
        ),
        migrations.RunSQL(TAKEN_OVER, reverse_sql=GIVEN_BACK),
        migrations.RemoveIndex(model_name="matterpaper", name="matters_paper_file"),
        migrations.RemoveField(model_name="matterpaper", name="file"),
        migrations.RemoveField(model_name="matterpaper", name="file_name"),
        migrations.RemoveField(model_name="matterpaper", name="media_type"),
        migrations.RemoveField(model_name="matterpaper", name="bytes"),
    ]
